#include "common/configuration_reference.hpp"
#include "proxy/config/proxy_config.hpp"
#include "proxy/config/reference.hpp"
#include "tests/support/read_keys.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <tuple>
#include <vector>

namespace wakegate::proxy {
namespace {

const std::vector<std::string> examples = {
    R"(
name: gate
listeners: {main: {address: "127.0.0.1:1"}}
admin: {address: "127.0.0.1:2"}
clusters:
  app:
    backend: "h:1"
    hold_timeouts: [{application_name: a, hold_timeout: 1s}]
    wake: [{class: defer, role: a}, {class: always}]
routes: [{cluster: app}]
)",
    R"(
listeners: {main: {address: "127.0.0.1:1"}}
cancel: {listen: "127.0.0.1:2"}
clusters: {app: {backend: "h:1", auth: scram, userlist: a}}
)",
    R"(
listeners: {main: {address: "127.0.0.1:1"}}
clusters: {app: {backend: "h:1", auth: scram, auth_query: {user: a}}}
)",
    R"(
listeners: {main: {address: "127.0.0.1:1", tls: {client_roles: [{name: a, role: b}]}}}
)",
};

void read(const yaml_map& file) {
    std::ignore = read_proxy_config(file);
}

TEST(reference, has_the_keys_that_are_read_with_their_defaults) {
    support::expect_keys(configuration_keys(), support::read_keys(examples, read));
}

TEST(reference, calls_required_what_is_missed) {
    support::expect_required_keys_are_missed(configuration_keys(), examples, read);
}

TEST(reference, fits_the_width_of_the_help_text) {
    std::istringstream lines(format_reference(configuration_keys()));
    for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(line.size(), 100U) << line;
    }
}

} // namespace
} // namespace wakegate::proxy
