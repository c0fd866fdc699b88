#include "proxy/route/name_template.hpp"
#include "tests/support/configuration_failure.hpp"

#include <gtest/gtest.h>

#include <tuple>

namespace wakegate::proxy {
namespace {

name_bindings acme_in_production() {
    name_bindings bound;
    EXPECT_TRUE(bound.bind("client", "acme"));
    EXPECT_TRUE(bound.bind("env", "prod"));
    return bound;
}

TEST(name_template, fills_its_gaps) {
    const auto bound = acme_in_production();
    const auto expanded = [&](std::string_view text) {
        return name_template::parse(text).expand(bound);
    };
    EXPECT_EQ(expanded("{client}-{env}.{client}-{env}.svc"), "acme-prod.acme-prod.svc");
    EXPECT_EQ(expanded("{client}{env}"), "acmeprod");
    EXPECT_EQ(expanded("db.example.com"), "db.example.com");
    EXPECT_EQ(expanded(""), "");
    EXPECT_EQ(expanded("{client}.{region}"), std::nullopt);
}

TEST(name_template, says_which_names_it_needs) {
    const std::vector<std::string> expected{"client", "env", "client"};
    EXPECT_EQ(name_template::parse("{client}-{env}.{client}.svc").names(), expected);
}

TEST(name_template, refuses_braces_without_a_partner_or_a_name) {
    const auto line = [](std::string_view text) {
        return support::configuration_failure([&] { std::ignore = name_template::parse(text); });
    };
    EXPECT_EQ(
        line("db.{client"),
        "'db.{client': '{' without a '}'; a placeholder is {name}, at character 4"
    );
    EXPECT_EQ(line("db}"), "'db}': '}' without a '{', at character 3");
    EXPECT_EQ(
        line("{9}"),
        "'{9}': '{9}' is no placeholder; its name is a-z, then a-z, 0-9 and _, at character 1"
    );
}

TEST(name_template_bindings, a_name_keeps_its_first_value) {
    auto bound = acme_in_production();
    EXPECT_TRUE(bound.bind("client", "acme"));
    EXPECT_FALSE(bound.bind("client", "shop"));
    EXPECT_EQ(*bound.find("client"), "acme");
    EXPECT_EQ(bound.find("region"), nullptr);
}

} // namespace
} // namespace wakegate::proxy
