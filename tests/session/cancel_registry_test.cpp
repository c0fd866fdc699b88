#include "proxy/cancel/short_key.hpp"
#include "proxy/session/cancel_registry.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace wakegate::proxy {
namespace {

const cluster_settings app{.name = "app", .backend = {"10.0.0.1", 5432}};
const cluster_settings other{.name = "other", .backend = {"10.0.0.2", 5432}};

TEST(cancel_registry, knows_whose_key_it_is_until_it_is_forgotten) {
    const std::string key("\0\0\1\2\0\0\3\4", 8);
    const std::string longer = key + std::string(1, '\0');
    cancel_registry registry;
    EXPECT_EQ(registry.find(key), std::nullopt);
    registry.remember(key, app);
    registry.remember(longer, other);
    EXPECT_EQ(registry.find(key), (cancel_address{&app, key}));
    EXPECT_EQ(registry.find(longer)->where, &other) << "keys are bytes, zeros included";
    registry.forget(key);
    registry.forget(key);
    EXPECT_EQ(registry.find(key), std::nullopt);
    EXPECT_EQ(registry.find(longer)->where, &other);
}

TEST(cancel_registry, lets_the_last_owner_of_a_key_count) {
    const std::string key = "pid!secr";
    cancel_registry registry;
    registry.remember(key, app);
    registry.remember(key, other);
    EXPECT_EQ(registry.find(key)->where, &other);
}

TEST(cancel_registry, gives_a_number_for_as_long_as_it_is_held) {
    cancel_registry registry(7);
    std::uint32_t value = 0;
    {
        const auto number = registry.number({&app, "pid!secr"});
        ASSERT_TRUE(number);
        value = number.value();
        EXPECT_EQ(value, 7U);
        EXPECT_EQ(registry.find(value), (cancel_address{&app, "pid!secr"}));
        EXPECT_EQ(registry.find(value + 1), std::nullopt);
    }
    EXPECT_EQ(registry.find(value), std::nullopt);
}

TEST(cancel_registry, gives_a_number_that_was_free_again_to_nobody_soon) {
    cancel_registry registry(1);
    {
        const auto brief = registry.number({&app, "first"});
    }
    const auto next = registry.number({&app, "second"});
    EXPECT_EQ(next.value(), 2U);
}

TEST(cancel_registry, counts_on_from_the_largest_number_past_those_in_use) {
    cancel_registry registry(1);
    const auto first = registry.number({&app, "first"});
    const auto second = registry.number({&app, "second"});
    cancel_registry late(short_key::max_session);
    const auto last = late.number({&app, "last"});
    const auto wrapped = late.number({&app, "wrapped"});
    EXPECT_EQ(last.value(), short_key::max_session);
    EXPECT_EQ(wrapped.value(), 1U);
    EXPECT_EQ(late.number({&app, "beyond"}).value(), 2U);
    EXPECT_EQ(registry.find(1)->backend_key, "first");
}

TEST(cancel_registry, never_starts_at_a_number_that_keys_cannot_hold) {
    EXPECT_EQ(cancel_registry(0).number({&app, "k"}).value(), 1U);
    EXPECT_EQ(cancel_registry(~0U).number({&app, "k"}).value(), short_key::max_session);
}

TEST(session_number, keeps_its_entry_through_a_move) {
    cancel_registry registry(3);
    auto number = registry.number({&app, "pid!secr"});
    const session_number moved(std::move(number));
    EXPECT_TRUE(moved);
    EXPECT_TRUE(registry.find(3U));
    EXPECT_FALSE(session_number());
}

} // namespace
} // namespace wakegate::proxy
