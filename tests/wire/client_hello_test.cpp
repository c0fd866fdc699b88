#include "proxy/wire/client_hello.hpp"
#include "proxy/wire/first_byte.hpp"
#include "tests/support/decoding.hpp"
#include "tests/support/message_bytes.hpp"
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
    return support::decoded<client_hello_decoder, Expected>(bytes);
}

const std::string example = support::client_hello(
    support::extension(10, "\0\2\0\x1d"s) + support::server_name("Acme-Prod.db.example.com") +
    support::alpn({"http/1.1", "postgresql"}) + support::extension(0x0a0a, "")
);

TEST(client_hello, gives_the_server_name_and_the_protocols) {
    const auto bytes = support::record(example);
    const auto found = decoded<client_hello>(bytes);
    EXPECT_EQ(found.server_name, "acme-prod.db.example.com");
    EXPECT_EQ(found.protocols, (std::vector<std::string>{"http/1.1", "postgresql"}));
    EXPECT_TRUE(found.offers(postgresql_protocol));
    EXPECT_FALSE(found.offers("postgres"));
    EXPECT_EQ(found.raw, bytes);
}

TEST(client_hello, may_be_cut_into_records) {
    for (const std::size_t size : {1, 2, 3, 7, 50}) {
        const auto bytes = support::records(example, size);
        const auto found = decoded<client_hello>(bytes);
        EXPECT_EQ(found.server_name, "acme-prod.db.example.com") << size;
        EXPECT_EQ(found.raw, bytes);
    }
}

TEST(client_hello, may_name_nobody) {
    EXPECT_EQ(decoded<client_hello>(support::record(support::client_hello(""))).server_name, "");
    const auto ancient = support::handshake(1, support::hello_prologue());
    const auto found = decoded<client_hello>(support::record(ancient));
    EXPECT_EQ(found.server_name, "");
    EXPECT_TRUE(found.protocols.empty());
}

TEST(client_hello, never_asks_for_a_byte_of_what_follows) {
    const auto first = support::record(example);
    client_hello_decoder decoder;
    EXPECT_EQ(feed(decoder, first + support::record("early")), first.size());
}

TEST(client_hello, takes_the_longest_and_none_beyond) {
    const auto padded = [](std::size_t size) {
        const auto empty = support::client_hello(support::extension(21, "")).size();
        return support::client_hello(support::extension(21, std::string(size - empty, '\0')));
    };
    constexpr auto limit = client_hello_decoder::max_length;
    const auto fits = support::record(padded(limit - 5));
    client_hello_decoder decoder;
    EXPECT_EQ(feed(decoder, fits), fits.size());
    EXPECT_TRUE(std::holds_alternative<client_hello>(decoder.take()));

    const auto in_one = support::record(padded(limit - 4));
    EXPECT_EQ(feed(decoder, in_one), 5U);
    EXPECT_TRUE(std::holds_alternative<malformed_client_hello>(decoder.take()));

    const auto in_many = support::records(padded(limit - 5), 1);
    EXPECT_LE(feed(decoder, in_many), limit);
    EXPECT_TRUE(std::holds_alternative<malformed_client_hello>(decoder.take()));
}

TEST(client_hello, what_is_no_tls_is_told_from_a_bad_hello) {
    for (const auto& bytes :
         {support::ssl_request(),
          "GET / HTTP/1.1\r\n"s,
          "\x16\2\0"s,
          "\x15\3\1\0\2\1\0"s,
          "\x80\x2e\1\3\1"s}) {
        decoded<not_tls>(bytes);
    }
}

struct name_case {
    const char* name;
    std::string sent;
    std::string expected; ///< empty: refused
};

class client_hello_server_names : public testing::TestWithParam<name_case> {};

TEST_P(client_hello_server_names, are_host_names) {
    const auto bytes =
        support::record(support::client_hello(support::server_name(GetParam().sent)));
    if (GetParam().expected.empty()) {
        EXPECT_EQ(
            decoded<malformed_client_hello>(bytes).reason, "the ClientHello's server name is none"
        );
    } else {
        EXPECT_EQ(decoded<client_hello>(bytes).server_name, GetParam().expected);
    }
}

INSTANTIATE_TEST_SUITE_P(
    client_hello,
    client_hello_server_names,
    testing::ValuesIn(std::vector<name_case>{
        {"one_label", "db", "db"},
        {"upper_case", "DB.Example.COM", "db.example.com"},
        {"trailing_dot", "db.example.com.", "db.example.com"},
        {"underscore", "my_db.svc", "my_db.svc"},
        {"longest_label", std::string(63, 'a') + ".b", std::string(63, 'a') + ".b"},
        {"label_too_long", std::string(64, 'a') + ".b", ""},
        {"empty", "", ""},
        {"dot", ".", ""},
        {"two_dots", "a..b", ""},
        {"dot_in_front", ".a", ""},
        {"two_trailing_dots", "a..", ""},
        {"zero_byte", "good.com\0.evil.com"s, ""},
        {"space", "a b", ""},
        {"slash", "a/b", ""},
        {"colon", "a:5432", ""},
        {"star", "*.example.com", ""},
        {"beyond_ascii", "\xc3\xa4.com", ""},
        {"too_long", std::string(100, 'a').replace(50, 1, ".") + std::string(300, '.'), ""},
    }),
    [](const auto& tested) { return tested.param.name; }
);

struct bad_hello {
    const char* name;
    std::string bytes;
    std::string reason;
};

class client_hello_malformed : public testing::TestWithParam<bad_hello> {};

TEST_P(client_hello_malformed, are_refused_with_a_reason) {
    EXPECT_EQ(decoded<malformed_client_hello>(GetParam().bytes).reason, GetParam().reason);
}

std::string hello_with(std::string_view extensions) {
    return support::record(support::client_hello(extensions));
}

std::string hello_of(std::string_view body) {
    return support::record(support::handshake(1, body));
}

const auto two_names =
    support::vector_of('\0' + support::vector_of("a", 2) + '\0' + support::vector_of("b", 2), 2);

INSTANTIATE_TEST_SUITE_P(
    client_hello,
    client_hello_malformed,
    testing::ValuesIn(std::vector<bad_hello>{
        {"record_of_nothing", "\x16\3\1\0\0"s, "a TLS record of 0 bytes"},
        {"record_too_long", "\x16\3\1\x40\1"s, "a TLS record of 16385 bytes"},
        {"other_message",
         support::record(support::handshake(2, "x")),
         "a TLS handshake that begins with message 2 instead of a ClientHello"},
        {"announces_too_much",
         support::record("\1\xff\xff\xff"),
         "a ClientHello of more than 16384 bytes"},
        {"alert_between_records",
         support::record(example.substr(0, 10)) + "\x15\3\1\0\2\1\0"s,
         "the ClientHello breaks off between two records"},
        {"more_in_the_record",
         support::record(example + "x"),
         "more behind the ClientHello in its record"},
        {"empty_message", hello_of(""), "the ClientHello is malformed"},
        {"no_ciphers",
         hello_of("\3\3" + std::string(32, 'r') + "\0\0\0\1\0"s),
         "the ClientHello is malformed"},
        {"odd_ciphers",
         hello_of("\3\3" + std::string(32, 'r') + "\0\0\3\x13\1\x13\1\0"s),
         "the ClientHello is malformed"},
        {"session_id_too_long",
         hello_of(
             "\3\3" + std::string(32, 'r') + support::vector_of(std::string(33, 's'), 1) +
             "\0\2\x13\1\1\0"s
         ),
         "the ClientHello is malformed"},
        {"no_compression",
         hello_of("\3\3" + std::string(32, 'r') + "\0\0\2\x13\1\0"s),
         "the ClientHello is malformed"},
        {"other_version",
         hello_of("\4" + support::hello_prologue().substr(1)),
         "the ClientHello is malformed"},
        {"extensions_cut_off",
         hello_of(support::hello_prologue() + "\0\5\0"s),
         "the ClientHello and its extensions end in different places"},
        {"bytes_behind_the_extensions",
         hello_of(support::hello_prologue() + "\0\0x"s),
         "the ClientHello and its extensions end in different places"},
        {"extension_cut_off",
         hello_with("\0\x2b\0\5\2"s),
         "an extension of the ClientHello is cut off"},
        {"extension_twice",
         hello_with(support::extension(43, "") + support::extension(43, "")),
         "the ClientHello has an extension twice"},
        {"server_name_twice",
         hello_with(support::server_name("a") + support::server_name("b")),
         "the ClientHello has an extension twice"},
        {"two_names",
         hello_with(support::extension(0, two_names)),
         "the ClientHello's server name is none"},
        {"empty_server_name",
         hello_with(support::extension(0, "")),
         "the ClientHello's server name is none"},
        {"server_name_of_another_type",
         hello_with(support::extension(0, support::vector_of("\1\0\1a"s, 2))),
         "the ClientHello's server name is none"},
        {"empty_alpn",
         hello_with(support::extension(16, "")),
         "the ClientHello's list of protocols is malformed"},
        {"no_protocols",
         hello_with(support::alpn({})),
         "the ClientHello's list of protocols is malformed"},
        {"protocol_without_a_name",
         hello_with(support::alpn({"postgresql", ""})),
         "the ClientHello's list of protocols is malformed"},
        {"protocol_cut_off",
         hello_with(support::extension(16, "\0\3\5ab"s)),
         "the ClientHello's list of protocols is malformed"},
        {"too_many_protocols",
         hello_with(support::alpn(std::vector<std::string>(65, "x"))),
         "the ClientHello's list of protocols is malformed"},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST(client_hello, survives_random_bytes) {
    std::mt19937 random(1); // the same bytes in every run
    for (int round = 0; round < 20'000; ++round) {
        auto bytes = support::records(example, 1 + random() % example.size());
        for (int changes = 0; changes < 1 + round % 8; ++changes) {
            bytes[random() % bytes.size()] = static_cast<char>(random());
        }
        client_hello_decoder decoder;
        feed(decoder, bytes);
        if (decoder.wanted() == 0) {
            std::ignore = decoder.take();
        }
    }
}

TEST(client_hello_first_byte, tells_what_a_connection_begins_with) {
    EXPECT_EQ(classify_first_byte(support::ssl_request()[0]), first_bytes::startup);
    EXPECT_EQ(classify_first_byte(support::startup({{"user", "ann"}})[0]), first_bytes::startup);
    EXPECT_EQ(classify_first_byte(support::record("x")[0]), first_bytes::direct_tls);
    EXPECT_EQ(classify_first_byte('\r'), first_bytes::proxy_header);
    EXPECT_EQ(classify_first_byte('P'), first_bytes::proxy_header);
    for (const char other : {'G', '\x80', '\x15', '\1', '\n'}) {
        EXPECT_EQ(classify_first_byte(other), first_bytes::unknown);
    }
}

} // namespace

} // namespace wakegate::wire
