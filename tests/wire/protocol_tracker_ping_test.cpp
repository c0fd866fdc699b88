#include "proxy/wire/protocol_tracker.hpp"
#include "tests/support/message_bytes.hpp"
#include "tests/support/segmentation.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace wakegate::wire {

namespace {

using namespace support;
using namespace std::string_literals;

enum class side { client, server };

/// A session's state once all of a step has passed.
enum class state {
    idle,
    pinging, ///< busy, and not working
    working,
};

struct step {
    side from;
    std::string bytes;
    state expected;
};

constexpr auto idle = state::idle;
constexpr auto pinging = state::pinging;
constexpr auto working = state::working;

step client(std::string bytes, state expected) {
    return {side::client, std::move(bytes), expected};
}

step server(std::string bytes, state expected) {
    return {side::server, std::move(bytes), expected};
}

const std::string ready = ready_for_query('I');
const std::string nothing_done = frame('I') + ready; // EmptyQueryResponse
const std::string done = data_row("1") + command_complete("SELECT 1") + ready;
const std::string failure = error("ERROR", "42P05");

std::string parse_as(std::string_view name, std::string_view sql) {
    return frame('P', text(name) + text(sql) + std::string(2, '\0'));
}

std::string bind_to(std::string_view portal, std::string_view statement) {
    return frame('B', text(portal) + text(statement) + std::string(6, '\0'));
}

std::string execute_portal(std::string_view portal) {
    return frame('E', text(portal) + int32(0));
}

std::string describe(std::string_view name) {
    return frame('D', text(name));
}

std::string close(std::string_view name) {
    return frame('C', text(name));
}

std::string run(std::string_view statement) {
    return bind_to("", statement) + describe("P") + execute_portal("") + sync();
}

const std::string parsed = frame('1');
const std::string ran = frame('2') + frame('n') + nothing_done;

struct scenario {
    const char* name;
    std::vector<step> steps; ///< after the login
};

const ping_texts& known_pings() {
    static const auto texts = [] {
        ping_texts known;
        EXPECT_TRUE(known.add("SELECT 1"));
        EXPECT_TRUE(known.add("BEGIN"));
        return known;
    }();
    return texts;
}

state state_of(const protocol_tracker& session) {
    EXPECT_TRUE(session.busy() || !session.working());
    return session.working() ? working : session.busy() ? pinging : idle;
}

void pass(protocol_tracker& session, const step& next, std::string_view piece) {
    next.from == side::client ? session.client_sent(piece) : session.server_sent(piece);
}

/// Plays the whole scenario; of one step the bytes come in these pieces, of the others whole. Until
/// a step is complete the session works only if it did before or will.
void play(const scenario& played, std::size_t in_pieces, const pieces& cuts) {
    protocol_tracker session(&known_pings());
    session.server_sent(authentication_ok() + ready);
    auto before = state_of(session);
    ASSERT_EQ(before, idle);
    for (std::size_t i = 0; i < played.steps.size(); ++i) {
        const auto& next = played.steps[i];
        for (const auto piece : i == in_pieces ? cuts : pieces{next.bytes}) {
            pass(session, next, piece);
            if (before != working && next.expected != working) {
                EXPECT_FALSE(session.working()) << "in step " << i + 1;
            }
        }
        before = state_of(session);
        EXPECT_EQ(before, next.expected) << "after step " << i + 1;
    }
    EXPECT_FALSE(session.desynchronised());
}

class protocol_tracker_ping_scenarios : public testing::TestWithParam<scenario> {};

TEST_P(protocol_tracker_ping_scenarios, are_told_from_work_under_every_segmentation) {
    const auto& steps = GetParam().steps;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        SCOPED_TRACE("step " + std::to_string(i + 1) + " in pieces");
        under_every_segmentation(steps[i].bytes, [&](const pieces& cuts) {
            play(GetParam(), i, cuts);
        });
    }
}

const auto name_of = [](const auto& tested) { return tested.param.name; };

INSTANTIATE_TEST_SUITE_P(
    protocol_tracker_ping_simple,
    protocol_tracker_ping_scenarios,
    testing::ValuesIn(std::vector<scenario>{
        {"empty", {client(query(""), pinging), server(nothing_done, idle)}},
        {"comment", {client(query("-- ping"), pinging), server(nothing_done, idle)}},
        {"known_text", {client(query("select 1;"), pinging), server(done, idle)}},
        {"unknown_text", {client(query("SELECT 2"), working), server(done, idle)}},
        {"longer_than_any_ping",
         {client(query(std::string(ping_texts::max_size + 1, ' ')), working),
          server(nothing_done, idle)}},
        {"as_long_as_a_ping_may_be",
         {client(query(std::string(ping_texts::max_size, ' ')), pinging), server(nothing_done, idle)
         }},
        {"one_after_the_other",
         {client(query(""), pinging),
          server(nothing_done, idle),
          client(query("SELECT 1"), pinging),
          server(done, idle)}},
        {"behind_work_it_is_work_until_all_is_answered",
         {client(query("SELECT 2") + query(""), working),
          server(done, working),
          server(nothing_done, idle),
          client(query(""), pinging)}},
        {"work_behind_it",
         {client(query(""), pinging),
          client(query("SELECT 2"), working),
          server(nothing_done, working),
          server(done, idle)}},
        {"two_at_once_are_not_for_sure",
         {client(query("") + query(""), working),
          server(nothing_done, working),
          server(nothing_done, idle)}},
        {"in_a_transaction",
         {client(query("START TRANSACTION"), working),
          server(command_complete("START TRANSACTION") + ready_for_query('T'), working),
          client(query(""), working),
          server(frame('I') + ready_for_query('T'), working),
          client(query("SELECT 2/0"), working),
          server(failure + ready_for_query('E'), working),
          client(query("-- ping"), working),
          server(frame('I') + ready_for_query('E'), working),
          client(query("ROLLBACK"), working),
          server(command_complete("ROLLBACK") + ready, idle),
          client(query("-- ping"), pinging)}},
        {"that_opens_a_transaction",
         {client(query("BEGIN"), pinging),
          server(command_complete("BEGIN") + ready_for_query('T'), working)}},
        {"refused", {client(query("SELECT 1"), pinging), server(failure + ready, idle)}},
        {"without_its_last_zero", {client(frame('Q', "SELECT 1"), working)}},
        {"with_more_behind_its_zero", {client(frame('Q', "\0SELECT 2\0"s), working)}},
        {"without_a_body", {client(frame('Q'), working)}},
        {"answered_before_all_of_it_was_there",
         {client(query("SELECT 2").substr(0, 8), pinging),
          server(ready, idle),
          client(query("SELECT 2").substr(8), idle)}},
        {"half_a_query_is_nothing_yet", {client(query("SELECT 2").substr(0, 8), pinging)}},
    }),
    name_of
);

INSTANTIATE_TEST_SUITE_P(
    protocol_tracker_ping_extended,
    protocol_tracker_ping_scenarios,
    testing::ValuesIn(std::vector<scenario>{
        // Postgrex once a second, sqlx.
        {"sync_alone", {client(sync(), pinging), server(ready, idle)}},
        {"flush_alone", {client(flush(), idle)}},
        {"all_at_once",
         {client(parse_as("", "SELECT 1") + run(""), pinging), server(parsed + ran, idle)}},
        {"message_by_message",
         {client(parse_as("", ""), pinging),
          client(bind_to("", ""), pinging),
          client(describe("P"), pinging),
          client(execute_portal(""), pinging),
          client(sync(), pinging),
          server(parsed + ran, idle)}},
        {"other_text",
         {client(parse_as("", "SELECT 2"), working),
          client(run(""), working),
          server(parsed + ran, idle)}},
        {"long_text",
         {client(parse_as("", std::string(200, ' ')) + sync(), working),
          server(parsed + ready, idle)}},
        // asyncpg, tokio-postgres, psycopg.
        {"prepared_first_and_run_later",
         {client(parse_as("s0", ";") + describe("Ss0") + sync(), pinging),
          server(parsed + frame('t', int32(0)) + frame('n') + ready, idle),
          client(run("s0"), pinging),
          server(ran, idle),
          client(run("s0"), pinging),
          server(ran, idle)}},
        {"unnamed_prepared_first_and_run_later",
         {client(parse_as("", "") + describe("S") + sync(), pinging),
          server(parsed + ready, idle),
          client(run(""), pinging),
          server(ran, idle)}},
        {"other_statements",
         {client(parse_as("s0", "") + sync(), pinging),
          server(parsed + ready, idle),
          client(run("s1"), working),
          server(ran, idle),
          client(run(""), working),
          server(ran, idle),
          client(run("s00"), working),
          server(ran, idle),
          client(describe("Ss1") + sync(), working),
          server(ready, idle),
          client(run("s0"), pinging)}},
        {"as_psqlodbc_does_it",
         {client(parse_as("_PLAN0x1", "SELECT 1") + sync(), pinging),
          server(parsed + ready, idle),
          client(describe("S_PLAN0x1") + sync(), pinging),
          server(frame('t', int32(0)) + ready, idle),
          client(run("_PLAN0x1"), pinging),
          server(ran, idle),
          client(query("DEALLOCATE \"_PLAN0x1\""), pinging),
          server(command_complete("DEALLOCATE") + ready, idle)}},
        {"as_asyncpg_does_it",
         {client(parse_as("__asyncpg_stmt_1__", ";") + describe("S__asyncpg_stmt_1__"), pinging),
          client(flush(), pinging),
          server(parsed + frame('t', int32(0)) + frame('n'), pinging),
          client(bind_to("", "__asyncpg_stmt_1__") + execute_portal("") + sync(), pinging),
          server(frame('2') + nothing_done, idle),
          client(bind_to("", "__asyncpg_stmt_1__") + execute_portal("") + sync(), pinging),
          server(frame('2') + nothing_done, idle)}},
        {"statement_that_nobody_knows", {client(run("S_1"), working), server(ran, idle)}},
        {"named_portal",
         {client(parse_as("", "") + bind_to("c", ""), working),
          client(execute_portal("c") + sync(), working),
          server(parsed + ran, idle)}},
        {"cursor_with_hold_beside_it",
         {client(parse_as("", "") + bind_to("", ""), pinging),
          client(execute_portal("held") + sync(), working)}},
        {"portal_without_a_bind",
         {client(parse_as("", ""), pinging), client(execute_portal("") + sync(), working)}},
        {"portal_of_the_ping_before",
         {client(parse_as("", "") + run(""), pinging),
          server(parsed + ran, idle),
          client(execute_portal("") + sync(), working)}},
        {"work_in_the_same_breath",
         {client(parse_as("", "") + run(""), pinging),
          client(parse_as("", "SELECT 1"), working),
          server(parsed + ran, working),
          client(run(""), working),
          server(parsed + ran, idle)}},
        {"closed",
         {client(parse_as("s0", "") + parse_as("s1", "") + sync(), pinging),
          server(parsed + parsed + ready, idle),
          client(close("Ss0") + sync(), pinging),
          server(frame('3') + ready, idle),
          client(run("s0"), working),
          server(failure + ready, idle),
          client(run("s1"), pinging)}},
        {"closed_amid_work",
         {client(parse_as("s0", "") + sync(), pinging),
          server(parsed + ready, idle),
          client(query("SELECT 2") + close("Ss0") + parse_as("s0", "SELECT 2") + sync(), working),
          server(done + frame('3') + parsed + ready, idle),
          client(run("s0"), working)}},
        {"closes_of_what_is_no_ping_are_no_work",
         {client(close("Ss7") + close("P") + sync(), pinging),
          server(frame('3') + frame('3') + ready, idle)}},
        {"unnamed_one_replaced",
         {client(parse_as("", "") + sync(), pinging),
          server(parsed + ready, idle),
          client(parse_as("", "SELECT 2") + sync(), working),
          server(parsed + ready, idle),
          client(run(""), working)}},
        {"unnamed_one_replaced_by_a_long_text",
         {client(parse_as("", "") + sync(), pinging),
          server(parsed + ready, idle),
          client(parse_as("", "SELECT 2" + std::string(200, ' ')) + sync(), working),
          server(parsed + ready, idle),
          client(run(""), working)}},
        {"name_of_another_statement",
         {client(parse_as("s0", "") + sync(), pinging),
          server(failure + ready, idle),
          client(run("s0"), working)}},
        {"prepared_while_the_server_skips",
         {client(parse_as("s0", "") + flush(), pinging),
          server(failure, pinging),
          client(parse_as("s1", "") + sync(), working),
          server(ready, idle),
          client(run("s1"), working)}},
        {"errors_of_others_forget_nothing",
         {client(parse_as("s0", "") + sync(), pinging),
          server(parsed + ready, idle),
          client(query("SELECT 2/0"), working),
          server(failure + ready, idle),
          client(run("s0"), pinging)}},
        {"name_prepared_by_sql",
         {client(parse_as("s0", "") + sync(), pinging),
          server(parsed + ready, idle),
          client(query("DEALLOCATE s0; PREPARE s0 AS SELECT 2"), working),
          server(command_complete("DEALLOCATE") + command_complete("PREPARE") + ready, idle),
          client(run("s0"), working)}},
        {"name_that_the_server_cuts",
         {client(parse_as(std::string(63, 'n'), "") + sync(), pinging),
          server(parsed + ready, idle),
          client(run(std::string(63, 'n')), working)}},
        {"longest_name",
         {client(parse_as(std::string(62, 'n'), "") + sync(), pinging),
          server(parsed + ready, idle),
          client(run(std::string(62, 'n')), pinging),
          server(ran, idle),
          client(parse_as(std::string(300, 'n'), "") + sync(), working),
          server(parsed + ready, idle),
          client(run(std::string(62, 'n')), pinging)}},
        {"empty_bodies",
         {client(parse_as("", "") + bind_to("", ""), pinging), client(frame('E'), working)}},
        {"text_without_an_end", {client(frame('P', "\0SELECT 1"s), working)}},
        {"function_call", {client(function_call(), working)}},
        {"message_of_a_later_protocol", {client(frame('~', "?"), working)}},
    }),
    name_of
);

TEST(protocol_tracker_ping, are_work_before_the_login_is_over) {
    protocol_tracker session;
    session.client_sent(query(""));
    EXPECT_EQ(state_of(session), working);
    session.server_sent(authentication_ok() + ready);
    EXPECT_EQ(state_of(session), working);
    session.server_sent(nothing_done);
    EXPECT_EQ(state_of(session), idle);
}

TEST(protocol_tracker_ping, are_blank_alone_without_texts) {
    protocol_tracker session;
    session.server_sent(authentication_ok() + ready);
    session.client_sent(query("SELECT 1"));
    EXPECT_EQ(state_of(session), working);
    session.server_sent(done);
    session.client_sent(query(";"));
    EXPECT_EQ(state_of(session), pinging);
}

TEST(protocol_tracker_ping, leave_a_lost_session_at_work) {
    protocol_tracker session;
    session.server_sent(authentication_ok() + ready);
    session.client_sent(query("") + "Q" + int32(3));
    EXPECT_EQ(state_of(session), working);
    session.server_sent(nothing_done);
    EXPECT_EQ(state_of(session), working);
}

} // namespace

} // namespace wakegate::wire
