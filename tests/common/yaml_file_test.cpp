#include "common/yaml_map.hpp"
#include "tests/support/configuration_failure.hpp"
#include "tests/support/temporary_file.hpp"

#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

namespace wakegate {
namespace {

using support::configuration_failure;

yaml_map parsed(const std::string& text) {
    return yaml_map::parse(text, "wakegate.yaml");
}

/// Reads "backend", "backlog" and "probe.user", and rejects the rest.
std::string failure_of(const std::string& text) {
    return configuration_failure([&] {
        const auto map = parsed(text);
        std::ignore = map.text("backend", "");
        std::ignore = map.text("backlog", "");
        const auto probe = map.map("probe");
        std::ignore = probe.text("user", "");
        probe.reject_unknown_keys();
        map.reject_unknown_keys();
    });
}

struct file_case {
    const char* name;
    std::string text;
    std::string message;
};

class yaml_file_mistakes : public testing::TestWithParam<file_case> {};

TEST_P(yaml_file_mistakes, are_refused_in_one_line) {
    EXPECT_EQ(failure_of(GetParam().text), "wakegate.yaml:" + GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    yaml_file,
    yaml_file_mistakes,
    testing::ValuesIn(std::vector<file_case>{
        {"misspelt_key", "bakend: a", "1:1: bakend: unknown key; did you mean 'backend'?"},
        {"the_nearest_of_two_keys",
         "backlok: a",
         "1:1: backlok: unknown key; did you mean "
         "'backlog'?"},
        {"misspelt_key_below",
         "probe:\n  usr: a",
         "2:3: probe.usr: unknown key; did you mean 'user'?"},
        {"key_like_no_other",
         "zzzzzz: a",
         "1:1: zzzzzz: unknown key; known here: backend, backlog, probe"},
        {"key_that_is_a_list",
         "[a, b]: c",
         "1:1: ?: unknown key; known here: backend, backlog, probe"},
        {"key_given_twice", "backend: a\nbacklog: b\nbackend: c", "3:1: backend: given twice"},
        {"a_text_alone", "backend", "1:1: expected keys with values, like KEY: VALUE"},
        {"a_list", "[backend]", "1:1: expected keys with values, like KEY: VALUE"},
        {"a_mapping_that_is_left_open",
         "{backend: a",
         "1:1: not YAML: end of map flow not found; close each { with } and each [ with ], and put "
         "commas between entries"},
        {"wrong_indentation",
         "probe:\n  user: a\n b: c",
         "3:2: not YAML: end of map not found; indent the keys of one mapping alike, each with a "
         "colon and a space behind it"},
        {"every_address_without_quotes",
         "backend: *:6432",
         "1:10: not YAML: a text that begins with * needs quotes; write \"*:6432\""},
        {"pattern_without_quotes",
         "list: [*]",
         "1:9: not YAML: a text that begins with * needs quotes; write \"*\""},
        {"tab",
         "probe:\n\tuser: a",
         "2:6: not YAML: a tab in front of the text; YAML is indented with spaces"},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST(yaml_file, counts_a_key_as_known_once_any_copy_has_asked_for_it) {
    const auto map = parsed("a: 1\nb: 2");
    const auto copy = map;
    std::ignore = map.has("a");
    std::ignore = copy.has("b");
    EXPECT_NO_THROW(map.reject_unknown_keys());
    EXPECT_NO_THROW(copy.reject_unknown_keys());
}

TEST(yaml_file, keeps_the_order_of_the_file) {
    const auto map = parsed("names: {c: {x: 1}, a: {x: 2}, b: {x: 3}}\nmore: {z: 1, y: }");
    std::string order;
    for (const auto& [name, each] : map.named_maps("names")) {
        order += name + each.text("x", "");
    }
    EXPECT_EQ(order, "c1a2b3");
    using named_texts = std::vector<std::pair<std::string, std::string>>;
    EXPECT_EQ(map.named_texts("more"), (named_texts{{"z", "1"}, {"y", ""}}));
}

TEST(yaml_file, a_list_of_mappings_numbers_its_paths) {
    const auto rules = parsed("rules:\n  - {to: a}\n  - {too: b}").maps("rules");
    ASSERT_EQ(rules.size(), 2U);
    EXPECT_EQ(rules[0].text("to", ""), "a");
    EXPECT_EQ(
        configuration_failure([&] { std::ignore = rules[1].required_text("to"); }),
        "wakegate.yaml:3:5: rules[1].to: required, but missing or empty"
    );
}

TEST(yaml_file, a_reader_can_fail_at_a_key_of_its_own_choice) {
    const auto map = parsed("outer:\n  a: 1").map("outer");
    EXPECT_EQ(
        configuration_failure([&] { map.fail("a", "is odd"); }),
        "wakegate.yaml:2:6: outer.a: is odd"
    );
    EXPECT_EQ(
        configuration_failure([&] { map.fail("b", "is missed"); }),
        "wakegate.yaml:2:3: outer.b: is missed"
    );
    EXPECT_EQ(
        configuration_failure([&] { map.fail("", "is odd as a whole"); }),
        "wakegate.yaml:2:3: outer: is odd as a whole"
    );
}

TEST(yaml_file, records_a_warning_where_it_would_fail_and_goes_on) {
    const auto map = parsed("outer:\n  a: 1\nb: 2");
    EXPECT_TRUE(map.warnings().empty());
    map.map("outer").warn("a", "is odd; make it even");
    map.warn("b\n", "is missed");
    EXPECT_EQ(
        map.warnings(),
        (std::vector<configuration_warning>{
            {"wakegate.yaml:2:6", "outer.a: is odd; make it even"},
            {"wakegate.yaml:1:1", "b?: is missed"},
        })
    );
}

TEST(yaml_file, takes_relative_paths_from_the_folder_of_its_file) {
    const std::string text = "near: users.txt\nup: ../users.txt\nfar: /var/users.txt\nempty: ''";
    const auto in_folder = yaml_map::parse(text, "/etc/wakegate/proxy.yaml");
    EXPECT_EQ(in_folder.path("near"), "/etc/wakegate/users.txt");
    EXPECT_EQ(in_folder.path("up"), "/etc/wakegate/../users.txt");
    EXPECT_EQ(in_folder.path("far"), "/var/users.txt");
    EXPECT_EQ(in_folder.path("empty"), "");
    EXPECT_EQ(in_folder.path("absent"), "");
    EXPECT_EQ(in_folder.map("absent").path("absent"), "");
    EXPECT_EQ(yaml_map::parse(text, "conf/proxy.yaml").path("near"), "conf/users.txt");
    EXPECT_EQ(yaml_map::parse(text, "proxy.yaml").path("near"), "users.txt");
}

TEST(yaml_file, says_everything_in_one_line_whatever_the_file_holds) {
    const auto map = parsed("period: \"1\\n2\\r3\\e[2J\\x7f4\\05\"\n\"bad\\nkey\": 1");
    EXPECT_EQ(
        configuration_failure([&] { std::ignore = map.period("period", seconds(1)); }),
        "wakegate.yaml:1:9: period: '1?2?3?[2J?4?5' is not a duration; write it like 250ms, 10s, "
        "5m "
        "or 1h"
    );
    EXPECT_EQ(
        configuration_failure([&] { map.reject_unknown_keys(); }),
        "wakegate.yaml:2:1: bad?key: unknown key; known here: period"
    );
}

TEST(yaml_file, leaves_letters_beyond_ascii_in_an_error_as_they_are) {
    EXPECT_EQ(
        configuration_failure([] { parsed("über: 1").reject_unknown_keys(); }),
        "wakegate.yaml:1:1: über: unknown key; known here: "
    );
}

TEST(yaml_file, reads_a_file_and_names_it_as_it_was_given) {
    const support::temporary_file file("a: 1\nb: [");
    const auto failure =
        configuration_failure([&] { std::ignore = yaml_map::load_file(file.path()); });
    EXPECT_EQ(
        failure,
        file.path() + ":2:1: not YAML: end of sequence flow not found; close each { with } and "
                      "each [ with ], and put commas between entries"
    );
}

TEST(yaml_file, names_a_file_that_cannot_be_read) {
    const auto load = [](const std::string& path) {
        return configuration_failure([&] { std::ignore = yaml_map::load_file(path); });
    };
    const std::string remedy = "; give the path of the YAML file";
    EXPECT_EQ(load("/tmp/nowhere.yaml"), "--config: '/tmp/nowhere.yaml' is missing" + remedy);
    EXPECT_EQ(load("/"), "--config: '/' is a folder, not a file" + remedy);
    EXPECT_EQ(load("two\nlines"), "--config: 'two?lines' is missing" + remedy);
}

TEST(yaml_file, names_a_file_or_folder_that_cannot_be_read) {
    const support::temporary_file existing_file("");
    const auto map =
        parsed("file: " + existing_file.path() + "\nfolder: /\nmissing: gone/users.txt");
    EXPECT_EQ(map.file("file"), existing_file.path());
    EXPECT_EQ(map.folder("folder"), "/");
    EXPECT_EQ(map.file("absent") + map.folder("absent"), "");
    const auto failure = [&](const char* key, auto read) {
        return configuration_failure([&] { std::ignore = (map.*read)(key); });
    };
    EXPECT_EQ(
        failure("missing", &yaml_map::file),
        "wakegate.yaml:3:10: missing: 'gone/users.txt' is missing, and so is its folder; give a "
        "file that this program may read"
    );
    EXPECT_EQ(
        failure("folder", &yaml_map::file),
        "wakegate.yaml:2:9: folder: '/' is a folder, not a file; give a file that this program may "
        "read"
    );
    EXPECT_EQ(
        failure("file", &yaml_map::folder),
        "wakegate.yaml:1:7: file: '" + existing_file.path() +
            "' is a file, not a folder; give a folder that this program may read"
    );
}

} // namespace
} // namespace wakegate
