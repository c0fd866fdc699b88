#include "common/file_state.hpp"
#include "tests/support/temporary_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace wakegate {
namespace {

using support::temporary_file;

TEST(file_state, differs_when_the_file_does) {
    const temporary_file file("some text");
    const auto before = file_state(file.path());
    EXPECT_EQ(file_state(file.path()), before);
    std::ofstream(file.path()) << "some longer text";
    EXPECT_NE(file_state(file.path()), before);
}

TEST(file_state, follows_a_symbolic_link_that_is_swapped) {
    const temporary_file one("same");
    const temporary_file other("same");
    const auto link = one.path() + ".link";
    std::filesystem::create_symlink(one.path(), link);
    const auto before = file_state(link);
    std::filesystem::remove(link);
    EXPECT_NE(file_state(link), before);
    std::filesystem::create_symlink(other.path(), link);
    EXPECT_NE(file_state(link), before);
    std::filesystem::remove(link);
}

} // namespace
} // namespace wakegate
