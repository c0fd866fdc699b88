#include "common/random.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace wakegate {
namespace {

TEST(random, bytes_are_as_many_as_wanted_and_never_the_same) {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const auto bytes = random_bytes(18);
        EXPECT_EQ(bytes.size(), 18);
        EXPECT_TRUE(seen.insert(bytes).second);
    }
}

TEST(random, base64_is_printable_and_new_each_time) {
    const auto text = random_base64(18);
    EXPECT_EQ(text.size(), 24);
    EXPECT_EQ(text.find(','), std::string::npos);
    EXPECT_NE(text, random_base64(18));
}

} // namespace
} // namespace wakegate
