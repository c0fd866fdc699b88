#include "proxy/cluster/resolve_route.hpp"
#include "proxy/session/client_error.hpp"
#include "tests/support/message_bytes.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace wakegate::proxy {
namespace {

using support::parameters;

wire::startup_message startup_with(const parameters& values, std::uint32_t protocol = 0x0003'0000) {
    return {.protocol = protocol, .parameters = values, .raw = support::startup(values, protocol)};
}

struct resolve_route_destinations : testing::Test {
    resolve_route_destinations() {
        for (const auto* const name : {"app", "acme", "shop"}) {
            clusters.emplace(
                name,
                std::make_unique<cluster>(
                    cluster_settings{
                        .name = name,
                        .endpoint = {.cluster = name, .backend = {"own", 1}},
                    },
                    cluster_traffic(1),
                    nullptr
                )
            );
            add_endpoints(*clusters.find(name)->second, routes);
        }
    }

    [[nodiscard]] boost::system::result<destination, route_error>
    of(wire::startup_message startup, std::string_view server_name = {}) const {
        return resolve_route(routes, clusters, "main", server_name, std::move(startup));
    }

    [[nodiscard]] destination
    found(wire::startup_message startup, std::string_view server_name = {}) const {
        auto result = of(std::move(startup), server_name);
        if (!result) {
            ADD_FAILURE() << to_client_error(result.error()).message;
            return {};
        }
        return *std::move(result);
    }

    [[nodiscard]] client_error
    refused(wire::startup_message startup, std::string_view server_name = {}) const {
        auto result = of(std::move(startup), server_name);
        if (result) {
            ADD_FAILURE() << "led to " << result->target->settings.name;
            return {};
        }
        return to_client_error(result.error());
    }

    cluster_map clusters;
    router routes{{
        {.sni = "{client}.db.example.com", .cluster = "{client}", .backend = {"{client}.svc", 5}},
        {.database = "{client}_live", .cluster = "{client}", .backend_database = "live"},
        {.database = "app*", .user = "ann", .cluster = "app"},
    }};
};

TEST_F(resolve_route_destinations, leave_the_clients_words_as_they_are) {
    const parameters words = {{"user", "ann"}, {"database", "app"}, {"options", "-c a=b"}};
    const auto result = found(startup_with(words, 0x0003'0002));
    EXPECT_EQ(result.target->settings.name, "app");
    EXPECT_EQ(result.endpoint, &result.target->settings.endpoint);
    EXPECT_EQ(result.startup.raw, support::startup(words, 0x0003'0002));
}

TEST_F(resolve_route_destinations, take_the_servers_name_into_the_backends) {
    const auto result = found(startup_with({{"user", "ben"}}), "ACME.db.example.com");
    EXPECT_EQ(result.target->settings.name, "acme");
    EXPECT_EQ(result.endpoint->cluster, "acme");
    EXPECT_EQ(result.endpoint->backend, (host_port{"acme.svc", 5}));
    EXPECT_EQ(result.startup.raw, support::startup({{"user", "ben"}}));
}

TEST_F(resolve_route_destinations, give_the_option_to_nobody_else) {
    const auto result = found(
        startup_with({{"user", "ben"}, {"options", "-c a=b --cluster=shop -c c=d"}}, 0x0003'0002)
    );
    EXPECT_EQ(result.target->settings.name, "shop");
    const parameters rest = {{"user", "ben"}, {"options", "-c a=b -c c=d"}};
    EXPECT_EQ(result.startup.parameters, rest);
    EXPECT_EQ(result.startup.raw, support::startup(rest, 0x0003'0002))
        << "in the client's protocol";
}

TEST_F(resolve_route_destinations, leave_no_options_where_there_was_only_the_one) {
    const auto result =
        found(startup_with({{"options", "-x"}, {"user", "ben"}, {"options", "--cluster=shop"}}));
    EXPECT_EQ(result.startup.parameters, (parameters{{"user", "ben"}})) << "nor the one before it";
}

TEST_F(resolve_route_destinations, rename_the_database) {
    const auto result =
        found(startup_with({{"user", "ben"}, {"database", "shop_live"}, {"a", "b"}}));
    EXPECT_EQ(result.target->settings.name, "shop");
    EXPECT_EQ(result.startup.database(), "live");
    EXPECT_EQ(
        result.startup.raw, support::startup({{"user", "ben"}, {"a", "b"}, {"database", "live"}})
    );
}

TEST_F(resolve_route_destinations, rename_a_database_that_is_named_after_its_user) {
    const auto result = found(startup_with({{"user", "acme_live"}}));
    EXPECT_EQ(result.startup.raw, support::startup({{"user", "acme_live"}, {"database", "live"}}));
}

TEST_F(resolve_route_destinations, are_refused_with_what_nothing_leads_to) {
    for (const auto& refusal :
         {refused(startup_with({{"user", "ben"}, {"database", "app"}})),
          refused(startup_with({{"user", "ann"}, {"database", "nobody_live"}})),
          refused(startup_with({{"user", "ben"}, {"database", "app"}, {"options", "--cluster=no"}}))
         }) {
        EXPECT_EQ(refusal.sqlstate, "3D000");
        EXPECT_TRUE(refusal.message.ends_with("is not served here")) << refusal.message;
    }
}

TEST_F(resolve_route_destinations, are_no_backends_that_a_client_makes_up) {
    routes = router({{
        .sni = "{env}.{client}.example.com",
        .cluster = "{client}-{env}",
        .backend = {"{env}.{client}.svc", 5},
    }});
    auto target = std::make_unique<cluster>(
        cluster_settings{.name = "a-b-c", .endpoint = {}}, cluster_traffic(1), nullptr
    );
    add_endpoints(*target, routes);
    clusters.emplace("a-b-c", std::move(target));
    EXPECT_EQ(
        found(startup_with({{"user", "x"}}), "c.a-b.example.com").endpoint->backend.host,
        "c.a-b.svc"
    );
    EXPECT_EQ(refused(startup_with({{"user", "x"}}), "b-c.a.example.com").sqlstate, "3D000");
}

TEST_F(resolve_route_destinations, are_refused_when_names_disagree) {
    const auto two =
        refused(startup_with({{"user", "ben"}, {"options", "--cluster=app --cluster=shop"}}));
    EXPECT_EQ(two.sqlstate, "3D000");
    EXPECT_EQ(two.message, "the options name more than one cluster");
    const auto other = refused(
        startup_with({{"user", "ben"}, {"options", "--cluster=app"}}), "shop.db.example.com"
    );
    EXPECT_EQ(other.sqlstate, "3D000");
    EXPECT_EQ(
        other.message,
        "the options ask for another cluster than server name, database and user lead to"
    );
}

} // namespace
} // namespace wakegate::proxy
