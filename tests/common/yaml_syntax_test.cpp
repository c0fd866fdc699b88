#include "common/yaml_syntax.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate {
namespace {

struct broken_line {
    const char* name;
    std::string line;
    std::size_t column; ///< where yaml-cpp stops
    std::string complaint;
    std::string message;
};

class yaml_syntax : public testing::TestWithParam<broken_line> {};

TEST_P(yaml_syntax, say_what_to_write) {
    const auto& tested = GetParam();
    EXPECT_EQ(describe_syntax_error(tested.complaint, tested.line, tested.column), tested.message);
}

const std::string anchor = "the referenced anchor is not defined";
const std::string alias = "alias not found after *";
const std::string open_map = "end of map flow not found";
const std::string tab = "a tab in front of the text; YAML is indented with spaces";

INSTANTIATE_TEST_SUITE_P(
    yaml_syntax,
    yaml_syntax,
    testing::ValuesIn(std::vector<broken_line>{
        {"every_address",
         "  main: {address: *:6432}",
         18,
         anchor,
         "a text that begins with * needs quotes; write \"*:6432\""},
        {"pattern_alone",
         "roles: [*]",
         9,
         alias,
         "a text that begins with * needs quotes; write \"*\""},
        {"at_sign",
         "database: @x",
         10,
         "unknown token",
         "a text that begins with @ needs quotes; write \"@x\""},
        {"tab_in_front", "\tmain:", 5, "illegal map value", tab},
        {"tab_behind_spaces", "  \tmain: a", 3, "illegal map value", tab},
        {"tab_elsewhere",
         "a: b:\tc",
         4,
         "illegal map value",
         "illegal map value; put a text that holds a colon and a space in quotes"},
        {"braces",
         " - {database: {client}_live, cluster: a}",
         22,
         open_map,
         "a text with braces needs quotes; write \"{client}_live\""},
        {"braces_of_an_address",
         "backend: {client}.svc:5432",
         17,
         "end of map not found",
         "a text with braces needs quotes; write \"{client}.svc:5432\""},
        {"key_without_a_space",
         "  main:{address: a}",
         18,
         "illegal flow end",
         "illegal flow end; write a space behind main:"},
        {"mapping_left_open",
         "a: {b: c",
         0,
         open_map,
         open_map + "; close each { with } and each [ with ], and put commas between entries"},
        {"anything_else", "a: 'b", 3, "illegal EOF in scalar", "illegal EOF in scalar"},
        {"no_line", "", 0, "odd", "odd"},
        {"column_beyond_the_line", "a", 9, "odd", "odd"},
    }),
    [](const auto& tested) { return tested.param.name; }
);

} // namespace
} // namespace wakegate
