#include "proxy/backend/endpoint.hpp"
#include "proxy/cancel/cancel_registry.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace wakegate::proxy {
namespace {

const backend_endpoint app{.cluster = "app", .backend = {"10.0.0.1", 5432}};
const backend_endpoint other{.cluster = "other", .backend = {"10.0.0.2", 5432}};

cancel_target address(const backend_endpoint& endpoint, const std::string& key) {
    const auto loopback = boost::asio::ip::make_address("127.0.0.1");
    return {.endpoint = &endpoint, .server = {loopback, 5432}, .backend_key = key};
}

TEST(cancel_registry, knows_whose_key_it_is_while_the_entry_lives) {
    const std::string key("\0\0\1\2\0\0\3\4", 8);
    const std::string longer = key + std::string(1, '\0');
    cancel_registry registry;
    const auto kept = registry.add(longer, address(other, "other's"));
    {
        const auto entry = registry.add(key, address(app, "app's"));
        EXPECT_TRUE(entry);
        EXPECT_EQ(registry.find(key), (address(app, "app's")));
        EXPECT_EQ(registry.find(longer)->endpoint, &other) << "keys are bytes, zeros included";
    }
    EXPECT_EQ(registry.find(key), std::nullopt);
    EXPECT_TRUE(registry.find(longer));
}

TEST(cancel_registry, leaves_a_key_to_whom_it_belongs) {
    const std::string key = "pid!secr";
    cancel_registry registry;
    const auto first = registry.add(key, address(app, key));
    {
        EXPECT_FALSE(registry.add(key, address(other, key)));
    }
    EXPECT_EQ(registry.find(key)->endpoint, &app) << "also when the other one has gone";
}

TEST(cancel_registry, keeps_an_entry_through_moves) {
    cancel_registry registry;
    auto first = registry.add("pid!secr", address(app, "k"));
    registered_key second(std::move(first));
    {
        registered_key third;
        EXPECT_FALSE(third);
        third = std::move(second);
        EXPECT_TRUE(third);
        EXPECT_TRUE(registry.find("pid!secr"));
    }
    EXPECT_FALSE(registry.find("pid!secr"));
}

} // namespace
} // namespace wakegate::proxy
