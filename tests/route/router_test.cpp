#include "proxy/route/router.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate::proxy {
namespace {

/// The cluster, or "none".
std::string found(const router& routes, const std::string& listener, const std::string& database) {
    const auto routed = routes.decide({.listener = listener, .database = database});
    const auto* const target = std::get_if<route_target>(&routed);
    return target == nullptr ? "none" : target->cluster;
}

TEST(router, the_first_route_that_fits_wins) {
    const router narrow_first({
        {.database = "app_test", .cluster = "test"},
        {.database = "app*", .cluster = "app"},
    });
    EXPECT_EQ(found(narrow_first, "main", "app_test"), "test");
    EXPECT_EQ(found(narrow_first, "main", "app_live"), "app");

    const router wide_first({
        {.database = "app*", .cluster = "app"},
        {.database = "app_test", .cluster = "test"},
    });
    EXPECT_EQ(found(wide_first, "main", "app_test"), "app");
}

TEST(router, a_route_without_a_listener_or_a_database_fits_every_one) {
    const router routes({{.cluster = "app"}});
    EXPECT_EQ(found(routes, "main", "app"), "app");
    EXPECT_EQ(found(routes, "office", ""), "app");
}

TEST(router, a_listener_is_a_name_and_no_pattern) {
    const router routes(
        {{.listener = "ma*", .cluster = "starred"}, {.listener = "main", .cluster = "app"}}
    );
    EXPECT_EQ(found(routes, "main", "app"), "app");
    EXPECT_EQ(found(routes, "ma*", "app"), "starred");
    EXPECT_EQ(found(routes, "mai", "app"), "none");
}

TEST(router, both_the_listener_and_the_database_must_fit) {
    const router routes({
        {.listener = "office", .database = "app*", .cluster = "office_app"},
        {.listener = "main", .database = "shop", .cluster = "shop"},
        {.database = "app*", .cluster = "app"},
    });
    EXPECT_EQ(found(routes, "office", "app1"), "office_app");
    EXPECT_EQ(found(routes, "main", "app1"), "app");
    EXPECT_EQ(found(routes, "main", "shop"), "shop");
    EXPECT_EQ(found(routes, "office", "shop"), "none");
}

TEST(router, knows_no_cluster_for_what_no_route_fits) {
    const std::vector<route> none;
    EXPECT_EQ(found(router(none), "main", "app"), "none");
    const std::vector<route> lower_case{{.database = "app", .cluster = "app"}};
    EXPECT_EQ(found(router(lower_case), "main", "APP"), "none");
}

} // namespace
} // namespace wakegate::proxy
