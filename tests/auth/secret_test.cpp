#include "proxy/auth/secret.hpp"

#include <gtest/gtest.h>

#include <array>
#include <new>
#include <string>

namespace wakegate::auth {

namespace {

TEST(secret, a_key_is_overwritten_when_its_life_ends) {
    alignas(scram_key) std::array<unsigned char, sizeof(scram_key)> memory{};
    const std::string bytes(scram_key::size, 'k');
    auto* const key = new (memory.data()) scram_key(bytes);
    EXPECT_EQ(key->view(), bytes);
    key->~scram_key();
    for (const auto byte : memory) {
        EXPECT_NE(byte, 'k');
    }
}

TEST(secret, keys_are_equal_when_every_byte_is) {
    const std::string bytes(scram_key::size, 'k');
    for (std::size_t at = 0; at < scram_key::size; ++at) {
        auto other = bytes;
        other[at] = 'l';
        EXPECT_NE(scram_key(bytes), scram_key(other)) << at;
    }
    EXPECT_EQ(scram_key(bytes), scram_key(bytes));
}

TEST(secret, a_moved_text_leaves_nothing_behind) {
    secret_text one("short");
    const auto other = std::move(one);
    EXPECT_EQ(other.view(), "short");
    EXPECT_EQ(one.view(), ""); // NOLINT(bugprone-use-after-move): that is the question
}

} // namespace

} // namespace wakegate::auth
