#include "proxy/wire/proxy_header.hpp"
#include "tests/support/decoding.hpp"
#include "tests/support/tls_bytes.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace wakegate::wire {

namespace {

using namespace std::string_literals;

using support::feed;

template <typename Expected> Expected decoded(const std::string& bytes) {
    return support::decoded<proxy_header_decoder, Expected>(bytes);
}

const std::string signature = "\r\n\r\n\0\r\nQUIT\n"s;

std::string header(char command, char family, std::string_view rest) {
    return signature + command + family + support::vector_of(rest, 2);
}

/// 192.0.2.1:40000 to 198.51.100.7:5432
const std::string tcp4 = "\xc0\0\2\1\xc6\x33\x64\7\x9c\x40\x15\x38"s;
const proxied_connection tcp4_connection{
    .source = {.address = ipv4_bytes{192, 0, 2, 1}, .port = 40000},
    .destination = {.address = ipv4_bytes{198, 51, 100, 7}, .port = 5432},
};

ipv6_bytes documentation_address(unsigned char last) {
    return {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last};
}

TEST(proxy_header, tells_who_connected_over_ipv4) {
    EXPECT_EQ(decoded<proxied_connection>(header('\x21', '\x11', tcp4)), tcp4_connection);
}

TEST(proxy_header, tells_who_connected_over_ipv6) {
    const proxied_connection expected{
        .source = {.address = documentation_address(1), .port = 1},
        .destination = {.address = documentation_address(2), .port = 65535},
    };
    const auto from = documentation_address(1);
    const auto to = documentation_address(2);
    const auto block = std::string(from.begin(), from.end()) + std::string(to.begin(), to.end());
    const auto bytes = header('\x21', '\x21', block + "\0\1\xff\xff"s);
    EXPECT_EQ(decoded<proxied_connection>(bytes), expected);
    EXPECT_EQ(proxy_header_for(expected), bytes);
}

TEST(proxy_header, skips_what_else_is_said) {
    const auto tlvs = "\4\0\0"s + "\xea\0\3\1ab"s + "\x20\0\5\1\0\0\0\0"s;
    EXPECT_EQ(decoded<proxied_connection>(header('\x21', '\x11', tcp4 + tlvs)), tcp4_connection);
}

TEST(proxy_header, a_health_check_speaks_for_itself) {
    decoded<local_connection>(header('\x20', '\0', ""));
    decoded<local_connection>(header('\x20', '\x11', tcp4));
    decoded<local_connection>(header('\x20', '\x77', "anything, unread"));
}

TEST(proxy_header, knows_connections_without_an_ip_address) {
    decoded<unknown_connection>(header('\x21', '\0', ""));
    decoded<unknown_connection>(header('\x21', '\0', "\4\0\1x"s));
    decoded<unknown_connection>(header('\x21', '\x31', std::string(216, '\0')));
}

TEST(proxy_header, never_asks_for_a_byte_of_what_follows) {
    const auto bytes = header('\x21', '\x11', tcp4);
    proxy_header_decoder decoder;
    EXPECT_EQ(feed(decoder, bytes + std::string(100, '\0')), bytes.size());
}

TEST(proxy_header, takes_the_longest_and_none_beyond) {
    const auto padded = [](std::size_t size) {
        const auto padding = support::vector_of(std::string(size - tcp4.size() - 3, 'x'), 2);
        return header('\x21', '\x11', tcp4 + '\4' + padding);
    };
    proxy_header_decoder decoder;
    const auto fits = padded(proxy_header_decoder::max_length);
    EXPECT_EQ(feed(decoder, fits), fits.size());
    EXPECT_EQ(decoder.take(), proxy_header(tcp4_connection));
    EXPECT_EQ(feed(decoder, padded(proxy_header_decoder::max_length + 1)), 16U);
    EXPECT_TRUE(std::holds_alternative<malformed_proxy_header>(decoder.take()));
}

TEST(proxy_header, one_wrong_byte_is_enough) {
    proxy_header_decoder decoder;
    EXPECT_EQ(feed(decoder, std::string("\0", 1)), 1U);
    EXPECT_EQ(decoder.wanted(), 0U) << "a client that waits for our answer must not wait for it";
}

struct bad_header {
    const char* name;
    std::string bytes;
    std::string reason;
};

class proxy_header_malformed : public testing::TestWithParam<bad_header> {};

TEST_P(proxy_header_malformed, are_refused_with_a_reason) {
    EXPECT_EQ(decoded<malformed_proxy_header>(GetParam().bytes).reason, GetParam().reason);
}

const std::string none = "no header of PROXY protocol version 2, which this listener requires";

INSTANTIATE_TEST_SUITE_P(
    proxy_header,
    proxy_header_malformed,
    testing::ValuesIn(std::vector<bad_header>{
        {"version_1",
         "PROXY TCP4 192.0.2.1 198.51.100.7 40000 5432\r\n",
         "a header of PROXY protocol version 1: only version 2 is read here, which the sender has "
         "to be told (haproxy: send-proxy-v2)"},
        {"version_1_to_judge_by_its_first_letter",
         "PR",
         "a header of PROXY protocol version 1: only version 2 is read here, which the sender has "
         "to be told (haproxy: send-proxy-v2)"},
        {"startup_message", "\0\0\0\x08\4\xd2\x16\x2f"s, none},
        {"tls", "\x16\3\1"s, none},
        {"signature_broken_late", "\r\n\r\n\0\r\nQUIT\r"s, none},
        {"version_3", signature + '\x31', "PROXY protocol version 3, only 2 is read here"},
        {"version_0", signature + '\1', "PROXY protocol version 0, only 2 is read here"},
        {"command_2", signature + '\x22', "PROXY protocol: unknown command 2"},
        {"udp4",
         header('\x21', '\x12', tcp4),
         "PROXY protocol: address family and transport 18 cannot come over TCP"},
        {"unknown_family",
         header('\x21', '\x41', tcp4),
         "PROXY protocol: address family and transport 65 cannot come over TCP"},
        {"too_short_for_ipv4",
         header('\x21', '\x11', tcp4.substr(1)),
         "PROXY protocol: the addresses take 12 bytes, the header announces 11"},
        {"too_short_for_ipv6",
         header('\x21', '\x21', tcp4),
         "PROXY protocol: the addresses take 36 bytes, the header announces 12"},
        {"too_short_for_unix",
         header('\x21', '\x31', tcp4),
         "PROXY protocol: the addresses take 216 bytes, the header announces 12"},
        {"announces_too_much",
         signature + "\x21\x11\xff\xff"s,
         "PROXY protocol: a header of 65535 bytes, at most 4096 are read"},
        {"announces_too_much_of_its_own",
         signature + "\x20\0\xff\xff"s,
         "PROXY protocol: a header of 65535 bytes, at most 4096 are read"},
        {"tlv_too_long",
         header('\x21', '\x11', tcp4 + "\4\0\2x"s),
         "PROXY protocol: the TLVs and the header end in different places"},
        {"tlv_cut_off",
         header('\x21', '\x11', tcp4 + "\4\0"s),
         "PROXY protocol: the TLVs and the header end in different places"},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST(proxy_header, is_written_as_it_is_read) {
    EXPECT_EQ(proxy_header_for(tcp4_connection), header('\x21', '\x11', tcp4));
    EXPECT_EQ(local_proxy_header(), header('\x20', '\0', ""));
    EXPECT_EQ(unknown_proxy_header(), header('\x21', '\0', ""));
}

TEST(proxy_header, has_one_family_for_both_ends) {
    const proxied_connection connection{
        .source = {.address = documentation_address(1), .port = 1},
        .destination = {.address = ipv4_bytes{192, 0, 2, 1}, .port = 2},
    };
    const auto read_back = decoded<proxied_connection>(proxy_header_for(connection));
    EXPECT_EQ(read_back.source, connection.source);
    const ipv6_bytes mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1};
    EXPECT_EQ(read_back.destination, (proxied_endpoint{.address = mapped, .port = 2}));
}

} // namespace

} // namespace wakegate::wire
