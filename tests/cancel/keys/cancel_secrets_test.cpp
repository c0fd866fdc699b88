#include "proxy/cancel/keys/cancel_secrets.hpp"
#include "tests/support/configuration_failure.hpp"

#include <gtest/gtest.h>

#include <string>

namespace wakegate::proxy {
namespace {

const std::string one(32, 'a');
const std::string two(32, 'b');

TEST(cancel_secrets, derive_the_same_from_the_same) {
    const cancel_secrets first(one);
    const cancel_secrets second(one, two);
    EXPECT_EQ(first.current().id, second.current().id);
    EXPECT_EQ(first.current().sealing, second.current().sealing);
    EXPECT_EQ(first.current().signing, second.current().signing);
}

TEST(cancel_secrets, share_nothing_between_purposes_and_secrets) {
    const cancel_secrets both(one, two);
    ASSERT_EQ(both.all().size(), 2U);
    EXPECT_NE(both.current().sealing, both.current().signing);
    EXPECT_NE(both.all()[0].id, both.all()[1].id);
    EXPECT_NE(both.all()[0].sealing, both.all()[1].sealing);
    EXPECT_NE(both.all()[0].signing, both.all()[1].signing);
}

TEST(cancel_secrets, refuse_what_is_no_secret) {
    const auto line = [](const std::string& current, const std::string& previous) {
        return support::configuration_failure([&] {
            const cancel_secrets secrets(current, previous);
        });
    };
    EXPECT_EQ(line(one, two), "accepted");
    EXPECT_EQ(line(one, ""), "accepted");
    const auto too_short = [](const std::string& secret_name) {
        return "the " + secret_name +
               " cancel secret has 31 bytes, at least 32 random ones are needed; "
               "`openssl rand -hex 32` makes them";
    };
    EXPECT_EQ(line(std::string(31, 'a'), ""), too_short("current"));
    EXPECT_EQ(line(one, std::string(31, 'a')), too_short("previous"));
    EXPECT_EQ(line(one, one), "the previous cancel secret is the current one; leave it out");
}

} // namespace
} // namespace wakegate::proxy
