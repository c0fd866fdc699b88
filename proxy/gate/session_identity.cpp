#include "proxy/gate/session_identity.hpp"

#include <string_view>

namespace wakegate::proxy {
namespace {

void add(log::event& line, std::string_view key, const std::string& value) {
    if (!value.empty()) {
        line.with(key, value);
    }
}

} // namespace

void session_identity::add_to(log::event& line) const {
    add(line, "peer", peer);
    add_names_to(line);
}

void session_identity::add_names_to(log::event& line) const {
    add(line, "role", role);
    add(line, "database", database);
    add(line, "application_name", application_name);
}

} // namespace wakegate::proxy
