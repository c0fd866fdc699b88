#include "proxy/route/router.hpp"
#include "tests/support/configuration_failure.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate::proxy {
namespace {

/// "acme-prod acme-prod.svc:5432 shop", "none", or "conflict: …".
std::string routed(const router& routes, const route_request& client) {
    const auto result = routes.decide(client);
    if (const auto* const conflict = std::get_if<route_conflict>(&result)) {
        return "conflict: " + conflict->reason;
    }
    const auto* const target = std::get_if<route_target>(&result);
    if (target == nullptr) {
        return "none";
    }
    const auto backend = target->backend ? to_string(*target->backend) : "-";
    return target->cluster + " " + backend + " " + target->database;
}

const std::string other_cluster =
    "conflict: the options ask for another cluster than server name, database and user lead to";

router stackgres() {
    return router({{
        .sni = "{client}-{env}.db.example.com",
        .cluster = "{client}-{env}",
        .backend = {"{client}-{env}.{client}-{env}.svc", 5432},
    }});
}

TEST(routing_names, a_new_client_needs_no_new_route) {
    const auto routes = stackgres();
    EXPECT_EQ(
        routed(routes, {.listener = "main", .sni = "acme-prod.db.example.com", .database = "app"}),
        "acme-prod acme-prod.acme-prod.svc:5432 app"
    );
    EXPECT_EQ(
        routed(routes, {.listener = "main", .sni = "SHOP-dev.DB.example.com", .database = "App"}),
        "shop-dev shop-dev.shop-dev.svc:5432 App"
    );
}

TEST(routing_names, a_client_cannot_leave_the_domain) {
    const auto routes = stackgres();
    for (const auto* const sni :
         {"evil.com/-prod.db.example.com",
          "acme.evil-prod.db.example.com",
          "acme-prod.db.example.com.evil.com",
          "127.0.0.1-x.db.example.com",
          "a@b-prod.db.example.com",
          "acme-prod_x.db.example.com",
          "-.db.example.com",
          ""}) {
        EXPECT_EQ(routed(routes, {.listener = "main", .sni = sni, .database = "app"}), "none")
            << sni;
    }
}

TEST(routing_names, the_option_stands_in_for_a_missing_server_name) {
    const auto routes = stackgres();
    const route_request client{.listener = "main", .database = "app", .cluster = "acme-prod"};
    EXPECT_EQ(routed(routes, client), "acme-prod acme-prod.acme-prod.svc:5432 app");
    for (const auto* const name : {"acme", "acme.prod", "", "acme-prod.evil", "acme prod-x"}) {
        EXPECT_EQ(routed(routes, {.listener = "main", .database = "app", .cluster = name}), "none")
            << name;
    }
}

TEST(routing_names, the_option_chooses_among_clusters_that_ask_for_a_server_name) {
    const router routes({
        {.sni = "a.example.com", .cluster = "a"},
        {.sni = "b.example.com", .cluster = "b"},
    });
    EXPECT_EQ(routed(routes, {.database = "app", .cluster = "b"}), "b - app");
    EXPECT_EQ(routed(routes, {.database = "app", .cluster = "c"}), "none");
    EXPECT_EQ(routed(routes, {.database = "app"}), "none");
}

TEST(routing_names, a_clusters_backends_are_known_beforehand) {
    const router routes({
        {.sni = "{client}.example.com", .cluster = "{client}", .backend = {"{client}.svc", 1}},
        {.database = "ro", .cluster = "app", .backend = {"replicas", 2}},
        {.database = "r2", .cluster = "app", .backend = {"replicas", 2}},
        {.user = "{shard}", .cluster = "app", .backend = {"{shard}.svc", 3}},
        {.cluster = "app"},
    });
    EXPECT_EQ(routes.backends_of("app"), (std::vector<host_port>{{"app.svc", 1}, {"replicas", 2}}));
    EXPECT_EQ(routes.backends_of("shop"), (std::vector<host_port>{{"shop.svc", 1}}));
    EXPECT_TRUE(routes.backends_of("not.a.label").empty());
}

TEST(routing_names, the_option_must_agree_with_the_server_name) {
    const auto routes = stackgres();
    route_request client{
        .listener = "main",
        .sni = "acme-prod.db.example.com",
        .database = "app",
        .cluster = "ACME-prod",
    };
    EXPECT_EQ(routed(routes, client), "acme-prod acme-prod.acme-prod.svc:5432 app");
    client.cluster = "shop-prod";
    EXPECT_EQ(routed(routes, client), other_cluster);
    client.cluster = "";
    EXPECT_EQ(routed(routes, client), other_cluster);
}

TEST(routing_names, the_option_must_agree_with_the_database) {
    const router routes({{.database = "app*", .cluster = "app"}, {.cluster = "shop"}});
    EXPECT_EQ(routed(routes, {.database = "app1", .cluster = "app"}), "app - app1");
    EXPECT_EQ(routed(routes, {.database = "app1", .cluster = "shop"}), other_cluster);
    EXPECT_EQ(routed(routes, {.database = "x", .cluster = "shop"}), "shop - x");
}

TEST(routing_names, no_option_replaces_a_name_that_only_the_server_name_binds) {
    const router routes({{
        .sni = "{shard}.db.example.com",
        .cluster = "all",
        .backend = {"{shard}.svc", 5432},
    }});
    EXPECT_EQ(routed(routes, {.sni = "s1.db.example.com", .database = "x"}), "all s1.svc:5432 x");
    EXPECT_EQ(routed(routes, {.database = "x", .cluster = "all"}), "none");
}

TEST(routing_names, one_name_has_one_value) {
    const router routes({
        {.sni = "{client}.example.com", .database = "{client}_*", .cluster = "{client}"},
        {.cluster = "everything"},
    });
    EXPECT_EQ(routed(routes, {.sni = "acme.example.com", .database = "ACME_x"}), "acme - ACME_x");
    EXPECT_EQ(
        routed(routes, {.sni = "acme.example.com", .database = "shop_x"}),
        "conflict: the connection says \"acme\" in one place and \"shop\" in another for {client}"
    );
    EXPECT_EQ(
        routed(routes, {.database = "shop_x", .cluster = "acme"}),
        "conflict: the connection says \"acme\" in one place and \"shop\" in another for {client}"
    );
}

TEST(routing_names, listener_database_and_user_bind_names_too) {
    const router routes({{
        .listener = "pg-{env}",
        .database = "{client}_{name}",
        .user = "{client}-*",
        .cluster = "{client}-{env}",
        .backend_database = "{name}",
    }});
    const route_request client{.listener = "pg-dev", .database = "acme_shop", .user = "acme-bob"};
    EXPECT_EQ(routed(routes, client), "acme-dev - shop");
    EXPECT_EQ(
        routed(routes, {.listener = "pg-dev", .database = "acme_shop", .user = "bob"}), "none"
    );
}

TEST(routing_names, an_earlier_route_that_fits_hides_later_ones) {
    const router routes({
        {.sni = "test.example.com", .cluster = "special"},
        {.sni = "{client}.example.com", .cluster = "{client}"},
    });
    EXPECT_EQ(routed(routes, {.sni = "test.example.com", .database = "x"}), "special - x");
    EXPECT_EQ(routed(routes, {.sni = "acme.example.com", .database = "x"}), "acme - x");
}

struct bad_route {
    const char* name;
    route rule;
    std::string line;
};

class routing_names_mistakes : public testing::TestWithParam<bad_route> {};

TEST_P(routing_names_mistakes, are_refused_with_their_place) {
    const auto line = support::configuration_failure([] {
        const router routes({{.cluster = "first"}, GetParam().rule});
    });
    EXPECT_EQ(line, GetParam().line);
}

const std::string own_domain =
    ": the last label needs a letter of its own, or clients could choose any host; write the "
    "domain, as in {client}.svc.cluster.local";

INSTANTIATE_TEST_SUITE_P(
    routing_names,
    routing_names_mistakes,
    testing::ValuesIn(std::vector<bad_route>{
        {"unbound_in_the_cluster",
         {.sni = "{client}.example.com", .cluster = "{clint}"},
         "routes[1].cluster: '{clint}': {clint} is not bound by listener, sni, database or user "
         "of this route, which bind {client}"},
        {"unbound_in_the_backend",
         {.sni = "{b}-{a}.example.com", .user = "{a}", .cluster = "x", .backend = {"{c}.svc", 1}},
         "routes[1].backend: '{c}.svc': {c} is not bound by listener, sni, database or user of "
         "this route, which bind {a}, {b}"},
        {"unbound_in_the_database",
         {.cluster = "x", .backend_database = "{db}"},
         "routes[1].backend_database: '{db}': {db} is not bound by listener, sni, database or "
         "user of this route, which bind nothing"},
        {"malformed_sni",
         {.sni = "{client.example.com", .cluster = "x"},
         "routes[1].sni: '{client.example.com': '{' without a '}'; a placeholder is {name}, at "
         "character 1"},
        {"malformed_listener",
         {.listener = "{}", .cluster = "x"},
         "routes[1].listener: '{}': '{}' is no placeholder; its name is a-z, then a-z, 0-9 and "
         "_, at character 1"},
        {"malformed_cluster",
         {.cluster = "x}"},
         "routes[1].cluster: 'x}': '}' without a '{', at character 2"},
        {"twice_in_the_database",
         {.database = "{a}_{a}", .cluster = "x"},
         "routes[1].database: '{a}_{a}': {a} comes twice in one pattern, at character 5"},
        {"any_host",
         {.sni = "{a}.example.com", .cluster = "x", .backend = {"{a}", 1}},
         "routes[1].backend: '{a}'" + own_domain},
        {"any_top_level_domain",
         {.sni = "{a}.{b}.example.com", .cluster = "x", .backend = {"{a}.{b}", 1}},
         "routes[1].backend: '{a}.{b}'" + own_domain},
        {"an_address",
         {.sni = "{a}.example.com", .cluster = "x", .backend = {"10.0.0.1{a}", 1}},
         "routes[1].backend: '10.0.0.1{a}'" + own_domain},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST(routing_names_router, takes_hosts_whose_last_label_is_partly_its_own) {
    const route service{.sni = "{a}.example.com", .cluster = "{a}", .backend = {"db-{a}", 5432}};
    const router routes({service});
    EXPECT_EQ(routed(routes, {.sni = "x.example.com", .database = "y"}), "x db-x:5432 y");
}

} // namespace
} // namespace wakegate::proxy
