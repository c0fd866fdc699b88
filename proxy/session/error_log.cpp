#include "proxy/session/error_log.hpp"

#include "common/log.hpp"

namespace wakegate::proxy {

void log_refusal(
    std::string_view event,
    const std::string& peer,
    const client_error& text,
    const error_log_fields& notes
) {
    auto line = log::info(event);
    if (!notes.cluster.empty()) {
        line.with("cluster", notes.cluster);
    }
    if (notes.who) {
        line.with("ticket", *notes.who);
    }
    line.with("peer", peer);
    if (notes.client != nullptr) {
        notes.client->add_names_to(line);
    }
    if (!notes.cause.empty()) {
        line.with("cause", notes.cause);
    }
    line.with("sqlstate", text.sqlstate).with("reason", text.message);
}

} // namespace wakegate::proxy
