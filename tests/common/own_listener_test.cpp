#include "common/own_listener.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate {
namespace {

struct pair_of_addresses {
    std::string target;
    std::string listening;
    bool leads_there;
};

TEST(own_listener, is_found_by_address_by_name_and_by_any_address_of_the_machine) {
    const std::vector<pair_of_addresses> table = {
        {"127.0.0.1:6432", "127.0.0.1:6432", true},
        {"127.0.0.1:5432", "127.0.0.1:6432", false},
        {"127.0.0.2:6432", "127.0.0.1:6432", false},
        {"127.0.0.2:6432", "*:6432", true},
        {"127.0.0.1:6432", "0.0.0.0:6432", true},
        {"[::1]:6432", "0.0.0.0:6432", false},
        {"[::1]:6432", "[::]:6432", true},
        {"127.0.0.1:6432", "[::]:6432", true},
        {"localhost:6432", "*:6432", true},
        {"localhost:6432", "127.0.0.1:6432", true},
        {"localhost:6432", "127.0.0.2:6432", false},
        {"127.0.0.1:6432", "localhost:6432", true},
        {"0.0.0.0:6432", "*:6432", true},
        {"[::ffff:127.0.0.1]:6432", "127.0.0.1:6432", true},
        {"db.example:6432", "db.example:6432", true},
        {"db.example:6432", "*:6432", false}, // only DNS could tell
        {"192.0.2.1:6432", "*:6432", false},  // TEST-NET-1 (RFC 5737): of no machine
    };
    for (const auto& [target, listening, leads_there] : table) {
        const auto to = parse_host_port(target);
        const auto at = parse_host_port(listening);
        ASSERT_TRUE(to && at);
        EXPECT_EQ(is_own_listener(*to, *at), leads_there) << target << " at " << listening;
    }
}

} // namespace
} // namespace wakegate
