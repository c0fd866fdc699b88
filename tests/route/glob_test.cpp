#include "proxy/route/glob.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate::proxy {
namespace {

struct glob_case {
    const char* name;
    std::string pattern;
    std::vector<std::string> fits;
    std::vector<std::string> does_not_fit;
};

class glob_patterns : public testing::TestWithParam<glob_case> {};

TEST_P(glob_patterns, match_as_a_shell_matches_file_names) {
    const auto& [name, pattern, fits, does_not_fit] = GetParam();
    for (const auto& text : fits) {
        EXPECT_TRUE(matches(pattern, text)) << pattern << " and " << text;
    }
    for (const auto& text : does_not_fit) {
        EXPECT_FALSE(matches(pattern, text)) << pattern << " and " << text;
    }
}

INSTANTIATE_TEST_SUITE_P(
    glob,
    glob_patterns,
    testing::ValuesIn(std::vector<glob_case>{
        {"no_wildcard", "app", {"app"}, {"", "App", "app1", "my_app", "ap"}},
        {"star_behind", "app*", {"app", "app1", "app_test"}, {"", "my_app", "APP"}},
        {"star_in_front", "*_test", {"_test", "app_test"}, {"app_test2", "test"}},
        {"star_alone", "*", {"", "app", "two words", "a/b", ".hidden"}, {}},
        {"two_stars", "*-*-*", {"--", "a-b-c-d"}, {"a-b"}},
        {"question_mark", "app?", {"app1", "app?"}, {"app", "app12"}},
        {"set", "app[12]", {"app1", "app2"}, {"app3", "app", "app[12]"}},
        {"range", "app[0-9]", {"app0", "app9"}, {"appx"}},
        {"negated_set", "app[!12]", {"app3"}, {"app1", "app2", "app"}},
        {"escaped_star", "a\\*b", {"a*b"}, {"axb", "a\\*b"}},
        {"set_left_open", "app[1", {"app[1"}, {"app1"}},
        {"nothing", "", {""}, {"app"}},
        {"slashes_are_letters", "a*c", {"a/b/c"}, {}},
        {"names_of_orms", "prisma*", {"prisma", "prisma-cli"}, {"my prisma"}},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST(glob, a_long_row_of_stars_comes_to_an_end) {
    const std::string pattern = "*a*a*a*a*a*a*a*a*a*a*b";
    EXPECT_FALSE(matches(pattern, std::string(63, 'a')));
}

} // namespace
} // namespace wakegate::proxy
