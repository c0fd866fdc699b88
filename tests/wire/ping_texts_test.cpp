#include "proxy/wire/ping_texts.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate::wire {

namespace {

ping_texts known() {
    ping_texts texts;
    for (const auto* const text : {"SELECT 1", "select 'X'", "SELECT 1; SELECT 2", "SELECT"}) {
        EXPECT_TRUE(texts.add(text));
    }
    return texts;
}

TEST(ping_texts, has_blank_statements_without_being_told) {
    const ping_texts none;
    for (const auto* const sql : {
             "",
             " \t\r\n\f\v",
             ";",
             " ; ;; ",
             "-- ping",
             "-- ping\n--\r;",
             "/**/",
             "/* DBD::Pg ping test v3.16.0 */",
             "/* one /* within */ another */ ; -- and this",
             "/***/",
             "/* it's \"$$\\ */",
         }) {
        EXPECT_TRUE(none.contains(sql)) << sql;
    }
}

TEST(ping_texts, has_what_differs_in_nothing_that_matters) {
    const auto texts = known();
    for (const auto* const sql : {
             "SELECT 1",
             "select 1",
             "SeLeCt\t\r\n 1",
             " SELECT 1 ",
             "SELECT 1;",
             ";;SELECT 1 ; ;",
             "/* pool */ SELECT 1 -- alive?",
             "SELECT/**/1",
             "SELECT--\n1",
             "select 'X'",
             "SELECT  'X' ;",
             "select 1;select/**/2",
             "SELECT 1 ;; SELECT 2;",
             "select",
         }) {
        EXPECT_TRUE(texts.contains(sql)) << sql;
    }
}

TEST(ping_texts, has_nothing_else) {
    const auto texts = known();
    for (const auto* const sql : {
             "SELECT 2",
             "SELECT 11",
             "SELECT 1 1",
             "SELECT1",
             "SELEC",
             "SELECT 1 FROM t",
             "SELECT 1; DELETE FROM t",
             "DELETE FROM t; SELECT 1",
             "SELECT 1; SELECT 2; SELECT 1",
             "SELECT; 1",
             "SELECT 'x'",
             "SELECT ' X'",
             "SELECT 'X",
             "SELECT 'X''",
             "SELECT \"X\"",
             "SELECT E'X'",
             "SELECT 'X\\'",
             "SELECT $$X$$",
             "SELECT 1 /* without an end",
             "SELECT 1 /* one /* within */",
             "/*",
             "/*/",
             "/",
             "-",
             "$",
             "'",
             "';'",
             "\x80",
         }) {
        EXPECT_FALSE(texts.contains(sql)) << sql;
    }
}

TEST(ping_texts, compares_quoted_bytes_as_they_are) {
    ping_texts texts;
    ASSERT_TRUE(texts.add("SELECT 'it''s  -- A' AS \"Ping /*\""));
    EXPECT_TRUE(texts.contains("select 'it''s  -- A'  as \"Ping /*\";"));
    EXPECT_FALSE(texts.contains("select 'it''s -- A' as \"Ping /*\""));
    EXPECT_FALSE(texts.contains("select 'it''s  -- a' as \"Ping /*\""));
    EXPECT_FALSE(texts.contains("select 'it''s  -- A' as \"ping /*\""));
}

TEST(ping_texts, takes_no_text_that_nothing_could_equal) {
    ping_texts texts;
    EXPECT_TRUE(texts.add(std::string(ping_texts::max_size, 'x')));
    for (const auto& text : {
             std::string(),
             std::string(" ;-- nothing"),
             std::string(ping_texts::max_size + 1, 'x'),
             std::string("SELECT $1"),
             std::string("SELECT 'a\\'"),
             std::string("SELECT 'a"),
             std::string("SELECT 1 /*"),
         }) {
        EXPECT_FALSE(texts.add(text)) << text;
    }
    EXPECT_TRUE(texts.add("SELECT 1"));
    EXPECT_TRUE(texts.add("select 1;")) << "the same once more";
}

TEST(ping_texts, tells_a_deallocate_of_one_or_all) {
    for (const auto* const sql : {
             "DEALLOCATE \"_PLAN0x559127b75460\"",
             "deallocate _pg3_0;",
             "DEALLOCATE ALL",
             "DEALLOCATE \"a; DROP \"\"b\"\"\" -- gone",
         }) {
        EXPECT_TRUE(is_deallocate(sql)) << sql;
    }
    for (const auto* const sql : {
             "",
             "DEALLOCATE",
             "DEALLOCATE ;",
             "DEALLOCATEx",
             "DEALLOCATE a; SELECT 2",
             "DEALLOCATE \"a\"; SELECT 2",
             "DEALLOCATE \"a\" \"b\"",
             "DEALLOCATE 'a'",
             "DEALLOCATE \"a",
             "DEALLOCATE $a",
             "PREPARE a AS SELECT 2",
         }) {
        EXPECT_FALSE(is_deallocate(sql)) << sql;
    }
}

} // namespace

} // namespace wakegate::wire
