#include "proxy/cancel/cancel_way.hpp"
#include "proxy/cancel/short_key.hpp"

#include <gtest/gtest.h>

#include <string>

namespace wakegate::proxy {
namespace {

const cancel_secrets secrets(std::string(32, 'n'));
const cancel_secrets foreign(std::string(32, 'f'));
const cancel_target app{.cluster = "app", .backend_key = "pid!secret"};

cancel_way way(const std::string& key, bool from_replica = false) {
    const auto is_known = [](std::string_view cluster) { return cluster == "app"; };
    return find_cancel_way(
        secrets, {.key = key, .from_replica = from_replica, .our_replica = 3}, is_known
    );
}

TEST(cancel_way, any_replica_serves_a_sealed_key) {
    EXPECT_EQ(way(*seal_cancel_key(secrets, app)), cancel_way(app));
    EXPECT_EQ(way(*seal_cancel_key(secrets, app), true), cancel_way(app));
}

TEST(cancel_way, a_cluster_nobody_knows_is_not_looked_for) {
    const cancel_target gone{.cluster = "gone", .backend_key = "pid!secret"};
    EXPECT_EQ(way(*seal_cancel_key(secrets, gone)), cancel_way(drop_cancel{}));
}

TEST(cancel_way, a_short_key_leads_to_its_replica_in_one_hop) {
    const auto ours = make_short_key(secrets, {.replica = 3, .session = 9});
    const auto theirs = make_short_key(secrets, {.replica = 4, .session = 9});
    EXPECT_EQ(way(ours), cancel_way(cancel_session{9}));
    EXPECT_EQ(way(ours, true), cancel_way(cancel_session{9}));
    EXPECT_EQ(way(theirs), cancel_way(ask_replica{4}));
    EXPECT_EQ(way(theirs, true), cancel_way(drop_cancel{})) << "one hop and no more";
}

TEST(cancel_way, what_we_have_not_made_is_dropped) {
    for (const auto& key :
         {std::string(),
          std::string("12345678"),
          std::string(8, '\0'),
          std::string(36, 'k'),
          std::string(260, 'k'),
          *seal_cancel_key(foreign, app),
          make_short_key(foreign, {.replica = 3, .session = 9}),
          make_short_key(foreign, {.replica = 4, .session = 9})}) {
        EXPECT_EQ(way(key), cancel_way(drop_cancel{}));
    }
}

} // namespace
} // namespace wakegate::proxy
