#include "proxy/backend/endpoint.hpp"
#include "proxy/cancel/passthrough_sessions.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace wakegate::proxy {
namespace {

const std::string key = "pid!secr";
const backend_endpoint app{.cluster = "app", .backend = {"app.example", 5432}};

cancel_target at(const char* address, const std::string& backend_key = {}) {
    const boost::asio::ip::tcp::endpoint server(boost::asio::ip::make_address(address), 5432);
    return {.endpoint = &app, .server = server, .backend_key = backend_key};
}

TEST(passthrough_sessions, name_each_server_once_while_it_has_sessions) {
    passthrough_sessions sessions;
    EXPECT_TRUE(sessions.servers_of("main", key).empty());
    std::optional first(sessions.add("main", at("10.0.0.1")));
    std::optional second(sessions.add("main", at("10.0.0.1")));
    const auto third = sessions.add("main", at("10.0.0.2"));
    const std::vector both = {at("10.0.0.1", key), at("10.0.0.2", key)};
    EXPECT_EQ(sessions.servers_of("main", key), both);
    first.reset();
    EXPECT_EQ(sessions.servers_of("main", key), both);
    second.reset();
    EXPECT_EQ(sessions.servers_of("main", key), (std::vector{at("10.0.0.2", key)}));
}

TEST(passthrough_sessions, of_one_listener_are_not_anothers) {
    passthrough_sessions sessions;
    const auto session = sessions.add("main", at("10.0.0.1"));
    EXPECT_TRUE(sessions.servers_of("other", key).empty());
    EXPECT_EQ(sessions.all_servers(key), (std::vector{at("10.0.0.1", key)}));
    const auto same_server = sessions.add("other", at("10.0.0.1"));
    EXPECT_EQ(sessions.all_servers(key), (std::vector{at("10.0.0.1", key)})) << "once";
}

} // namespace
} // namespace wakegate::proxy
