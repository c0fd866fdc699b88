#include "proxy/libpq/read_password_file.hpp"
#include "tests/support/temporary_file.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace wakegate::proxy {
namespace {

using support::temporary_file;

TEST(read_password_file, is_the_first_as_it_stands) {
    EXPECT_EQ(
        read_password_file(temporary_file("  kept as it is \nand no more\n").path()),
        "  kept as it is "
    );
    EXPECT_EQ(read_password_file(temporary_file("without an end").path()), "without an end");
}

TEST(read_password_file, is_what_the_file_holds_now) {
    const temporary_file file("old\n");
    EXPECT_EQ(read_password_file(file.path()), "old");
    std::ofstream(file.path()) << "new\n";
    EXPECT_EQ(read_password_file(file.path()), "new");
}

TEST(read_password_file, is_none_without_a_line) {
    EXPECT_EQ(read_password_file(temporary_file("").path()), std::nullopt);
    EXPECT_EQ(read_password_file("/nowhere/password"), std::nullopt);
    EXPECT_EQ(read_password_file(""), std::nullopt);
}

} // namespace
} // namespace wakegate::proxy
