#include "proxy/config/proxy_config.hpp"
#include "tests/support/configuration_failure.hpp"
#include "tests/support/temporary_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace wakegate::proxy {
namespace {

using keys = std::set<std::string>;

/// "address" of "address: HOST:PORT"; empty when there is no key in front.
std::string key_in_front(std::string_view text) {
    const auto end =
        text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_");
    const bool is_key = end != std::string_view::npos && text[end] == ':';
    return is_key ? std::string(text.substr(0, end)) : std::string();
}

/// What stands in braces: "{listener: NAME, cluster: NAME}" gives two, "{name}" none.
keys inline_keys(std::string_view line) {
    keys found;
    const auto open = line.find('{');
    if (open == std::string_view::npos) {
        return found;
    }
    auto rest = line.substr(open + 1, line.find('}') - open - 1);
    for (;;) {
        if (auto key = key_in_front(rest); !key.empty()) {
            found.insert(std::move(key));
        }
        const auto comma = rest.find(", ");
        if (comma == std::string_view::npos) {
            return found;
        }
        rest.remove_prefix(comma + 2);
    }
}

/// The keys that the reference names in each mapping, which is called by its path: "" is the file,
/// "clusters.NAME.probe" one of the deepest.
std::map<std::string, keys> documented_keys() {
    std::map<std::string, keys> mappings;
    std::vector<std::string> path; // one name for each step of two spaces
    std::istringstream lines{std::string(proxy_config_reference)};
    for (std::string line; std::getline(lines, line);) {
        auto indentation = line.find_first_not_of(' ');
        const bool begins_entry = line[indentation] == '-' && line[indentation + 2] != '{';
        if (begins_entry) { // of a list, whose keys stand two steps further in
            path.resize(indentation / 2);
            path.emplace_back("-");
            indentation += 2;
        }
        const auto key = key_in_front(std::string_view(line).substr(indentation));
        if (!key.empty()) {
            path.resize(indentation / 2);
            mappings[fmt::to_string(fmt::join(path, "."))].insert(key);
            path.push_back(key);
        }
        if (auto inner = inline_keys(line); !inner.empty()) {
            mappings[fmt::to_string(fmt::join(path, "."))].merge(inner);
        }
    }
    return mappings;
}

/// A file with a key that nobody knows, in one of its mappings.
struct odd_file {
    const char* name;
    std::string path; ///< of the mapping, as in the reference
    std::string listener = "{address: 'l:1'}";
    std::string cluster = "backend: 'h:1'";
    std::string rest = {};
};

const std::string odd_key = "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz: 1";

class documented_mappings : public testing::TestWithParam<odd_file> {};

/// The loader lists what it would have taken: "known here: a, b".
keys accepted_keys(const odd_file& odd) {
    const support::temporary_file file(
        "listeners: {main: " + odd.listener + "}\nclusters: {app: {" + odd.cluster + "}}\n" +
        odd.rest
    );
    const auto failure =
        support::configuration_failure([&] { std::ignore = load_proxy_config(file.path()); });
    const std::string introduction = "known here: ";
    const auto list = failure.find(introduction);
    EXPECT_NE(list, std::string::npos) << failure;
    keys accepted;
    std::istringstream words(failure.substr(std::min(failure.size(), list + introduction.size())));
    for (std::string word; words >> word;) {
        accepted.insert(word.substr(0, word.find(',')));
    }
    return accepted;
}

TEST_P(documented_mappings, name_the_keys_that_the_loader_takes_and_no_others) {
    EXPECT_EQ(documented_keys()[GetParam().path], accepted_keys(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(
    proxy_config,
    documented_mappings,
    testing::ValuesIn(std::vector<odd_file>{
        {.name = "file", .path = "", .rest = odd_key},
        {.name = "listener",
         .path = "listeners.NAME",
         .listener = "{address: 'l:1', " + odd_key + "}"},
        {.name = "tls",
         .path = "listeners.NAME.tls",
         .listener = "{address: 'l:1', tls: {" + odd_key + "}}"},
        {.name = "client_role",
         .path = "listeners.NAME.tls.client_roles",
         .listener = "{address: 'l:1', tls: {client_roles: [{name: a, role: b, " + odd_key + "}]}}"
        },
        {.name = "proxy_protocol",
         .path = "listeners.NAME.proxy_protocol",
         .listener = "{address: 'l:1', proxy_protocol: {" + odd_key + "}}"},
        {.name = "listener_tcp",
         .path = "listeners.NAME.tcp",
         .listener = "{address: 'l:1', tcp: {" + odd_key + "}}"},
        {.name = "admin", .path = "admin", .rest = "admin: {address: 'h:1', " + odd_key + "}"},
        {.name = "cancel", .path = "cancel", .rest = "cancel: {" + odd_key + "}"},
        {.name = "log", .path = "log", .rest = "log: {" + odd_key + "}"},
        {.name = "cluster", .path = "clusters.NAME", .cluster = "backend: 'h:1', " + odd_key},
        {.name = "backend_tls",
         .path = "clusters.NAME.backend_tls",
         .cluster = "backend: 'h:1', backend_tls: {" + odd_key + "}"},
        {.name = "cluster_tcp",
         .path = "clusters.NAME.tcp",
         .cluster = "backend: 'h:1', tcp: {" + odd_key + "}"},
        {.name = "hold_timeout",
         .path = "clusters.NAME.hold_timeouts",
         .cluster = "backend: 'h:1', hold_timeouts: [{application_name: a, hold_timeout: 1s, " +
                    odd_key + "}]"},
        {.name = "probe",
         .path = "clusters.NAME.probe",
         .cluster = "backend: 'h:1', probe: {" + odd_key + "}"},
        {.name = "wake",
         .path = "clusters.NAME.wake",
         .cluster = "backend: 'h:1', wake: [{class: defer, " + odd_key + "}]"},
        {.name = "auth_query",
         .path = "clusters.NAME.auth_query",
         .cluster = "backend: 'h:1', auth: scram, auth_query: {user: a, " + odd_key + "}"},
        {.name = "route", .path = "routes.-", .rest = "routes: [{cluster: app, " + odd_key + "}]"},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST(proxy_config_reference, has_no_mapping_that_the_loader_does_not_take) {
    keys named;
    for (const auto& [path, inside] : documented_keys()) {
        if (!inside.empty()) {
            named.insert(path);
        }
    }
    const keys tested = {
        "",
        "admin",
        "cancel",
        "clusters",
        "clusters.NAME",
        "clusters.NAME.auth_query",
        "clusters.NAME.backend_tls",
        "clusters.NAME.hold_timeouts",
        "clusters.NAME.probe",
        "clusters.NAME.tcp",
        "clusters.NAME.wake",
        "listeners",
        "listeners.NAME",
        "listeners.NAME.proxy_protocol",
        "listeners.NAME.tcp",
        "listeners.NAME.tls",
        "listeners.NAME.tls.client_roles",
        "log",
        "routes.-",
    };
    EXPECT_EQ(named, tested);
}

TEST(proxy_config_reference, fits_the_width_of_the_help_text) {
    std::istringstream lines{std::string(proxy_config_reference)};
    for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(line.size(), 100U) << line;
    }
}

} // namespace
} // namespace wakegate::proxy
