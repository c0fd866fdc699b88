#include "proxy/wire/startup_decoder.hpp"
#include "tests/support/decoding.hpp"
#include "tests/support/message_bytes.hpp"
#include "tests/support/segmentation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace wakegate::wire {

namespace {

using namespace std::string_literals;

using support::feed;

template <typename Expected> Expected decoded(const std::string& bytes) {
    return support::decoded<startup_decoder, Expected>(bytes);
}

TEST(startup_decoder, knows_an_ssl_request) {
    decoded<ssl_request>(support::ssl_request());
}

TEST(startup_decoder, knows_a_gss_request) {
    decoded<gss_request>(support::gss_request());
}

TEST(startup_decoder, hands_over_the_key_of_a_cancel_request) {
    for (const std::size_t size : {8, 36, 260}) {
        const std::string key(size, 'k');
        EXPECT_EQ(decoded<cancel_request>(support::cancel_request(key)).key, key);
    }
}

TEST(startup_decoder, keeps_the_parameters_and_the_bytes_of_a_startup_message) {
    const support::parameters parameters = {
        {"user", "ann"}, {"database", "shop"}, {"application_name", ""}, {"options", "-c a=\xff"}
    };
    const auto bytes = support::startup(parameters);
    const auto startup = decoded<startup_message>(bytes);
    EXPECT_EQ(startup.protocol, 0x0003'0000U);
    EXPECT_EQ(startup.parameters, parameters);
    EXPECT_EQ(startup.raw, bytes);
    EXPECT_EQ(startup.user(), "ann");
    EXPECT_EQ(startup.database(), "shop");
    EXPECT_EQ(startup.parameter("application_name"), "");
    EXPECT_EQ(startup.parameter("replication"), "");
}

TEST(startup_decoder, takes_later_minors_and_protocol_options_as_they_are) {
    for (const std::uint32_t minor : {2, 9999, 0xffff}) {
        const auto protocol = 0x0003'0000 | minor;
        const auto bytes = support::startup({{"_pq_.grease", "1"}, {"user", "ann"}}, protocol);
        const auto startup = decoded<startup_message>(bytes);
        EXPECT_EQ(startup.protocol, protocol);
        EXPECT_EQ(startup.parameter("_pq_.grease"), "1");
        EXPECT_EQ(startup.raw, bytes);
    }
}

TEST(startup_decoder, names_the_users_database_when_the_client_names_none) {
    EXPECT_EQ(decoded<startup_message>(support::startup({{"user", "ann"}})).database(), "ann");
    const auto empty = support::startup({{"user", "ann"}, {"database", ""}});
    EXPECT_EQ(decoded<startup_message>(empty).database(), "ann");
}

TEST(startup_decoder, cuts_names_as_the_server_does_and_no_byte_of_the_message) {
    const std::string name(63, 'r');
    const std::string split_character = std::string(62, 'r') + "\xc3";
    const std::pair<std::string, std::string> names[] = {
        {name, name}, {name + 's', name}, {std::string(62, 'r') + "\u00e9", split_character}
    };
    for (const auto& [sent, expected] : names) {
        const auto bytes = support::startup({{"user", sent}, {"database", "shop"}});
        const auto startup = decoded<startup_message>(bytes);
        EXPECT_EQ(startup.user(), expected);
        EXPECT_EQ(startup.parameter("user"), sent);
        EXPECT_EQ(startup.raw, bytes);
        const auto to_shop = support::startup({{"user", "ann"}, {"database", sent}});
        EXPECT_EQ(decoded<startup_message>(to_shop).database(), expected);
        EXPECT_EQ(
            decoded<startup_message>(support::startup({{"user", sent}})).database(), expected
        );
    }
}

TEST(startup_decoder, lets_the_last_of_two_equal_names_count) {
    const auto bytes = support::startup(
        {{"user", "ann"}, {"database", "one"}, {"user", "bob"}, {"database", "two"}}
    );
    const auto startup = decoded<startup_message>(bytes);
    EXPECT_EQ(startup.user(), "bob");
    EXPECT_EQ(startup.database(), "two");
    EXPECT_EQ(startup.parameters.size(), 4U);
}

TEST(startup_decoder, takes_the_longest_message_and_none_beyond) {
    const auto frame_of = [](std::size_t size) {
        const auto spare = size - support::startup({{"user", "ann"}, {"options", ""}}).size();
        return support::startup({{"user", "ann"}, {"options", std::string(spare, 'x')}});
    };
    const auto longest = frame_of(startup_decoder::max_length);
    startup_decoder decoder;
    EXPECT_EQ(feed(decoder, longest), longest.size());
    EXPECT_TRUE(std::holds_alternative<startup_message>(decoder.take()));

    EXPECT_EQ(feed(decoder, frame_of(startup_decoder::max_length + 1)), 8U);
    EXPECT_TRUE(std::holds_alternative<malformed_startup>(decoder.take()));
}

TEST(startup_decoder, never_asks_for_a_byte_of_what_follows) {
    const auto startup = support::startup({{"user", "ann"}});
    for (const auto& first :
         {support::ssl_request(), support::cancel_request("12345678"), startup}) {
        startup_decoder decoder;
        EXPECT_EQ(decoder.wanted(), 8U);
        EXPECT_EQ(feed(decoder, first + startup), first.size());
    }
}

TEST(startup_decoder, is_new_again_after_a_message_is_taken) {
    const auto bytes =
        support::ssl_request() + support::gss_request() + support::startup({{"user", "ann"}});
    support::under_every_segmentation(bytes, [](const support::pieces& pieces) {
        startup_decoder decoder;
        std::string kinds;
        for (auto piece : pieces) {
            while (!piece.empty()) {
                piece.remove_prefix(feed(decoder, piece));
                if (decoder.wanted() == 0) {
                    kinds += std::to_string(decoder.take().index());
                }
            }
        }
        EXPECT_EQ(kinds, "013");
        EXPECT_EQ(decoder.wanted(), 8U);
    });
}

TEST(startup_decoder, takes_encryption_requests_of_any_length) {
    decoded<ssl_request>(support::untyped(support::int32(80877103) + "more"));
    decoded<gss_request>(support::untyped(support::int32(80877104) + "more"));
}

/// The last packet of `bytes`; all before it are encryption requests.
startup_packet last_of(const std::string& bytes, startup_decoder decoder = {}) {
    startup_packet last;
    for (std::string_view rest = bytes; !rest.empty();) {
        rest.remove_prefix(feed(decoder, rest));
        EXPECT_EQ(decoder.wanted(), 0U);
        last = decoder.take();
    }
    return last;
}

TEST(startup_decoder, takes_each_encryption_request_once) {
    const auto tls = support::ssl_request();
    const auto gss = support::gss_request();

    struct repeated_request {
        std::string bytes;
        std::uint32_t code;
    };

    const repeated_request repeated[] = {
        {tls + tls, 80877103}, {gss + gss, 80877104}, {tls + gss + tls, 80877103}
    };
    for (const auto& [bytes, code] : repeated) {
        const auto last = last_of(bytes);
        const auto* const rejected = std::get_if<rejected_startup>(&last);
        ASSERT_NE(rejected, nullptr) << last.index();
        EXPECT_EQ(rejected->error, startup_error::unsupported_protocol);
        EXPECT_EQ(rejected->protocol, code);
    }
}

TEST(startup_decoder, takes_no_encryption_request_once_one_was_agreed_to) {
    for (const auto& request : {support::ssl_request(), support::gss_request()}) {
        startup_decoder decoder;
        decoder.end_encryption_requests();
        EXPECT_TRUE(std::holds_alternative<rejected_startup>(last_of(request, decoder)));
    }
}

/// As observed on PostgreSQL 15 (e2e.startup asks a server again).
struct rejected_message {
    const char* name;
    std::string bytes;
    startup_error error;
};

class startup_decoder_rejected : public testing::TestWithParam<rejected_message> {};

TEST_P(startup_decoder_rejected, are_those_that_postgres_answers_with_an_error) {
    const auto rejected = decoded<rejected_startup>(GetParam().bytes);
    EXPECT_EQ(rejected.error, GetParam().error);
    EXPECT_EQ(support::int32(rejected.protocol), GetParam().bytes.substr(4, 4));
}

INSTANTIATE_TEST_SUITE_P(
    startup_decoder,
    startup_decoder_rejected,
    testing::ValuesIn(std::vector<rejected_message>{
        {"protocol_0", support::startup({}, 0), startup_error::unsupported_protocol},
        {"protocol_1",
         support::startup({{"user", "ann"}}, 0x0001'0000),
         startup_error::unsupported_protocol},
        {"protocol_2", support::startup({}, 0x0002'0000), startup_error::unsupported_protocol},
        {"protocol_4",
         support::startup({{"user", "ann"}}, 0x0004'0001),
         startup_error::unsupported_protocol},
        {"unknown_request_code",
         support::untyped(support::int32(80877105)),
         startup_error::unsupported_protocol},
        {"highest_code",
         support::untyped(support::int32(0xffff'ffff)),
         startup_error::unsupported_protocol},
        {"nothing_behind_the_version",
         support::untyped(support::int32(0x0003'0000)),
         startup_error::invalid_layout},
        {"no_terminating_zero",
         support::untyped(support::int32(0x0003'0000) + "user\0ann\0"s),
         startup_error::invalid_layout},
        {"no_terminating_zero_and_no_user",
         support::untyped(support::int32(0x0003'0000) + "database\0shop\0"s),
         startup_error::invalid_layout},
        {"name_without_an_end",
         support::untyped(support::int32(0x0003'0000) + "user"),
         startup_error::invalid_layout},
        {"name_without_a_value",
         support::untyped(support::int32(0x0003'0000) + "user\0"s),
         startup_error::invalid_layout},
        {"value_without_an_end",
         support::untyped(support::int32(0x0003'0000) + "user\0ann"s),
         startup_error::invalid_layout},
        {"bytes_behind_the_terminating_zero",
         support::untyped(support::int32(0x0003'0000) + "user\0ann\0\0more\0"s),
         startup_error::invalid_layout},
        {"no_user", support::startup({{"database", "shop"}}), startup_error::no_user},
        {"no_parameters", support::startup({}), startup_error::no_user},
        {"empty_user", support::startup({{"user", ""}}), startup_error::no_user},
        {"last_user_empty",
         support::startup({{"user", "ann"}, {"user", ""}}),
         startup_error::no_user},
    }),
    [](const auto& tested) { return tested.param.name; }
);

struct malformed_message {
    const char* name;
    std::string bytes;
    const char* reason;
};

class startup_decoder_malformed : public testing::TestWithParam<malformed_message> {};

TEST_P(startup_decoder_malformed, are_those_at_which_postgres_closes_without_an_answer) {
    const auto reason = decoded<malformed_startup>(GetParam().bytes).reason;
    EXPECT_EQ(reason, GetParam().reason);
    EXPECT_TRUE(std::all_of(reason.begin(), reason.end(), [](char byte) {
        return byte >= ' ' && byte <= '~';
    }));
}

INSTANTIATE_TEST_SUITE_P(
    startup_decoder,
    startup_decoder_malformed,
    testing::ValuesIn(std::vector<malformed_message>{
        {"terminate", "X\0\0\0\4"s, "a Terminate message where a startup message belongs"},
        {"length_of_zero",
         support::int32(0),
         "a startup message is 8 to 10004 bytes long, this one says 0"},
        {"length_below_the_shortest",
         support::int32(7) + "\0\3\0"s,
         "a startup message is 8 to 10004 bytes long, this one says 7"},
        {"length_above_the_longest",
         support::int32(10'005),
         "a startup message is 8 to 10004 bytes long, this one says 10005"},
        {"negative_length",
         support::int32(0xffff'ffff),
         "a startup message is 8 to 10004 bytes long, this one says 4294967295"},
        {"query",
         support::frame('Q', "SELECT 1\0"s),
         "a startup message is 8 to 10004 bytes long, this one says 1358954496"},
        {"tls_client_hello",
         "\x16\x03\x01\x02"s,
         "a TLS handshake where a startup message belongs: TLS is not offered here"},
        {"http",
         "GET / HTTP/1.1\r\n"s,
         "text (\"GET \") where a startup message belongs: only the PostgreSQL protocol is "
         "spoken here"},
        {"cancel_request_without_a_secret",
         support::cancel_request("1234567"),
         "a cancel request is 16 to 268 bytes long, this one says 15"},
        {"cancel_request_with_too_long_a_secret",
         support::cancel_request(std::string(261, 'k')),
         "a cancel request is 16 to 268 bytes long, this one says 269"},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST(startup_decoder, survives_random_bytes) {
    std::mt19937 random(1); // the same bytes in every run
    for (int round = 0; round < 20'000; ++round) {
        auto bytes = support::startup({{"user", "ann"}, {"database", "shop"}});
        for (int changes = 0; changes < 1 + round % 8; ++changes) {
            bytes[random() % bytes.size()] = static_cast<char>(random());
        }
        startup_decoder decoder;
        feed(decoder, bytes);
        if (decoder.wanted() == 0) {
            std::ignore = decoder.take();
        }
    }
}

} // namespace

} // namespace wakegate::wire
