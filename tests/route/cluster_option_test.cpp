#include "proxy/route/cluster_option.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate::proxy {
namespace {

struct option_case {
    const char* name;
    std::string options;
    std::optional<std::string> cluster;
    std::string remaining;
};

class cluster_option_texts : public testing::TestWithParam<option_case> {};

TEST_P(cluster_option_texts, are_split_as_postgres_splits_them) {
    const auto found = parse_cluster_option(GetParam().options);
    EXPECT_EQ(found.cluster, GetParam().cluster);
    EXPECT_EQ(found.remaining, GetParam().remaining);
    EXPECT_FALSE(found.is_ambiguous);
}

INSTANTIATE_TEST_SUITE_P(
    cluster_option,
    cluster_option_texts,
    testing::ValuesIn(std::vector<option_case>{
        {"nothing", "", std::nullopt, ""},
        {"only_space", " \t ", std::nullopt, " \t "},
        {"alone", "--cluster=acme-prod", "acme-prod", ""},
        {"first", "--cluster=acme -c work_mem=1MB", "acme", "-c work_mem=1MB"},
        {"last", "-c work_mem=1MB --cluster=acme", "acme", "-c work_mem=1MB "},
        {"in_the_middle", "-c a=1\t--cluster=acme \n -c b=2", "acme", "-c a=1\t-c b=2"},
        {"between_spaces", "  --cluster=acme  ", "acme", "  "},
        {"none", "-c search_path=a,b --geqo=off", std::nullopt, "-c search_path=a,b --geqo=off"},
        {"escaped_space", "--cluster=two\\ words -c a=1", "two words", "-c a=1"},
        {"escaped_letter", "--clu\\ster=ac\\me", "acme", ""},
        {"escaped_backslash", "--cluster=a\\\\b", "a\\b", ""},
        {"backslash_at_the_end", "--cluster=acme\\", "acme", ""},
        {"escapes_of_others_stay", "-c a=b\\ c\\\\ --cluster=x", "x", "-c a=b\\ c\\\\ "},
        {"in_a_value", "-c a=--cluster=x", std::nullopt, "-c a=--cluster=x"},
        {"in_an_escaped_value", "-c a=\\ --cluster=x", std::nullopt, "-c a=\\ --cluster=x"},
        {"argument_of_a_switch", "-c --cluster=x", std::nullopt, "-c --cluster=x"},
        {"argument_of_grouped_switches", "-ec --cluster=x", std::nullopt, "-ec --cluster=x"},
        {"behind_a_switch_with_its_argument", "-ca=1 --cluster=x", "x", "-ca=1 "},
        {"behind_a_switch_without_one", "-e --cluster=x", "x", "-e "},
        {"behind_an_argument_that_looks_like_a_switch", "-c -c --cluster=x", "x", "-c -c "},
        {"behind_the_end_of_options", "-- --cluster=x", std::nullopt, "-- --cluster=x"},
        {"two_dashes_as_an_argument", "-c -- --cluster=x", "x", "-c -- "},
        {"twice_the_same", "--cluster=x --cluster=x", "x", ""},
        {"empty_name", "--cluster=", "", ""},
        {"without_a_value", "--cluster x", std::nullopt, "--cluster x"},
        {"another_setting", "--cluster_name=x", std::nullopt, "--cluster_name=x"},
        {"another_case", "--Cluster=x", std::nullopt, "--Cluster=x"},
        {"one_dash", "-cluster=x", std::nullopt, "-cluster=x"},
        {"as_a_setting", "-c cluster=x", std::nullopt, "-c cluster=x"},
        {"vertical_tab_and_form_feed_part_words", "-e\v--cluster=x\f-e", "x", "-e\v-e"},
        {"bytes_beyond_ascii", "--cluster=\xc3\xa4\xa0 -e", "\xc3\xa4\xa0", "-e"},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST(cluster_option, says_when_two_names_are_given) {
    const auto found = parse_cluster_option("--cluster=a -c b=1 --cluster=c");
    EXPECT_TRUE(found.is_ambiguous);
    EXPECT_EQ(found.remaining, "-c b=1 ");
    EXPECT_TRUE(parse_cluster_option("--cluster=a --cluster=c --cluster=a").is_ambiguous);
}

} // namespace
} // namespace wakegate::proxy
