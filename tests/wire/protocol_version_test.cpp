#include "proxy/wire/protocol_version.hpp"
#include "tests/support/message_bytes.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate::wire {

namespace {

/// Made by the decoder, so that only what a client can send is tested.
startup_message startup(std::uint32_t protocol, const support::parameters& more = {}) {
    support::parameters parameters = {{"user", "ann"}};
    parameters.insert(parameters.end(), more.begin(), more.end());
    startup_decoder decoder;
    const auto bytes = support::startup(parameters, protocol);
    decoder.feed(bytes.substr(0, 8));
    decoder.feed(bytes.substr(8));
    return std::get<startup_message>(decoder.take());
}

std::string announced(std::uint32_t protocol, const std::vector<std::string>& names) {
    auto body = support::int32(protocol) + support::int32(static_cast<std::uint32_t>(names.size()));
    for (const auto& name : names) {
        body += support::text(name);
    }
    return support::frame('v', body);
}

struct version_case {
    const char* name;
    std::uint32_t requested;
    std::uint32_t version;
    bool is_announced;
};

class protocol_version_cases : public testing::TestWithParam<version_case> {};

TEST_P(protocol_version_cases, end_in_one_that_both_speak) {
    const auto& [name, requested, version, is_announced] = GetParam();
    const auto negotiated = negotiate_protocol(startup(requested));
    ASSERT_TRUE(negotiated);
    EXPECT_EQ(negotiated->version, version);
    EXPECT_TRUE(negotiated->unrecognised.empty());
    EXPECT_EQ(negotiated->negotiate_message, is_announced ? announced(version, {}) : "");
}

INSTANTIATE_TEST_SUITE_P(
    protocol_version,
    protocol_version_cases,
    testing::ValuesIn(std::vector<version_case>{
        {"every_client_so_far", 0x0003'0000, protocol_3_0, false},
        {"the_version_nobody_speaks", 0x0003'0001, protocol_3_0, true},
        {"postgres_18", 0x0003'0002, protocol_3_2, false},
        {"the_next", 0x0003'0003, protocol_3_2, true},
        {"grease_of_postgres_19", 0x0003'0000 | 9999, protocol_3_2, true},
        {"the_last", 0x0003'ffff, protocol_3_2, true},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST(protocol_version, lists_the_protocol_options_and_nothing_else) {
    const auto negotiated = negotiate_protocol(startup(
        protocol_3_0,
        {{"_pq_.command_compression", "1"},
         {"database", "_pq_.x"},
         {"_pq_.test_protocol_negotiation", ""},
         {"_pq_", "y"},
         {"app._pq_.z", "1"},
         {"_PQ_.upper", "1"}}
    ));
    ASSERT_TRUE(negotiated);
    const std::vector<std::string> names = {
        "_pq_.command_compression", "_pq_.test_protocol_negotiation"
    };
    EXPECT_EQ(negotiated->version, protocol_3_0);
    EXPECT_EQ(negotiated->unrecognised, names);
    EXPECT_EQ(negotiated->negotiate_message, announced(protocol_3_0, names));
}

TEST(protocol_version, announces_version_and_options_in_one_message) {
    const auto negotiated =
        negotiate_protocol(startup(0x0003'0000 | 9999, {{"_pq_.test_protocol_negotiation", "1"}}));
    ASSERT_TRUE(negotiated);
    EXPECT_EQ(
        negotiated->negotiate_message, announced(protocol_3_2, {"_pq_.test_protocol_negotiation"})
    );
}

TEST(protocol_version, other_majors_cannot_be_served) {
    for (const std::uint32_t protocol : {0x0002'0000U, 0x0001'0000U, 0x0004'0000U, 0U}) {
        startup_message message{.protocol = protocol, .parameters = {{"user", "ann"}}, .raw = {}};
        EXPECT_FALSE(negotiate_protocol(message));
    }
}

} // namespace

} // namespace wakegate::wire
