#include "proxy/wire/ping_statements.hpp"

#include <gtest/gtest.h>

#include <string>

namespace wakegate::wire {

namespace {

TEST(ping_statements, keeps_names_that_were_confirmed_and_drops_others) {
    ping_statements statements;
    statements.learn("");
    statements.confirm();
    statements.learn("S_1");
    EXPECT_TRUE(statements.contains("S_1"));
    statements.forget_unconfirmed();
    EXPECT_FALSE(statements.contains("S_1"));
    EXPECT_TRUE(statements.contains(""));
    EXPECT_FALSE(statements.empty());
}

TEST(ping_statements, waits_for_the_confirmation_of_a_name_that_is_learned_again) {
    ping_statements statements;
    statements.learn("a");
    statements.learn("b");
    statements.confirm();
    statements.learn("a");
    statements.forget_unconfirmed();
    EXPECT_FALSE(statements.contains("a"));
    EXPECT_TRUE(statements.contains("b"));
}

TEST(ping_statements, forgets_one_or_all) {
    ping_statements statements;
    statements.learn("a");
    statements.learn("b");
    statements.confirm();
    statements.forget("a");
    statements.forget("never learned");
    statements.forget_unconfirmed();
    EXPECT_FALSE(statements.contains("a"));
    EXPECT_TRUE(statements.contains("b"));
    statements.forget_all();
    EXPECT_TRUE(statements.empty());
    statements.forget_unconfirmed();
    EXPECT_TRUE(statements.empty());
}

TEST(ping_statements, makes_room_by_forgetting_the_oldest) {
    ping_statements statements;
    for (std::size_t i = 0; i <= ping_statements::max_names; ++i) {
        statements.learn(std::to_string(i));
        statements.confirm();
    }
    EXPECT_FALSE(statements.contains("0"));
    for (std::size_t i = 1; i <= ping_statements::max_names; ++i) {
        EXPECT_TRUE(statements.contains(std::to_string(i)));
    }
    statements.learn("unconfirmed");
    statements.forget_unconfirmed();
    EXPECT_TRUE(statements.contains("2"));
    EXPECT_FALSE(statements.contains("unconfirmed"));
}

TEST(ping_statements, learns_no_name_that_the_server_may_cut) {
    ping_statements statements;
    const std::string longest(ping_statements::max_name_size, 'n');
    statements.learn(longest);
    EXPECT_TRUE(statements.contains(longest));
    statements.learn(longest + "n");
    EXPECT_FALSE(statements.contains(longest + "n"));
}

} // namespace

} // namespace wakegate::wire
