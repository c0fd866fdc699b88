#include "proxy/config/proxy_config.hpp"
#include "tests/support/configuration_failure.hpp"
#include "tests/support/temporary_file.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>

namespace wakegate::proxy {
namespace {

using testing::HasSubstr;

wire::ping_texts loaded(const std::string& cluster) {
    const support::temporary_file file(fmt::format(
        "listeners: {{main: {{address: 'l:1'}}}}\nclusters: {{app: {{backend: 'h:1', {}}}}}\n",
        cluster
    ));
    return load_proxy_config(file.path()).clusters.at(0).settings.pings;
}

TEST(config_pings, knows_the_usual_texts_by_default) {
    const auto pings = loaded("auth: passthrough");
    for (const auto* const sql : {"select 1;", "SELECT NULL", "SELECT 'x'", "select version()"}) {
        EXPECT_TRUE(pings.contains(sql)) << sql;
    }
    EXPECT_FALSE(pings.contains("SELECT 2"));
}

TEST(config_pings, replaces_the_usual_texts) {
    const auto pings = loaded("pings: ['SELECT 42', \"VALUES ('alive')\"]");
    EXPECT_TRUE(pings.contains("SELECT 42;"));
    EXPECT_TRUE(pings.contains("values ('alive')"));
    EXPECT_FALSE(pings.contains("SELECT 1"));
}

TEST(config_pings, leaves_blank_statements_in_any_case) {
    const auto pings = loaded("pings: []");
    EXPECT_TRUE(pings.contains("-- ping"));
    EXPECT_FALSE(pings.contains("SELECT 1"));
}

TEST(config_pings, names_what_is_wrong_and_the_remedy) {
    const std::string too_long(65, 'x');
    for (const auto& text :
         {std::string("SELECT $1"), std::string("''"), std::string("-- ping"), too_long}) {
        const auto failure = support::configuration_failure([&] {
            std::ignore = loaded(fmt::format("pings: [{}]", text));
        });
        EXPECT_THAT(failure, HasSubstr("clusters.app.pings: '"));
        EXPECT_THAT(failure, HasSubstr("can't be compared; give a statement of at most 64 bytes"));
    }
}

} // namespace
} // namespace wakegate::proxy
