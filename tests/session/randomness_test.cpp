#include "proxy/session/randomness.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace wakegate::proxy {
namespace {

TEST(randomness_bytes, are_as_many_as_asked_for_and_never_the_same) {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const auto bytes = random_bytes(18);
        EXPECT_EQ(bytes.size(), 18);
        EXPECT_TRUE(seen.insert(bytes).second);
    }
}

TEST(randomness_nonce, is_printable_and_new_each_time) {
    const auto nonce = fresh_nonce();
    EXPECT_EQ(nonce.size(), 24);
    EXPECT_EQ(nonce.find(','), std::string::npos);
    EXPECT_NE(nonce, fresh_nonce());
}

} // namespace
} // namespace wakegate::proxy
