#include "proxy/route/role_map.hpp"
#include "tests/support/configuration_failure.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate::proxy {
namespace {

using rules = std::vector<role_rule>;

TEST(role_map, is_empty_without_rules) {
    EXPECT_TRUE(role_map().empty());
    EXPECT_FALSE(role_map().allows({"ann"}, "ann"));
}

TEST(role_map, maps_any_of_a_certificates_names_to_the_roles_beside_it) {
    const role_map map(rules{
        {.name = "ann", .role = "ann"},
        {.name = "*.batch.example.com", .role = "batch_*"},
        {.name = "ops@example.com", .role = "*"},
    });
    EXPECT_FALSE(map.empty());
    EXPECT_TRUE(map.allows({"ann"}, "ann"));
    EXPECT_TRUE(map.allows({"somebody", "ann"}, "ann"));
    EXPECT_FALSE(map.allows({"ann"}, "bob"));
    EXPECT_FALSE(map.allows({"bob"}, "ann"));
    EXPECT_FALSE(map.allows({}, "ann"));
    EXPECT_TRUE(map.allows({"a.batch.example.com"}, "batch_1"));
    EXPECT_FALSE(map.allows({"a.batch.example.com"}, "ann"));
    EXPECT_TRUE(map.allows({"ops@example.com"}, "ann"));
}

TEST(role_map, takes_case_as_postgres_does) {
    const role_map map(rules{{.name = "ann", .role = "ann"}, {.name = "{role}", .role = "x*"}});
    EXPECT_FALSE(map.allows({"ANN"}, "ann"));
    EXPECT_FALSE(map.allows({"ann"}, "ANN"));
    EXPECT_FALSE(map.allows({"x1"}, "X1"));
    EXPECT_FALSE(map.allows({"X1"}, "x1"));
}

TEST(role_map, can_ask_for_the_role_in_the_name) {
    const role_map map(rules{{.name = "{role}@example.com", .role = "*"}});
    EXPECT_TRUE(map.allows({"app_owner@example.com"}, "app_owner"));
    EXPECT_FALSE(map.allows({"app_owner@example.com"}, "postgres"));
    EXPECT_FALSE(map.allows({"app_owner@example.com.evil"}, "app_owner"));
    EXPECT_FALSE(map.allows({"@example.com"}, "app_owner"));
    EXPECT_FALSE(map.allows({"x@example.com"}, "*")) << "a role is no pattern";
    EXPECT_TRUE(map.allows({"*@example.com"}, "*"));
}

TEST(role_map, can_narrow_the_roles_that_are_asked_for_in_the_name) {
    const role_map map(rules{{.name = "{role}", .role = "app_*"}});
    EXPECT_TRUE(map.allows({"app_owner"}, "app_owner"));
    EXPECT_FALSE(map.allows({"postgres"}, "postgres"));
}

TEST(role_map, knows_no_other_braces) {
    const auto failure = [](const std::string& name) {
        return support::configuration_failure([&name] {
            role_map(rules{{.name = name, .role = "*"}});
        });
    };
    EXPECT_EQ(failure("{who}@x"), "name: '{who}@x': braces hold nothing but one {role}");
    EXPECT_EQ(failure("{role"), "name: '{role': braces hold nothing but one {role}");
    EXPECT_NE(failure("{role}.{role}"), "accepted");
}

} // namespace
} // namespace wakegate::proxy
