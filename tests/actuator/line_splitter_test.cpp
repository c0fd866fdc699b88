#include "scaler/actuator/line_splitter.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate::actuator {
namespace {

using lines = std::vector<std::string>;

struct splitting_case {
    std::string name;
    std::string input;
    lines expected;
};

lines split(const std::string& input, std::size_t piece) {
    lines result;
    line_splitter splitter([&result](std::string_view line) { result.emplace_back(line); });
    for (std::size_t at = 0; at < input.size(); at += piece) {
        splitter.feed(std::string_view(input).substr(at, piece));
    }
    splitter.flush();
    return result;
}

class line_splitter_cases : public ::testing::TestWithParam<splitting_case> {};

TEST_P(line_splitter_cases, gives_the_same_lines_for_any_segmentation) {
    const auto& tested = GetParam();
    for (const std::size_t piece : {1U, 2U, 7U, 4095U, 4096U, 100'000U}) {
        EXPECT_EQ(split(tested.input, piece), tested.expected) << "in pieces of " << piece;
    }
}

const std::string full(line_splitter::longest, 'x');

INSTANTIATE_TEST_SUITE_P(
    line_splitter_inputs,
    line_splitter_cases,
    ::testing::Values(
        splitting_case{"nothing", "", {}},
        splitting_case{"two_lines", "one\ntwo\n", {"one", "two"}},
        splitting_case{"last_line_without_newline", "one\ntwo", {"one", "two"}},
        splitting_case{"empty_lines", "\n\none\n\n", {"one"}},
        splitting_case{"carriage_return", "one\r\ntwo\r", {"one", "two"}},
        splitting_case{"longest", full + "\nnext\n", {full, "next"}},
        splitting_case{"longer", full + "y\nnext\n", {full, "y", "next"}},
        splitting_case{"without_any_newline", full + full + "z", {full, full, "z"}}
    ),
    [](const auto& tested) { return tested.param.name; }
);

} // namespace
} // namespace wakegate::actuator
