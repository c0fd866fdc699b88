#include "common/units.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace wakegate {
namespace {

struct duration_case {
    const char* name;
    std::string text;
    std::optional<milliseconds> value;
};

class units_durations : public testing::TestWithParam<duration_case> {};

TEST_P(units_durations, are_read_with_their_unit_or_not_at_all) {
    EXPECT_EQ(parse_duration(GetParam().text), GetParam().value);
}

INSTANTIATE_TEST_SUITE_P(
    units,
    units_durations,
    testing::ValuesIn(std::vector<duration_case>{
        {"milliseconds_", "250ms", milliseconds(250)},
        {"seconds_", "10s", seconds(10)},
        {"minutes", "5m", std::chrono::minutes(5)},
        {"hours", "1h", std::chrono::hours(1)},
        {"zero", "0s", milliseconds(0)},
        {"leading_zeros", "007s", seconds(7)},
        {"ten_years", "87840h", std::chrono::hours(87'840)},
        {"more_than_ten_years", "87841h", {}},
        {"more_than_64_bits", "18446744073709551616s", {}},
        {"more_than_64_bits_once_multiplied", "18446744073709551615h", {}},
        {"no_unit", "10", {}},
        {"zero_without_a_unit", "0", {}},
        {"unit_alone", "s", {}},
        {"nothing", "", {}},
        {"negative", "-1s", {}},
        {"with_a_plus", "+1s", {}},
        {"fraction", "1.5s", {}},
        {"space_before", " 1s", {}},
        {"space_between", "1 s", {}},
        {"space_behind", "1s ", {}},
        {"upper_case", "1S", {}},
        {"unknown_unit", "1d", {}},
        {"two_units", "1m30s", {}},
        {"zero_byte_behind", std::string("1s\0", 3), {}},
    }),
    [](const auto& tested) { return tested.param.name; }
);

struct size_case {
    const char* name;
    std::string text;
    std::optional<std::uint64_t> value;
};

class units_sizes : public testing::TestWithParam<size_case> {};

TEST_P(units_sizes, are_read_in_bytes_or_not_at_all) {
    EXPECT_EQ(parse_size(GetParam().text), GetParam().value);
}

INSTANTIATE_TEST_SUITE_P(
    units,
    units_sizes,
    testing::ValuesIn(std::vector<size_case>{
        {"bytes", "4096", 4096},
        {"zero", "0", 0},
        {"kibibytes", "64KiB", 65'536},
        {"mebibytes", "16MiB", 16'777'216},
        {"gibibytes", "1GiB", 1'073'741'824},
        {"largest", "18446744073709551615", 18'446'744'073'709'551'615U},
        {"largest_in_gibibytes", "17179869183GiB", 17'179'869'183ULL << 30U},
        {"more_than_64_bits", "18446744073709551616", {}},
        {"more_than_64_bits_once_multiplied", "17179869184GiB", {}},
        {"unit_alone", "KiB", {}},
        {"nothing", "", {}},
        {"negative", "-1", {}},
        {"decimal_unit", "64kB", {}},
        {"letter_alone", "64K", {}},
        {"space_between", "64 KiB", {}},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST(units, a_duration_is_written_in_its_largest_whole_unit) {
    EXPECT_EQ(format_duration(milliseconds(0)), "0s");
    EXPECT_EQ(format_duration(milliseconds(1)), "1ms");
    EXPECT_EQ(format_duration(milliseconds(1'500)), "1500ms");
    EXPECT_EQ(format_duration(seconds(1)), "1s");
    EXPECT_EQ(format_duration(seconds(90)), "90s");
    EXPECT_EQ(format_duration(seconds(300)), "5m");
    EXPECT_EQ(format_duration(std::chrono::hours(48)), "48h");
}

TEST(units, what_is_written_can_be_read_back) {
    for (const std::int64_t ms : {0, 1, 999, 1'000, 59'999, 60'000, 3'599'000, 3'600'000}) {
        const milliseconds value(ms);
        EXPECT_EQ(parse_duration(format_duration(value)), value) << format_duration(value);
    }
}

} // namespace
} // namespace wakegate
