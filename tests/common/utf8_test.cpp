#include "common/utf8.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace wakegate {
namespace {

const std::string replacement = "\xEF\xBF\xBD";

TEST(utf8, is_left_as_it_is) {
    for (const std::string text : {"", "app", "zürich", "データ", "\U0001F40B", "a\tb\x7f"}) {
        EXPECT_EQ(replace_invalid_utf8(text), text);
    }
}

TEST(utf8, gets_a_mark_for_each_byte_that_is_none) {
    EXPECT_EQ(replace_invalid_utf8("a\xffz"), "a" + replacement + "z");
    EXPECT_EQ(replace_invalid_utf8("z\xC3"), "z" + replacement) << "cut off in the middle";
    EXPECT_EQ(replace_invalid_utf8("\xC0\xAF"), replacement + replacement) << "overlong";
    EXPECT_EQ(replace_invalid_utf8("\xED\xA0\x80").size(), 9U) << "half a surrogate pair";
}

} // namespace
} // namespace wakegate
