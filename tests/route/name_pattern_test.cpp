#include "proxy/route/name_pattern.hpp"
#include "tests/support/configuration_failure.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate::proxy {
namespace {

using style = name_pattern::style;

/// "client=acme env=prod", "" for a match without names, or "no".
std::string matched(const std::string& pattern, style how, std::string_view text) {
    const auto values = name_pattern::parse(pattern, how).match(text);
    if (!values) {
        return "no";
    }
    std::string all;
    for (const auto& [name, value] : *values) {
        all += (all.empty() ? "" : " ") + name + "=" + value;
    }
    return all;
}

struct match_case {
    const char* name;
    std::string pattern;
    style how;
    std::string text;
    std::string values;
};

class name_pattern_examples : public testing::TestWithParam<match_case> {};

TEST_P(name_pattern_examples, bind_names) {
    const auto& [name, pattern, how, text, values] = GetParam();
    EXPECT_EQ(matched(pattern, how, text), values) << pattern << " and " << text;
}

INSTANTIATE_TEST_SUITE_P(
    name_pattern,
    name_pattern_examples,
    testing::ValuesIn(std::vector<match_case>{
        {"one_name", "{client}.db", style::host_name, "acme.db", "client=acme"},
        {"two_names", "{client}-{env}.db", style::text, "acme-prod.db", "client=acme env=prod"},
        {"first_takes_most", "{a}-{b}", style::text, "acme-eu-prod", "a=acme-eu b=prod"},
        {"labels_end_in_letters", "{a}-{b}", style::text, "acme--prod", "no"},
        {"no_dash_in_front", "{a}.db", style::text, "-acme.db", "no"},
        {"no_dash_behind", "{a}.db", style::text, "acme-.db", "no"},
        {"dots_are_not_bound", "{a}.db", style::text, "acme.evil.db", "no"},
        {"underscores_are_not_bound", "{a}", style::text, "ac_me", "no"},
        {"slashes_are_not_bound", "{a}", style::text, "../etc", "no"},
        {"bytes_beyond_ascii_are_not_bound", "{a}", style::text, "\xc3\xa4", "no"},
        {"spaces_are_not_bound", "{a}.db", style::text, "ac me.db", "no"},
        {"nothing_is_not_bound", "{a}.db", style::text, ".db", "no"},
        {"empty_text", "{a}", style::text, "", "no"},
        {"one_letter", "{a}", style::text, "x", "a=x"},
        {"digits", "{a}", style::text, "2130706433", "a=2130706433"},
        {"63_letters", "{a}", style::text, std::string(63, 'x'), "a=" + std::string(63, 'x')},
        {"64_letters", "{a}", style::text, std::string(64, 'x'), "no"},
        {"values_are_in_lower_case", "{a}_app", style::text, "ACME_app", "a=acme"},
        {"case_of_the_rest_counts", "{a}_app", style::text, "acme_APP", "no"},
        {"case_of_hosts_does_not", "{a}.DB.com", style::host_name, "AcMe.db.COM", "a=acme"},
        {"star_in_front", "*-{env}", style::text, "a.b-c-prod", "env=c-prod"},
        {"star_behind", "{client}_*", style::text, "acme_a_b", "client=acme"},
        {"star_may_be_empty", "{client}*", style::text, "acme", "client=acme"},
        {"question_mark", "{client}_?", style::text, "acme_1", "client=acme"},
        {"set", "{client}_[0-9]", style::text, "acme_7", "client=acme"},
        {"outside_the_set", "{client}_[0-9]", style::text, "acme_x", "no"},
        {"negated_set", "{client}_[!0-9]", style::text, "acme_x", "client=acme"},
        {"bracket_in_a_set", "{client}_[]x]", style::text, "acme_]", "client=acme"},
        {"class_in_a_set", "{client}_[[:digit:]x]", style::text, "acme_5", "client=acme"},
        {"set_left_open", "{client}_[0", style::text, "acme_[0", "client=acme"},
        {"braces_in_a_set", "{client}_[{}]", style::text, "acme_}", "client=acme"},
        {"escaped_star", "{client}_\\*", style::text, "acme_*", "client=acme"},
        {"escaped_star_only", "{client}_\\*", style::text, "acme_x", "no"},
        {"escaped_braces", "\\{client\\}", style::text, "{client}", ""},
        {"escaped_brace_and_name", "\\{{client}\\}", style::text, "{acme}", "client=acme"},
        {"no_names", "app*", style::text, "app1", ""},
        {"no_names_no_match", "app*", style::text, "my_app", "no"},
        {"no_names_and_case", "DB.example.com", style::host_name, "db.EXAMPLE.com", ""},
        {"plain_star", "ma*{x}", style::plain, "ma*1", "x=1"},
        {"plain_star_is_a_letter", "ma*{x}", style::plain, "main1", "no"},
        {"plain_set_is_letters", "[ab]{x}", style::plain, "[ab]1", "x=1"},
        {"plain_backslash_is_a_letter", "\\{x}", style::plain, "\\1", "x=1"},
        {"plain_without_names", "ma*", style::plain, "main", "no"},
        {"something_in_front", "{a}.db", style::text, "x acme.db", "no"},
        {"something_behind", "{a}.db", style::text, "acme.db.evil", "no"},
        {"too_long", "{a}*", style::text, std::string(name_pattern::max_text_size + 1, 'x'), "no"},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST(name_pattern, a_hard_pattern_on_a_long_text_comes_to_an_end) {
    const std::string pattern = "*a*a*a*{x}*a*a*a*{y}*a*a*b";
    EXPECT_EQ(matched(pattern, style::text, std::string(name_pattern::max_text_size, 'a')), "no");
}

struct bad_pattern {
    const char* name;
    std::string pattern;
    std::string line;
};

class name_pattern_mistakes : public testing::TestWithParam<bad_pattern> {};

TEST_P(name_pattern_mistakes, are_refused_at_load_time) {
    const auto line = support::configuration_failure([] {
        std::ignore = name_pattern::parse(GetParam().pattern, style::text);
    });
    EXPECT_EQ(line, GetParam().line);
}

INSTANTIATE_TEST_SUITE_P(
    name_pattern,
    name_pattern_mistakes,
    testing::ValuesIn(std::vector<bad_pattern>{
        {"left_open",
         "db.{client",
         "'db.{client': '{' without a '}'; a placeholder is {name}, at character 4"},
        {"never_opened", "client}.db", "'client}.db': '}' without a '{', at character 7"},
        {"no_name",
         "{}.db",
         "'{}.db': '{}' is no placeholder; its name is a-z, then a-z, 0-9 and _, at character 1"},
        {"upper_case",
         "{Client}",
         "'{Client}': '{Client}' is no placeholder; its name is a-z, then a-z, 0-9 and _, at "
         "character 1"},
        {"twice",
         "{client}.{client}",
         "'{client}.{client}': {client} comes twice in one pattern, at character 10"},
        {"side_by_side",
         "{client}{env}",
         "'{client}{env}': nothing stands between {client} and {env} to part them, at character "
         "9"},
    }),
    [](const auto& tested) { return tested.param.name; }
);

} // namespace
} // namespace wakegate::proxy
