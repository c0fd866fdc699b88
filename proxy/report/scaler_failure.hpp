#pragma once

#include <grpcpp/support/status.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace wakegate::proxy {

/// Why a scaler's address can't be reached.
enum class scaler_failure_kind : std::uint8_t {
    unresolved,   ///< its name has no address
    refused,      ///< nothing listens there
    no_answer,    ///< no answer from there
    not_a_scaler, ///< something else than a scaler listens there
    other,
};

struct scaler_failure {
    scaler_failure_kind kind = scaler_failure_kind::other;
    std::string reason; ///< for people, in one line

    friend bool operator==(const scaler_failure&, const scaler_failure&) = default;
};

/// Of a call that has ended, for good as well: no scaler ends one while it runs. gRPC's words
/// without its addresses and wrappings.
[[nodiscard]] scaler_failure to_failure(const grpc::Status& status);

/// What an operator can do about it.
[[nodiscard]] std::string_view remedy_for(scaler_failure_kind kind) noexcept;

} // namespace wakegate::proxy
