#pragma once

#include <grpcpp/support/status.h>

#include <string>
#include <string_view>

namespace wakegate::actuator {

/// A call that a scaler refused, or that reached none.
struct call_error {
    std::string rpc;                              ///< "IsActive"
    grpc::StatusCode code = grpc::StatusCode::OK; ///< OK: the answer was unusable
    std::string text;       ///< the scaler's own, or gRPC's when there was no connection
    bool connected = false; ///< whether some scaler was connected when the call failed
};

/// "UNAVAILABLE", as in gRPC's documents.
[[nodiscard]] std::string_view name_of(grpc::StatusCode code) noexcept;

/// For the log: "IsActive: UNAVAILABLE (14): no proxy has …".
[[nodiscard]] std::string describe(const call_error& error);

/// What is wrong, for /readyz and /status: "metadata refused: …", "no scaler connected: …", "the
/// address of no scaler resolves: …", or the scaler's text.
[[nodiscard]] std::string cause_of(const call_error& error);

/// Where to look and what to change. `scaled_object` is the name in our configuration.
[[nodiscard]] std::string remedy_for(const call_error& error, std::string_view scaled_object);

} // namespace wakegate::actuator
