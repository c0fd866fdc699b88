#include "proxy/session/error_log.hpp"

#include "common/log.hpp"

namespace wakegate::proxy {

void log_client_error(
    std::string_view event,
    const std::string& peer,
    const client_error& error,
    const error_log_fields& fields
) {
    auto line = log::info(event);
    if (!fields.cluster.empty()) {
        line.with("cluster", fields.cluster);
    }
    if (fields.ticket) {
        line.with("ticket", *fields.ticket);
    }
    line.with("peer", peer);
    if (fields.client != nullptr) {
        fields.client->add_names_to(line);
    }
    if (!fields.cause.empty()) {
        line.with("cause", fields.cause);
    }
    line.with("sqlstate", error.sqlstate).with("reason", error.message);
}

} // namespace wakegate::proxy
