#include "proxy/wire/backend_key.hpp"
#include "tests/support/message_bytes.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate::wire {
namespace {

using namespace std::string_literals;

const auto version = support::parameter_status("server_version", "15.6");
const auto ready = support::ready_for_query('I');
const auto key_message = support::backend_key_data("pid!secr");

struct login {
    const char* name;
    std::string reply;
    std::string before;
    std::string key = {};
    std::string after = {};
};

class backend_key_cases : public testing::TestWithParam<login> {};

TEST_P(backend_key_cases, are_taken_out) {
    const auto& [name, reply, before, key, after] = GetParam();
    const auto split = split_at_backend_key(reply);
    EXPECT_EQ(split.before, before);
    EXPECT_EQ(split.key, key);
    EXPECT_EQ(split.after, after);
}

const std::string long_key(260, 'k');

INSTANTIATE_TEST_SUITE_P(
    backend_key_logins,
    backend_key_cases,
    testing::ValuesIn(std::vector<login>{
        {"nothing", "", ""},
        {"without_one", version + ready, version + ready},
        {"in_the_middle", version + key_message + ready, version, "pid!secr", ready},
        {"at_the_beginning", key_message + version + ready, "", "pid!secr", version + ready},
        {"the_longest",
         version + support::backend_key_data(long_key) + ready,
         version,
         long_key,
         ready},
        {"of_two_the_last",
         support::backend_key_data("pid!1111") + version + key_message + ready,
         version,
         "pid!secr",
         ready},
        {"too_short", version + support::backend_key_data("pid!sec") + ready, version + ready},
        {"too_long", support::backend_key_data(long_key + "k") + ready, ready},
        {"empty", version + support::backend_key_data("") + ready, version + ready},
        {"a_bad_one_behind_a_good_one",
         key_message + support::backend_key_data("short") + ready,
         "",
         "pid!secr",
         ready},
        {"a_refusal", support::error("FATAL", "3D000"), support::error("FATAL", "3D000")},
        {"what_follows_the_login",
         key_message + ready + key_message,
         "",
         "pid!secr",
         ready + key_message},
        {"cut_off", version + key_message.substr(0, 9), version + key_message.substr(0, 9)},
        {"a_length_of_nothing", "K\0\0\0\3secret"s + ready, "K\0\0\0\3secret"s + ready},
        {"a_length_without_end", "K\xff\xff\xff\xff"s + ready, "K\xff\xff\xff\xff"s + ready},
        {"a_length_as_large_as_it_gets",
         version + "K\x7f\xff\xff\xff"s + ready,
         version + "K\x7f\xff\xff\xff"s + ready},
    }),
    [](const auto& tested) { return tested.param.name; }
);

} // namespace
} // namespace wakegate::wire
