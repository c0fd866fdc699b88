#include "proxy/report/known_addresses.hpp"

#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

using addresses = std::set<std::string>;

TEST(known_addresses, are_those_of_all_names_together) {
    known_addresses known;
    EXPECT_EQ(known.all(), addresses());
    known.learn("a", {"x", "y"});
    known.learn("b", {"y", "z"});
    EXPECT_EQ(known.all(), addresses({"x", "y", "z"}));
}

TEST(known_addresses, keep_those_of_a_name_that_has_none_for_once) {
    known_addresses known;
    known.learn("a", {"x"});
    known.learn("b", {"y"});
    known.learn("a", {"x"});
    known.learn("b", {});
    EXPECT_EQ(known.all(), addresses({"x", "y"}));
}

TEST(known_addresses, have_a_name) {
    known_addresses known;
    known.learn("a", {"x"});
    known.learn("b", {});
    EXPECT_EQ(known.name_of("x"), "a");
    EXPECT_EQ(known.name_of("y"), "");
    EXPECT_TRUE(known.knows("a"));
    EXPECT_FALSE(known.knows("b")) << "it has never stood for anything";
}

TEST(known_addresses, replace_those_of_a_name_that_has_others) {
    known_addresses known;
    known.learn("a", {"x", "y"});
    known.learn("b", {"y"});
    known.learn("a", {"z"});
    EXPECT_EQ(known.all(), addresses({"y", "z"}));
}

} // namespace
} // namespace wakegate::proxy
