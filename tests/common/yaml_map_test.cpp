#include "common/yaml_map.hpp"
#include "tests/support/configuration_failure.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <tuple>
#include <vector>

namespace wakegate {
namespace {

yaml_map parsed(const std::string& text) {
    return yaml_map::parse(text, "wakegate.yaml");
}

TEST(yaml_map, reads_each_kind_of_value) {
    const auto map = parsed(R"(
text: plain
quoted: "one: two"
texts: [one, "2"]
flag: true
number: 7
period: 1500ms
size: 16MiB
address: "[::1]:5432"
everywhere: "*:5432"
addresses: ["a:1", "b:2"]
choice: second
)");
    EXPECT_EQ(map.text("text", "other"), "plain");
    EXPECT_EQ(map.required_text("quoted"), "one: two");
    EXPECT_EQ(map.texts("texts"), (std::vector<std::string>{"one", "2"}));
    EXPECT_TRUE(map.flag("flag", false));
    EXPECT_EQ(map.number("number", 1, 0, 10), 7U);
    EXPECT_EQ(map.period("period", seconds(1)), milliseconds(1'500));
    EXPECT_EQ(map.size("size", 0), 16U << 20U);
    EXPECT_EQ(map.required_address("address"), (host_port{"::1", 5432}));
    EXPECT_EQ(map.address("address", {}), (host_port{"::1", 5432}));
    EXPECT_EQ(map.required_listen_address("address"), (host_port{"::1", 5432}));
    EXPECT_EQ(map.listen_address("everywhere", {}), (host_port{"*", 5432}));
    EXPECT_EQ(map.addresses("addresses"), (std::vector<host_port>{{"a", 1}, {"b", 2}}));
    EXPECT_EQ(map.choice("choice", "first", {"first", "second"}), "second");
    EXPECT_NO_THROW(map.reject_unknown_keys());
}

/// For keys that are absent, or written without a value.
void expect_fallbacks(const yaml_map& map) {
    EXPECT_FALSE(map.has("key"));
    EXPECT_EQ(map.text("key", "other"), "other");
    EXPECT_TRUE(map.texts("key").empty());
    EXPECT_TRUE(map.flag("key", true));
    EXPECT_FALSE(map.flag("key", false));
    EXPECT_EQ(map.number("key", 3, 1, 9), 3U);
    EXPECT_EQ(map.period("key", milliseconds(1'500)), milliseconds(1'500));
    EXPECT_EQ(map.size("key", 1'000), 1'000U);
    EXPECT_EQ(map.address("key", {"h", 1}), (host_port{"h", 1}));
    EXPECT_EQ(map.listen_address("key", {"*", 1}), (host_port{"*", 1}));
    EXPECT_TRUE(map.addresses("key").empty());
    EXPECT_EQ(map.choice("key", "first", {"first", "second"}), "first");
    EXPECT_TRUE(map.maps("key").empty());
    EXPECT_TRUE(map.named_maps("key").empty());
    EXPECT_TRUE(map.named_texts("key").empty());
    EXPECT_FALSE(map.map("key").has("deeper"));
    EXPECT_NO_THROW(map.reject_unknown_keys());
}

TEST(yaml_map, gives_the_fallback_for_what_is_absent_or_left_empty) {
    for (const auto* const text : {"", "# nothing but this\n", "{}", "~", "key:", "key: ~"}) {
        SCOPED_TRACE(text);
        expect_fallbacks(parsed(text));
    }
}

TEST(yaml_map, reads_an_absent_mapping_like_an_empty_one) {
    const auto absent = parsed("other: 1").map("absent");
    expect_fallbacks(absent);
    expect_fallbacks(absent.map("and").map("below"));
}

TEST(yaml_map, an_empty_text_is_a_value) {
    const auto map = parsed("key: ''");
    EXPECT_TRUE(map.has("key"));
    EXPECT_EQ(map.text("key", "other"), "");
}

using reader = std::function<void(const yaml_map&)>;

struct bad_value {
    const char* name;
    std::string text;
    reader read;
    std::string message;
};

class yaml_map_mistakes : public testing::TestWithParam<bad_value> {};

TEST_P(yaml_map_mistakes, are_named_with_place_path_and_remedy) {
    const auto& [name, text, read, message] = GetParam();
    const auto failure =
        support::configuration_failure([&] { read(parsed("outer:\n  " + text).map("outer")); });
    EXPECT_EQ(failure, "wakegate.yaml:" + message);
}

const reader as_text = [](const yaml_map& map) { std::ignore = map.text("key", ""); };
const reader as_required_text = [](const yaml_map& map) { std::ignore = map.required_text("key"); };
const reader as_texts = [](const yaml_map& map) { std::ignore = map.texts("key"); };
const reader as_flag = [](const yaml_map& map) { std::ignore = map.flag("key", false); };
const reader as_number = [](const yaml_map& map) { std::ignore = map.number("key", 5, 5, 10); };
const reader as_period = [](const yaml_map& map) {
    std::ignore = map.period("key", seconds(90), seconds(60));
};
const reader as_size = [](const yaml_map& map) { std::ignore = map.size("key", 0); };
const reader as_required_address = [](const yaml_map& map) {
    std::ignore = map.required_address("key");
};
const reader as_address = [](const yaml_map& map) { std::ignore = map.address("key", {}); };
const reader as_listen_address = [](const yaml_map& map) {
    std::ignore = map.required_listen_address("key");
};
const reader as_addresses = [](const yaml_map& map) { std::ignore = map.addresses("key"); };
const reader as_choice = [](const yaml_map& map) {
    std::ignore = map.choice("key", "first", {"first", "second"});
};
const reader as_map = [](const yaml_map& map) { std::ignore = map.map("key"); };
const reader as_maps = [](const yaml_map& map) { std::ignore = map.maps("key"); };
const reader as_named_maps = [](const yaml_map& map) { std::ignore = map.named_maps("key"); };
const reader as_named_texts = [](const yaml_map& map) { std::ignore = map.named_texts("key"); };

INSTANTIATE_TEST_SUITE_P(
    yaml_map,
    yaml_map_mistakes,
    testing::ValuesIn(std::vector<bad_value>{
        {"text_that_is_a_list", "key: [a]", as_text, "2:8: outer.key: expected text, not a list"},
        {"text_that_is_a_mapping",
         "key: {a: b}",
         as_text,
         "2:8: outer.key: expected text, not a mapping; put a text with braces in quotes"},
        {"name_in_braces_without_quotes",
         "key: {name}",
         as_text,
         "2:8: outer.key: expected text, not a mapping; put a text with braces in quotes"},
        {"required_text_left_out",
         "other: 1",
         as_required_text,
         "2:3: outer.key: required, but missing or empty"},
        {"required_text_left_empty",
         "key: ''",
         as_required_text,
         "2:8: outer.key: required, but missing or empty"},
        {"texts_that_are_one", "key: a", as_texts, "2:8: outer.key: expected a list, like [\"a\"]"},
        {"texts_without_brackets",
         "key: a, b, c",
         as_texts,
         "2:8: outer.key: expected a list, like [\"a\", \"b\", \"c\"]"},
        {"texts_that_are_a_mapping",
         "key: {a: b}",
         as_texts,
         "2:8: outer.key: expected a list, like [TEXT, TEXT]"},
        {"list_in_a_list", "key: [a, [b]]", as_texts, "2:12: outer.key: expected text, not a list"},
        {"flag_in_other_words", "key: yes", as_flag, "2:8: outer.key: 'yes' is none of: true, false"
        },
        {"number_too_low", "key: 4", as_number, "2:8: outer.key: '4' is not a number from 5 to 10"},
        {"number_too_high",
         "key: 11",
         as_number,
         "2:8: outer.key: '11' is not a number from 5 to 10"},
        {"number_beyond_64_bits",
         "key: 18446744073709551622",
         as_number,
         "2:8: outer.key: '18446744073709551622' is not a number from 5 to 10"},
        {"negative_number",
         "key: -7",
         as_number,
         "2:8: outer.key: '-7' is not a number from 5 to 10"},
        {"number_with_a_fraction",
         "key: 7.0",
         as_number,
         "2:8: outer.key: '7.0' is not a number from 5 to 10"},
        {"number_left_empty",
         "key: ''",
         as_number,
         "2:8: outer.key: '' is not a number from 5 to 10"},
        {"period_without_a_unit",
         "key: 100",
         as_period,
         "2:8: outer.key: '100' needs a unit: 100ms, 100s, 100m or 100h"},
        {"period_too_short",
         "key: 59999ms",
         as_period,
         "2:8: outer.key: '59999ms' is too short; at least 1m"},
        {"size_in_words",
         "key: 16MB",
         as_size,
         "2:8: outer.key: '16MB' is not a size; write it like 4096, 64KiB or 16MiB"},
        {"address_without_a_port",
         "key: localhost",
         as_address,
         "2:8: outer.key: 'localhost' has no port; write HOST:PORT, like localhost:5432"},
        {"port_alone",
         "key: 6432",
         as_address,
         "2:8: outer.key: '6432' has no host; write HOST:PORT, like 127.0.0.1:6432"},
        {"port_alone_to_listen_on",
         "key: ':6432'",
         as_listen_address,
         "2:8: outer.key: ':6432' has no host; write HOST:PORT, like 127.0.0.1:6432, or "
         "\"*:PORT\", in quotes, for every address of this machine"},
        {"port_too_high",
         "key: 'h:80000'",
         as_address,
         "2:8: outer.key: 'h:80000': '80000' is no port, which is a number from 1 to 65535; write "
         "HOST:PORT, like h:5432"},
        {"port_that_nobody_has",
         "key: 'h:0'",
         as_address,
         "2:8: outer.key: 'h:0': there is no port 0; ports go from 1 to 65535"},
        {"every_address_to_connect_to",
         "key: '*:1'",
         as_required_address,
         "2:8: outer.key: '*' is every address of this machine; name the one to connect to"},
        {"every_address_among_those_to_connect_to",
         "key: ['a:1', '*:1']",
         as_addresses,
         "2:8: outer.key: '*' is every address of this machine; name the one to connect to"},
        {"required_address_left_out",
         "other: 1",
         as_required_address,
         "2:3: outer.key: required, but missing or empty"},
        {"one_bad_address_of_many",
         "key: ['a:1', 'b']",
         as_addresses,
         "2:8: outer.key: 'b' has no port; write HOST:PORT, like b:5432"},
        {"addresses_that_are_one",
         "key: 'a:1'",
         as_addresses,
         "2:8: outer.key: expected a list, like [\"127.0.0.1:9411\"]"},
        {"none_of_the_choices",
         "key: third",
         as_choice,
         "2:8: outer.key: 'third' is none of: first, second"},
        {"mapping_that_is_text",
         "key: a",
         as_map,
         "2:8: outer.key: expected a mapping of keys to values, like {KEY: VALUE}"},
        {"mappings_that_are_one",
         "key: {a: b}",
         as_maps,
         "2:8: outer.key: expected a list of mappings, like [{KEY: VALUE}], or each behind '- '"},
        {"text_among_mappings",
         "key: [{a: b}, c]",
         as_maps,
         "2:17: outer.key[1]: expected a mapping, like {KEY: VALUE}"},
        {"named_mapping_that_is_text",
         "key: {name: a}",
         as_named_maps,
         "2:15: outer.key.name: expected a mapping of keys to values, like {KEY: VALUE}"},
        {"named_mappings_that_are_text",
         "key: a",
         as_named_maps,
         "2:8: outer.key: expected a mapping of keys to values, like {NAME: {KEY: VALUE}}"},
        {"name_that_is_a_list", "key: {[a]: {}}", as_named_maps, "2:9: outer.key: expected a name"},
        {"name_given_twice",
         "key: {name: {a: b}, name: {c: d}}",
         as_named_maps,
         "2:23: outer.key.name: given twice"},
        {"named_text_that_is_a_mapping",
         "key: {name: {a: b}}",
         as_named_texts,
         "2:15: outer.key.name: expected text, not a mapping; put a text with braces in quotes"},
        {"named_text_given_twice",
         "key: {name: a, name: b}",
         as_named_texts,
         "2:18: outer.key.name: given twice"},
    }),
    [](const auto& tested) { return tested.param.name; }
);

} // namespace
} // namespace wakegate
