#include "proxy/report/scaler_failure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

namespace wakegate::proxy {
namespace {

bool contains_any(std::string_view text, std::initializer_list<std::string_view> parts) {
    return std::any_of(parts.begin(), parts.end(), [text](std::string_view part) {
        return text.find(part) != std::string_view::npos;
    });
}

void drop_prefix(std::string_view& text, std::string_view prefix) {
    if (text.starts_with(prefix)) {
        text.remove_prefix(prefix.size());
    }
}

/// "failed to connect to all addresses; last error: UNKNOWN: ipv4:192.0.2.1:9411: Failed to connect
/// to remote host: Connection refused" is reduced to its last two words.
std::string_view unwrap(std::string_view words) {
    constexpr std::string_view before = "last error: ";
    if (const auto last = words.rfind(before); last != std::string_view::npos) {
        words.remove_prefix(last + before.size());
    }
    drop_prefix(words, "UNKNOWN: ");
    drop_prefix(words, "UNAVAILABLE: ");
    if (words.starts_with("ipv4:") || words.starts_with("ipv6:")) {
        const auto end = words.find(": ");
        words.remove_prefix(end == std::string_view::npos ? 0 : end + 2);
    }
    drop_prefix(words, "Failed to connect to remote host: ");
    drop_prefix(words, "recvmsg:");
    return words;
}

} // namespace

scaler_failure to_failure(const grpc::Status& status) {
    if (status.ok()) {
        return {scaler_failure_kind::other, "ended by the scaler"};
    }
    if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED) {
        return {
            scaler_failure_kind::not_a_scaler,
            "another gRPC server, without the service wakegate.DemandReports"
        };
    }
    const auto all_words = status.error_message();
    const auto words = unwrap(all_words);
    if (contains_any(words, {"refused"})) {
        return {scaler_failure_kind::refused, std::string(words)};
    }
    // gRPC's texts for a connect that timed out.
    if (contains_any(words, {"handshaker shutdown", "FD shutdown", "FD Shutdown"})) {
        return {scaler_failure_kind::no_answer, "Connection timed out"};
    }
    if (contains_any(words, {"timed out", "imeout", "No route", "unreachable"})) {
        return {scaler_failure_kind::no_answer, std::string(words)};
    }
    if (contains_any(words, {"HTTP/2", "http1", "http2"})) {
        return {scaler_failure_kind::not_a_scaler, fmt::format("no gRPC server: {}", words)};
    }
    if (words.empty()) {
        return {
            scaler_failure_kind::other,
            fmt::format("gRPC status {}", static_cast<int>(status.error_code()))
        };
    }
    return {scaler_failure_kind::other, std::string(words)};
}

std::string_view remedy_for(scaler_failure_kind kind) noexcept {
    switch (kind) {
    case scaler_failure_kind::unresolved:
        return "correct the name under scalers, or have the name service know it";
    case scaler_failure_kind::refused:
        return "start wakegate-scaler there, or name under scalers what its key listen says";
    case scaler_failure_kind::no_answer:
        return "check the address under scalers, and whether a firewall or a network policy is "
               "between here and there";
    case scaler_failure_kind::not_a_scaler:
        return "name under scalers what wakegate-scaler's key listen says: not its admin address, "
               "nor a port of KEDA's";
    case scaler_failure_kind::other:
        break;
    }
    return "see the log of the wakegate-scaler there";
}

} // namespace wakegate::proxy
