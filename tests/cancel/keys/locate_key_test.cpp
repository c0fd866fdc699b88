#include "proxy/cancel/keys/locate_key.hpp"
#include "proxy/cancel/keys/short_key.hpp"
#include "tests/support/named_endpoints.hpp"

#include <gtest/gtest.h>

#include <string>

namespace wakegate::proxy {
namespace {

const cancel_secrets secrets(std::string(32, 's'));
support::named_endpoints endpoints;

const cancel_target example{
    .endpoint = endpoints.find("app"),
    .server = {boost::asio::ip::make_address("10.0.0.7"), 5432},
    .backend_key = "pid!secr",
};
const std::string short_key = make_short_key(secrets, "pid!", 7);

cancel_lookup located(std::string_view key, const key_scope& scope = {}) {
    return locate_key(secrets, key, scope, [](std::string_view name) {
        return name == "app" ? endpoints.find(name) : nullptr;
    });
}

TEST(locate_key, follows_a_sealed_key) {
    const auto key = seal_cancel_key(secrets, "app", example);
    EXPECT_EQ(located(*key), cancel_lookup(example));
}

TEST(locate_key, drops_a_sealed_key_of_a_cluster_without_sessions) {
    const auto key = seal_cancel_key(secrets, "asleep", example);
    EXPECT_EQ(located(*key, {.may_try_peers = true}), cancel_lookup(drop_cancel()))
        << "peers know no more of it";
}

TEST(locate_key, leaves_a_short_key_to_peers) {
    const cancel_lookup at_a_peer = try_peers{.is_verified = true};
    EXPECT_EQ(located(short_key, {.may_try_peers = true}), at_a_peer);
    EXPECT_EQ(located(short_key), cancel_lookup(drop_cancel()));
}

TEST(locate_key, leaves_a_foreign_key_to_peers_only_where_it_may_be_a_servers) {
    const cancel_lookup dropped = drop_cancel{.is_foreign = true};
    EXPECT_EQ(located("pid!secr", {.may_try_peers = true}), dropped);
    EXPECT_EQ(located("pid!secr", {.has_server_keys = true}), dropped);
    EXPECT_EQ(
        located("pid!secr", {.may_try_peers = true, .has_server_keys = true}),
        cancel_lookup(try_peers())
    );
}

} // namespace
} // namespace wakegate::proxy
