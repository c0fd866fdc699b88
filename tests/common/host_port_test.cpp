#include "common/host_port.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace wakegate {

void PrintTo(const host_port& value, std::ostream* out) {
    *out << to_string(value);
}

namespace {

struct address_case {
    const char* name;
    std::string text;
    std::optional<host_port> value;
};

class host_port_addresses : public testing::TestWithParam<address_case> {};

TEST_P(host_port_addresses, are_read_whole_or_not_at_all) {
    EXPECT_EQ(parse_host_port(GetParam().text), GetParam().value);
}

INSTANTIATE_TEST_SUITE_P(
    host_port,
    host_port_addresses,
    testing::ValuesIn(std::vector<address_case>{
        {"name", "db.example.com:5432", host_port{"db.example.com", 5432}},
        {"ipv4", "10.0.0.1:1", host_port{"10.0.0.1", 1}},
        {"ipv6", "[::1]:5432", host_port{"::1", 5432}},
        {"every_address", "*:5432", host_port{"*", 5432}},
        {"any_free_port", "localhost:0", host_port{"localhost", 0}},
        {"highest_port", "h:65535", host_port{"h", 65535}},
        {"port_too_high", "h:65536", {}},
        {"negative_port", "h:-1", {}},
        {"no_port", "h:", {}},
        {"no_colon", "localhost", {}},
        {"no_host", ":5432", {}},
        {"colon_alone", ":", {}},
        {"nothing", "", {}},
        {"letters_for_a_port", "h:http", {}},
        {"something_behind_the_port", "h:1x", {}},
        {"ipv6_without_brackets", "::1:5432", {}},
        {"ipv6_without_a_port", "[::1]", {}},
        {"bracket_left_open", "[::1:5432", {}},
        {"brackets_around_nothing", "[]:5432", {}},
        {"url", "http://h:1", {}},
        {"path", "h/x:1", {}},
        {"space", "a b:1", {}},
        {"tab", "a\tb:1", {}},
        {"quotes", "'h':1", {}},
        {"new_line", "a\nb:1", {}},
        {"control_character", "a\x1b:1", {}},
        {"zero_byte", std::string("a\0b:1", 5), {}},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST(host_port, says_what_a_text_lacks) {
    const std::vector<std::pair<std::string, std::string>> table = {
        {"6432", "'6432' has no host; write HOST:PORT, like 127.0.0.1:6432"},
        {":6432", "':6432' has no host; write HOST:PORT, like 127.0.0.1:6432"},
        {"localhost", "'localhost' has no port; write HOST:PORT, like localhost:5432"},
        {"[::1]", "'[::1]' has no port; write HOST:PORT, like [::1]:5432"},
        {"h:80000",
         "'h:80000': '80000' is no port, which is a number from 1 to 65535; write HOST:PORT, like "
         "h:5432"},
        {"80000", "'80000' has no port; write HOST:PORT, like 80000:5432"},
        {"h:",
         "'h:': '' is no port, which is a number from 1 to 65535; write HOST:PORT, like h:5432"},
        {"::1:5432", "'::1:5432': an IPv6 address needs brackets; write HOST:PORT, like [::1]:5432"
        },
        {"a b", "'a b' is not HOST:PORT; write HOST:PORT, like 127.0.0.1:5432"},
        {"http://h:1", "'http://h:1' is not HOST:PORT; write HOST:PORT, like 127.0.0.1:5432"},
    };
    for (const auto& [text, expected] : table) {
        EXPECT_EQ(describe_bad_host_port(text), expected);
    }
}

TEST(host_port, an_ipv6_address_is_written_in_brackets) {
    EXPECT_EQ(to_string(host_port{"::1", 1}), "[::1]:1");
    EXPECT_EQ(to_string(host_port{"127.0.0.1", 5432}), "127.0.0.1:5432");
    EXPECT_EQ(to_string(host_port{"db.example.com", 0}), "db.example.com:0");
}

TEST(host_port, what_is_written_can_be_read_back) {
    for (const auto& value : {host_port{"fe80::1", 65535}, host_port{"h", 0}}) {
        EXPECT_EQ(parse_host_port(to_string(value)), value);
    }
}

} // namespace
} // namespace wakegate
