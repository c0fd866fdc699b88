#include "proxy/cancel/short_key.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate::proxy {
namespace {

const std::string old_secret(32, 'o');
const std::string new_secret(32, 'n');
const cancel_secrets secrets(new_secret);

/// nothing: no key at all.
std::optional<bool> authentic(const cancel_secrets& with, const std::string& key) {
    const auto found = parse_short_key(with, key);
    return found ? std::optional(found->authentic) : std::nullopt;
}

TEST(short_key, names_replica_and_session) {
    for (const short_key& whose : std::vector<short_key>{
             {.replica = 0, .session = 1},
             {.replica = 7, .session = 4711},
             {.replica = short_key::max_replica, .session = short_key::max_session},
         }) {
        const auto key = make_short_key(secrets, whose);
        EXPECT_EQ(key.size(), 8U);
        const auto found = parse_short_key(secrets, key);
        ASSERT_TRUE(found);
        EXPECT_EQ(found->whose, whose);
        EXPECT_TRUE(found->authentic);
    }
}

TEST(short_key, has_a_process_id_above_zero) {
    const auto highest = make_short_key(
        secrets, {.replica = short_key::max_replica, .session = short_key::max_session}
    );
    EXPECT_EQ(highest.front(), '\x7f');
    EXPECT_NE(make_short_key(secrets, {}).substr(0, 4), std::string(4, '\0'));
}

TEST(short_key, every_changed_bit_is_noticed) {
    const auto key = make_short_key(secrets, {.replica = 7, .session = 4711});
    for (std::size_t bit = 0; bit < 8 * key.size(); ++bit) {
        auto changed = key;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
        EXPECT_NE(authentic(secrets, changed), true) << bit;
    }
}

TEST(short_key, has_one_form) {
    const auto key = make_short_key(secrets, {.replica = 7, .session = 4711});
    for (const std::size_t size : {0, 4, 7}) {
        EXPECT_FALSE(parse_short_key(secrets, key.substr(0, size)));
    }
    EXPECT_FALSE(parse_short_key(secrets, key + '\0'));
    EXPECT_FALSE(parse_short_key(secrets, std::string(8, '\0'))) << "there is no session 0";
    EXPECT_FALSE(parse_short_key(secrets, std::string(8, '\xff'))) << "the first bit is 0";
}

TEST(short_key, of_another_installation_is_not_authentic) {
    const auto key = make_short_key(cancel_secrets(old_secret), {.replica = 7, .session = 4711});
    EXPECT_EQ(authentic(secrets, key), false);
    EXPECT_EQ(parse_short_key(secrets, key)->whose.replica, 7U);
}

TEST(short_key, outlives_one_change_of_the_secret_and_not_two) {
    const auto key = make_short_key(cancel_secrets(old_secret), {.replica = 7, .session = 4711});
    EXPECT_EQ(authentic(cancel_secrets(new_secret, old_secret), key), true);
    EXPECT_EQ(authentic(cancel_secrets(std::string(32, 'x'), new_secret), key), false);
    const auto newer = make_short_key(cancel_secrets(new_secret, old_secret), {});
    EXPECT_EQ(authentic(secrets, newer), true);
}

TEST(short_key, the_secret_of_one_session_is_not_anothers) {
    const auto one = make_short_key(secrets, {.replica = 7, .session = 1});
    const auto other = make_short_key(secrets, {.replica = 7, .session = 2});
    EXPECT_EQ(authentic(secrets, one.substr(0, 4) + other.substr(4)), false);
}

} // namespace
} // namespace wakegate::proxy
