#include "proxy/session/cancel_registry.hpp"
#include "proxy/session/cluster.hpp"

#include <gtest/gtest.h>

#include <string>

namespace wakegate::proxy {
namespace {

TEST(cluster_settings, has_one_patience_for_clients_that_no_pattern_fits) {
    cluster_settings settings;
    settings.hold_timeout = seconds(60);
    EXPECT_EQ(settings.hold_timeout_for("psql"), seconds(60));
    settings.hold_overrides = {{.application_name = "prisma*", .hold_timeout = seconds(4)}};
    EXPECT_EQ(settings.hold_timeout_for("psql"), seconds(60));
    EXPECT_EQ(settings.hold_timeout_for(""), seconds(60));
}

TEST(cluster_settings, lets_the_first_pattern_that_fits_decide) {
    cluster_settings settings;
    settings.hold_overrides = {
        {.application_name = "prisma-cli", .hold_timeout = seconds(90)},
        {.application_name = "prisma*", .hold_timeout = seconds(4)},
        {.application_name = "", .hold_timeout = seconds(7)},
        {.application_name = "*", .hold_timeout = seconds(0)},
    };
    EXPECT_EQ(settings.hold_timeout_for("prisma-cli"), seconds(90));
    EXPECT_EQ(settings.hold_timeout_for("prisma"), seconds(4));
    EXPECT_EQ(settings.hold_timeout_for(""), seconds(7)) << "clients that give no name";
    EXPECT_EQ(settings.hold_timeout_for("psql"), seconds(0));
}

TEST(cancel_registry, knows_whose_key_it_is_until_it_is_forgotten) {
    const cluster_settings owner;
    const cluster_settings other;
    const std::string key("\0\0\1\2\0\0\3\4", 8);
    const std::string longer = key + std::string(1, '\0');
    cancel_registry registry;
    EXPECT_EQ(registry.find(key), nullptr);
    registry.remember(key, owner);
    registry.remember(longer, other);
    EXPECT_EQ(registry.find(key), &owner);
    EXPECT_EQ(registry.find(longer), &other) << "keys are bytes, zeros included";
    registry.forget(key);
    registry.forget(key);
    EXPECT_EQ(registry.find(key), nullptr);
    EXPECT_EQ(registry.find(longer), &other);
}

TEST(cancel_registry, lets_the_last_owner_of_a_key_count) {
    const cluster_settings first;
    const cluster_settings last;
    cancel_registry registry;
    registry.remember("key", first);
    registry.remember("key", last);
    EXPECT_EQ(registry.find("key"), &last);
}

} // namespace
} // namespace wakegate::proxy
