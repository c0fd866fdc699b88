#pragma once

#include <grpcpp/support/status.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace wakegate::proxy {

/// Why a scaler's address can't be reached.
enum class scaler_failure_kind : std::uint8_t {
    unresolved,   ///< the name has no address
    refused,      ///< nothing listens there
    no_answer,    ///< timeouts, unreachable hosts
    not_a_scaler, ///< another service listens there
    other,
};

struct scaler_failure {
    scaler_failure_kind kind = scaler_failure_kind::other;
    std::string reason; ///< for people, in one line

    friend bool operator==(const scaler_failure&, const scaler_failure&) = default;
};

/// Why a call ended. OK is a failure as well: no scaler ends a call while it runs. The reason is
/// gRPC's text without addresses and prefixes.
[[nodiscard]] scaler_failure to_failure(const grpc::Status& status);

/// What an operator can do about it.
[[nodiscard]] std::string_view remedy_for(scaler_failure_kind kind) noexcept;

} // namespace wakegate::proxy
