#include "proxy/report/resolved_addresses.hpp"

#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

using addresses = std::set<std::string>;

TEST(resolved_addresses, are_those_of_all_names_together) {
    resolved_addresses known;
    EXPECT_EQ(known.all(), addresses());
    known.update("a", {"x", "y"});
    known.update("b", {"y", "z"});
    EXPECT_EQ(known.all(), addresses({"x", "y", "z"}));
}

TEST(resolved_addresses, keep_those_of_a_name_that_has_none_for_once) {
    resolved_addresses known;
    known.update("a", {"x"});
    known.update("b", {"y"});
    known.update("a", {"x"});
    known.update("b", {});
    EXPECT_EQ(known.all(), addresses({"x", "y"}));
}

TEST(resolved_addresses, have_a_name) {
    resolved_addresses known;
    known.update("a", {"x"});
    known.update("b", {});
    EXPECT_EQ(known.name_for("x"), "a");
    EXPECT_EQ(known.name_for("y"), "");
    EXPECT_TRUE(known.contains("a"));
    EXPECT_FALSE(known.contains("b")) << "it has never stood for anything";
}

TEST(resolved_addresses, replace_those_of_a_name_that_has_others) {
    resolved_addresses known;
    known.update("a", {"x", "y"});
    known.update("b", {"y"});
    known.update("a", {"z"});
    EXPECT_EQ(known.all(), addresses({"y", "z"}));
}

} // namespace
} // namespace wakegate::proxy
