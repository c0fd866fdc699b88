#pragma once

namespace wakegate {

/// Has gRPC's own messages logged as events, `grpc`: gRPC would write its own format to standard
/// error and wait there for whoever reads it. For the whole process, at any time, any number of
/// times. Of a library of its own: most of `common`'s users have no gRPC.
void log_grpc_messages() noexcept;

} // namespace wakegate
