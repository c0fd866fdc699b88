#pragma once

namespace wakegate {

/// Logs gRPC's own messages as `grpc` events: by default gRPC writes its own format to standard
/// error, and blocks while nobody reads it. Process-wide; may be called at any time, repeatedly.
void log_grpc_messages() noexcept;

} // namespace wakegate
