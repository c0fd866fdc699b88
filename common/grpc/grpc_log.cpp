#include "common/grpc/grpc_log.hpp"

#include "common/log.hpp"

#include <grpc/support/log.h>

namespace wakegate {
namespace {

void log_message(gpr_log_func_args* record) {
    if (record->severity == GPR_LOG_SEVERITY_ERROR) {
        log::warning("grpc").with("message", record->message);
    } else {
        log::debug("grpc").with("message", record->message);
    }
}

} // namespace

void log_grpc_messages() noexcept {
    gpr_set_log_function(log_message);
}

} // namespace wakegate
