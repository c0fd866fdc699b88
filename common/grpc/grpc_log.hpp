#pragma once

namespace wakegate {

/// Has gRPC's own messages logged as events, `grpc`: gRPC would write its own format to standard
/// error, and block while nobody reads it. Process-wide; may be called at any time, and repeatedly.
void log_grpc_messages() noexcept;

} // namespace wakegate
