#include "common/text_table.hpp"

#include <gtest/gtest.h>

namespace wakegate {
namespace {

using enum text_table::alignment;

TEST(text_table, makes_columns_as_wide_as_their_widest_cell) {
    text_table table({{"CLUSTER", left}, {"HELD", right}, {"WHY", left}});
    table.add({"app", "12", "12 held"});
    table.add({"warehouse", "0", ""});
    EXPECT_EQ(
        table.render(),
        "CLUSTER    HELD  WHY\n"
        "app          12  12 held\n"
        "warehouse     0\n"
    );
}

TEST(text_table, indents_each_line) {
    text_table table({{"A", left}});
    table.add({"b"});
    EXPECT_EQ(table.render(2), "  A\n  b\n");
}

TEST(text_table, counts_characters_and_not_bytes) {
    text_table table({{"ROLE", left}, {"N", right}});
    table.add({"zürich", "1"});
    table.add({"bernau", "2"});
    EXPECT_EQ(table.render(), "ROLE    N\nzürich  1\nbernau  2\n");
}

TEST(text_table, fills_short_rows_and_cuts_long_ones) {
    text_table table({{"A", left}, {"B", left}});
    EXPECT_TRUE(table.empty());
    table.add({"1"});
    table.add({"1", "2", "3"});
    EXPECT_FALSE(table.empty());
    EXPECT_EQ(table.render(), "A  B\n1\n1  2\n");
}

TEST(text_table, lets_no_cell_command_a_terminal_or_begin_a_line) {
    text_table table({{"APPLICATION", left}});
    table.add({"\x1b[2Jpsql\nroot\x7f"});
    EXPECT_EQ(table.render(), "APPLICATION\n?[2Jpsql?root?\n");
}

TEST(text_table, shows_the_controls_beyond_ascii_as_one_mark) {
    EXPECT_EQ(
        printable("a\xC2\x9B"
                  "2J"),
        "a?2J"
    );
    EXPECT_EQ(printable("\xC2\xA0é"), "\xC2\xA0é") << "printable, though its first byte is C2, too";
}

} // namespace
} // namespace wakegate
