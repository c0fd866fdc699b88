#include "scaler/actuator/call_error.hpp"

#include <fmt/format.h>

namespace wakegate::actuator {
namespace {

enum class cause { metadata, name, connection, scaler };

/// gRPC has no status codes for these; a connection may have come up since the call failed.
constexpr std::string_view unresolved = "DNS resolution failed";
constexpr std::string_view unconnected = "connections to all backends failing";

cause cause_in(const call_error& error) {
    if (error.code == grpc::StatusCode::INVALID_ARGUMENT) {
        return cause::metadata;
    }
    if (error.code != grpc::StatusCode::UNAVAILABLE) {
        return cause::scaler;
    }
    if (error.text.starts_with(unresolved)) {
        return cause::name;
    }
    const bool is_scalers = error.connected && !error.text.starts_with(unconnected);
    return is_scalers ? cause::scaler : cause::connection;
}

} // namespace

std::string_view name_of(grpc::StatusCode code) noexcept {
    switch (code) {
    case grpc::StatusCode::OK:
        return "OK";
    case grpc::StatusCode::CANCELLED:
        return "CANCELLED";
    case grpc::StatusCode::INVALID_ARGUMENT:
        return "INVALID_ARGUMENT";
    case grpc::StatusCode::DEADLINE_EXCEEDED:
        return "DEADLINE_EXCEEDED";
    case grpc::StatusCode::UNIMPLEMENTED:
        return "UNIMPLEMENTED";
    case grpc::StatusCode::INTERNAL:
        return "INTERNAL";
    case grpc::StatusCode::UNAVAILABLE:
        return "UNAVAILABLE";
    default:
        return "status";
    }
}

std::string describe(const call_error& error) {
    return fmt::format(
        "{}: {} ({}): {}", error.rpc, name_of(error.code), static_cast<int>(error.code), error.text
    );
}

std::string cause_of(const call_error& error) {
    switch (cause_in(error)) {
    case cause::metadata:
        return "metadata refused: " + error.text;
    case cause::name:
        return "the address of no scaler resolves: " + error.text;
    case cause::connection:
        return "no scaler connected: " + error.text;
    case cause::scaler:
        return error.text;
    }
    return error.text;
}

std::string remedy_for(const call_error& error, std::string_view scaled_object) {
    switch (cause_in(error)) {
    case cause::metadata:
        return fmt::format("correct scaled_objects.{}.metadata", scaled_object);
    case cause::name:
        return "correct the name in scalers, or its DNS record";
    case cause::connection:
        return "start the scaler, or correct scalers: its listen address as seen from here";
    case cause::scaler:
        return fmt::format(
            "the reason is the scaler's; compare scaled_objects.{}.metadata with the clusters on "
            "the scaler's /status",
            scaled_object
        );
    }
    return "";
}

} // namespace wakegate::actuator
