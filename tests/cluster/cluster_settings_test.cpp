#include "proxy/cluster/cluster_settings.hpp"

#include <gtest/gtest.h>

#include <string>

namespace wakegate::proxy {
namespace {

TEST(cluster_settings, has_one_patience_for_clients_that_no_pattern_fits) {
    cluster_settings settings;
    settings.hold_timeout = seconds(60);
    EXPECT_EQ(settings.hold_timeout_for("psql"), seconds(60));
    settings.hold_timeouts = {{.application_name = "prisma*", .hold_timeout = seconds(4)}};
    EXPECT_EQ(settings.hold_timeout_for("psql"), seconds(60));
    EXPECT_EQ(settings.hold_timeout_for(""), seconds(60));
}

TEST(cluster_settings, lets_the_first_pattern_that_fits_decide) {
    cluster_settings settings;
    settings.hold_timeouts = {
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

TEST(cluster_settings, gives_reserved_connections_to_roles_that_a_pattern_fits) {
    cluster_settings settings;
    EXPECT_EQ(settings.connection_for("postgres"), connection_kind::ordinary);
    settings.reserved_roles = {"postgres", "dba_*"};
    EXPECT_EQ(settings.connection_for("postgres"), connection_kind::reserved);
    EXPECT_EQ(settings.connection_for("dba_ann"), connection_kind::reserved);
    EXPECT_EQ(settings.connection_for("ann"), connection_kind::ordinary);
    EXPECT_EQ(settings.connection_for(""), connection_kind::ordinary);
}

} // namespace
} // namespace wakegate::proxy
