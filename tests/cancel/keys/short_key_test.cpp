#include "proxy/cancel/keys/short_key.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace wakegate::proxy {
namespace {

using namespace std::string_literals;

const std::string old_secret(32, 'o');
const std::string new_secret(32, 'n');
const cancel_secrets secrets(new_secret);
const auto process_id = "\0\0\x12\x67"s;

TEST(short_key, begins_with_the_backends_process_id) {
    for (const auto& each : {process_id, "\0\x3f\xff\xff"s, "\0\0\0\1"s}) {
        for (const std::uint32_t nonce : {0U, 4'711U, max_short_key_nonce}) {
            const auto key = make_short_key(secrets, each, nonce);
            EXPECT_EQ(key.size(), 8U);
            EXPECT_EQ(key.substr(0, 4), each);
            EXPECT_TRUE(verify_short_key(secrets, key));
        }
    }
}

TEST(short_key, is_another_one_with_each_nonce) {
    std::set<std::string> keys;
    for (std::uint32_t nonce = 0; nonce < 1'000; ++nonce) {
        keys.insert(make_short_key(secrets, process_id, nonce));
    }
    EXPECT_EQ(keys.size(), 1'000U);
}

TEST(short_key, is_told_from_a_changed_one) {
    const auto key = make_short_key(secrets, process_id, 4'711);
    int accepted = 0;
    for (std::size_t bit = 0; bit < 8 * key.size(); ++bit) {
        auto changed = key;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
        accepted += verify_short_key(secrets, changed) ? 1 : 0;
    }
    EXPECT_EQ(accepted, 0);
}

TEST(short_key, of_another_installation_seldom_passes_for_ours) {
    const cancel_secrets foreign(old_secret);
    int accepted = 0;
    for (std::uint32_t nonce = 0; nonce < 4'096; ++nonce) {
        accepted += verify_short_key(secrets, make_short_key(foreign, process_id, nonce)) ? 1 : 0;
    }
    EXPECT_LE(accepted, 5) << "one is to be expected, of 12 bits";
}

TEST(short_key, has_one_size) {
    const auto key = make_short_key(secrets, process_id, 4'711);
    for (const std::size_t size : {0, 4, 7}) {
        EXPECT_FALSE(verify_short_key(secrets, key.substr(0, size)));
    }
    EXPECT_FALSE(verify_short_key(secrets, key + '\0'));
}

TEST(short_key, outlives_one_change_of_the_secret_and_not_two) {
    const auto key = make_short_key(cancel_secrets(old_secret), process_id, 4'711);
    EXPECT_TRUE(verify_short_key(cancel_secrets(new_secret, old_secret), key));
    EXPECT_FALSE(verify_short_key(cancel_secrets(std::string(32, 'x'), new_secret), key));
    const auto newer = make_short_key(cancel_secrets(new_secret, old_secret), process_id, 0);
    EXPECT_TRUE(verify_short_key(secrets, newer)) << "the current secret makes keys";
}

} // namespace
} // namespace wakegate::proxy
