#include "common/cidr.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate {
namespace {

ip_address address(const std::string& text) {
    return boost::asio::ip::make_address(text);
}

struct network_case {
    const char* name;
    std::string network;
    std::vector<std::string> inside;
    std::vector<std::string> outside;
};

class cidr_networks : public testing::TestWithParam<network_case> {};

TEST_P(cidr_networks, contain_what_begins_like_them) {
    const auto network = cidr::parse(GetParam().network);
    ASSERT_TRUE(network);
    for (const auto& text : GetParam().inside) {
        EXPECT_TRUE(network->contains(address(text))) << text;
    }
    for (const auto& text : GetParam().outside) {
        EXPECT_FALSE(network->contains(address(text))) << text;
    }
}

INSTANTIATE_TEST_SUITE_P(
    cidr,
    cidr_networks,
    testing::ValuesIn(std::vector<network_case>{
        {"class_a", "10.0.0.0/8", {"10.0.0.0", "10.255.255.255"}, {"11.0.0.0", "9.255.255.255"}},
        {"odd_prefix", "192.168.4.0/22", {"192.168.7.255"}, {"192.168.8.0", "192.168.3.255"}},
        {"one_address", "192.0.2.1/32", {"192.0.2.1"}, {"192.0.2.0", "192.0.2.2"}},
        {"address_alone", "192.0.2.1", {"192.0.2.1"}, {"192.0.2.2"}},
        {"all_of_ipv4", "0.0.0.0/0", {"0.0.0.0", "255.255.255.255"}, {"::", "2001:db8::1"}},
        {"loopback", "::1/128", {"::1"}, {"::", "::2", "127.0.0.1"}},
        {"documentation", "2001:db8::/32", {"2001:db8:ffff::1"}, {"2001:db9::", "32.1.13.184"}},
        {"odd_prefix_of_ipv6", "fc00::/7", {"fd12::1", "fc00::"}, {"fe00::"}},
        {"all_of_ipv6", "::/0", {"::", "ffff::"}, {"10.0.0.1", "::ffff:10.0.0.1"}},
        {"mapped_client", "10.0.0.0/8", {"::ffff:10.1.2.3"}, {"::ffff:11.0.0.1", "::a00:1"}},
        {"mapped_network", "::ffff:10.0.0.0/104", {"10.1.2.3", "::ffff:10.0.0.1"}, {"11.0.0.1"}},
        {"all_mapped", "::ffff:0:0/96", {"10.1.2.3"}, {"::1"}},
        {"scope_of_a_client", "fe80::/10", {"fe80::1%1"}, {"2001:db8::1"}},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST(cidr, refuses_what_is_no_network) {
    for (const auto* const text :
         {"",
          "/8",
          "10.0.0.0/",
          "10.0.0.0/33",
          "10.0.0.0/-1",
          "10.0.0.0/+8",
          "10.0.0.0/8 ",
          " 10.0.0.0/8",
          "10.0.0.0/8/8",
          "10.0.0/8",
          "10.0.0.0/a",
          "10.0.0.0/65544",
          "10.1.2.3/8",
          "::1/129",
          "::1/64",
          "::ffff:10.0.0.0/95",
          "::ffff:10.1.0.0/104",
          "fe80::1%1/64",
          "fe80::1%1",
          "localhost"}) {
        EXPECT_FALSE(cidr::parse(text)) << "'" << text << "'";
    }
}

TEST(cidr, is_written_in_one_way) {
    EXPECT_EQ(cidr::parse("10.0.0.0/8")->text(), "10.0.0.0/8");
    EXPECT_EQ(cidr::parse("192.0.2.1")->text(), "192.0.2.1/32");
    EXPECT_EQ(cidr::parse("2001:DB8:0::/32")->text(), "2001:db8::/32");
    EXPECT_EQ(cidr::parse("::ffff:10.0.0.0/104")->text(), "10.0.0.0/8");
    EXPECT_EQ(cidr::parse("::FFFF:10.0.0.0/104"), cidr::parse("10.0.0.0/8"));
}

TEST(cidr_source_network, is_a_24_or_a_64) {
    const auto of = [](const std::string& text) { return source_network_of(address(text)); };
    EXPECT_EQ(of("192.0.2.1"), of("192.0.2.255"));
    EXPECT_EQ(of("192.0.2.1"), of("::ffff:192.0.2.77"));
    EXPECT_NE(of("192.0.2.1"), of("192.0.3.1"));
    EXPECT_EQ(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::"));
    EXPECT_NE(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    EXPECT_NE(of("0.0.1.0"), of("0:0:0:1::")) << "families are not mixed";
}

TEST(cidr_source_host, is_an_address_or_a_64) {
    const auto of = [](const std::string& text) { return source_host_of(address(text)); };
    EXPECT_NE(of("192.0.2.1"), of("192.0.2.2"));
    EXPECT_EQ(of("192.0.2.1"), of("::ffff:192.0.2.1"));
    EXPECT_EQ(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::"));
    EXPECT_NE(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    EXPECT_NE(of("0.0.0.1"), of("0:0:0:1::")) << "families are not mixed";
}

} // namespace
} // namespace wakegate
