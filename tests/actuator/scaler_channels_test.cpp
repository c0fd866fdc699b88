#include "scaler/actuator/scaler_channels.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate::actuator {
namespace {

struct targets_case {
    std::string name;
    std::vector<host_port> scalers;
    std::vector<std::string> expected;
};

class scaler_channels_targets : public ::testing::TestWithParam<targets_case> {};

TEST_P(scaler_channels_targets, are_what_grpc_understands) {
    EXPECT_EQ(channel_targets(GetParam().scalers), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    scaler_channels_addresses,
    scaler_channels_targets,
    ::testing::Values(
        targets_case{"name", {{"scaler", 9411}}, {"dns:///scaler:9411"}},
        targets_case{"ipv4", {{"10.0.0.1", 1}}, {"ipv4:10.0.0.1:1"}},
        targets_case{
            "several_ipv4", {{"10.0.0.1", 1}, {"10.0.0.2", 2}}, {"ipv4:10.0.0.1:1,10.0.0.2:2"}
        },
        targets_case{"several_ipv6", {{"::1", 1}, {"fe80::2", 2}}, {"ipv6:[::1]:1,[fe80::2]:2"}},
        targets_case{"names", {{"a", 1}, {"b", 2}}, {"dns:///a:1", "dns:///b:2"}},
        targets_case{
            "mixed",
            {{"a", 1}, {"10.0.0.1", 2}, {"::1", 3}},
            {"dns:///a:1", "ipv4:10.0.0.1:2", "ipv6:[::1]:3"}
        }
    ),
    [](const auto& tested) { return tested.param.name; }
);

} // namespace
} // namespace wakegate::actuator
