#include "proxy/wire/protocol_tracker.hpp"
#include "tests/support/message_bytes.hpp"
#include "tests/support/segmentation.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace wakegate::wire {

namespace {

using namespace support;

enum class side { client, server };

struct step {
    side from;
    std::string bytes;
    bool busy; ///< once all of the step has passed
};

constexpr bool busy = true;
constexpr bool idle = false;

step client(std::string bytes, bool expected = busy) {
    return {side::client, std::move(bytes), expected};
}

step server(std::string bytes, bool expected = busy) {
    return {side::server, std::move(bytes), expected};
}

const std::string ready = ready_for_query('I');
const std::string done = command_complete("SELECT 1") + ready;
const std::string prepared = frame('1') + frame('2');
const std::string extended_query = parse("SELECT 1") + bind() + execute();
const std::string failure = error("ERROR", "22012");

struct scenario {
    const char* name;
    std::vector<step> steps; ///< after the login
};

void pass(protocol_tracker& session, const step& next, std::string_view piece) {
    next.from == side::client ? session.client_sent(piece) : session.server_sent(piece);
}

/// Plays the whole scenario; step `cut_step` arrives in two pieces, cut at `cut`.
void play(const scenario& played, bool bytewise, std::size_t cut_step, std::size_t cut) {
    protocol_tracker session;
    session.server_sent(authentication_ok() + ready);
    ASSERT_FALSE(session.busy());
    for (std::size_t i = 0; i < played.steps.size(); ++i) {
        const auto& next = played.steps[i];
        const std::string_view bytes = next.bytes;
        if (bytewise) {
            for (const auto byte : one_byte_at_a_time(bytes)) {
                pass(session, next, byte);
            }
        } else {
            const auto first = i == cut_step ? cut : bytes.size();
            pass(session, next, bytes.substr(0, first));
            pass(session, next, bytes.substr(first));
        }
        EXPECT_EQ(session.busy(), next.busy) << "after step " << i + 1;
    }
    EXPECT_FALSE(session.desynchronised());
    EXPECT_TRUE(session.server_at_boundary());
}

class protocol_tracker_busy_scenarios : public testing::TestWithParam<scenario> {};

TEST_P(protocol_tracker_busy_scenarios, are_followed_under_every_segmentation) {
    const auto& steps = GetParam().steps;
    {
        SCOPED_TRACE("all at once");
        play(GetParam(), false, steps.size(), 0);
    }
    {
        SCOPED_TRACE("one byte at a time");
        play(GetParam(), true, steps.size(), 0);
    }
    for (std::size_t i = 0; i < steps.size(); ++i) {
        for (std::size_t cut = 1; cut < steps[i].bytes.size(); ++cut) {
            SCOPED_TRACE("step " + std::to_string(i + 1) + " cut at " + std::to_string(cut));
            play(GetParam(), false, i, cut);
        }
    }
}

const auto name_of = [](const auto& tested) { return tested.param.name; };

INSTANTIATE_TEST_SUITE_P(
    protocol_tracker_busy_queries,
    protocol_tracker_busy_scenarios,
    testing::ValuesIn(std::vector<scenario>{
        {"simple_query", {client(query("SELECT 1")), server(data_row("1")), server(done, idle)}},
        {"empty_query", {client(query("")), server(frame('I') + ready, idle)}},
        {"several_statements_are_owed_one_answer",
         {client(query("SELECT 1; SELECT 2")),
          server(command_complete("SELECT 1")),
          server(done, idle)}},
        {"two_queries_at_once",
         {client(query("SELECT 1") + query("SELECT 2")), server(done), server(done, idle)}},
        {"failing_query", {client(query("SELECT 1/0")), server(failure + ready, idle)}},
        {"transaction",
         {client(query("BEGIN")),
          server(command_complete("BEGIN") + ready_for_query('T')),
          client(query("SELECT 1/0")),
          server(failure + ready_for_query('E')),
          client(query("ROLLBACK")),
          server(command_complete("ROLLBACK") + ready, idle)}},
        {"unknown_transaction_status", {client(query("")), server(ready_for_query('?'))}},
        {"function_call", {client(function_call()), server(frame('V', int32(0)) + ready, idle)}},
        {"copy_out",
         {client(query("COPY t TO STDOUT")),
          server(copy_out_response() + copy_data("row\n")),
          server(frame('c') + command_complete("COPY 1") + ready, idle)}},
    }),
    name_of
);

INSTANTIATE_TEST_SUITE_P(
    protocol_tracker_busy_extended,
    protocol_tracker_busy_scenarios,
    testing::ValuesIn(std::vector<scenario>{
        {"one_query",
         {client(parse("SELECT 1")),
          client(bind() + execute()),
          client(sync()),
          server(prepared + command_complete("SELECT 1")),
          server(ready, idle)}},
        {"flush_keeps_unsynced_work_open",
         {client(extended_query + flush()),
          server(prepared + command_complete("SELECT 1")),
          client(sync()),
          server(ready, idle)}},
        {"flush_alone_is_no_work", {client(flush(), idle)}},
        {"sync_alone", {client(sync()), server(ready, idle)}},
        {"statement_closed", {client(frame('C', text("Ss")) + sync()), server(ready, idle)}},
        {"pipeline_of_three",
         {client(extended_query + sync() + extended_query + sync() + extended_query + sync()),
          server(prepared + done),
          server(prepared + done),
          server(prepared + done, idle)}},
        {"error_in_a_pipeline_skips_to_its_sync",
         {client(extended_query + extended_query + sync() + extended_query + sync()),
          server(failure + ready),
          server(prepared + done, idle)}},
        {"answer_while_the_next_is_being_written",
         {client(extended_query + sync() + parse("SELECT 2")),
          server(prepared + done),
          client(bind() + execute() + sync()),
          server(prepared + done, idle)}},
        {"message_of_a_later_protocol",
         {client(frame('~', "?")), client(sync()), server(ready, idle)}},
    }),
    name_of
);

INSTANTIATE_TEST_SUITE_P(
    protocol_tracker_busy_copy_in,
    protocol_tracker_busy_scenarios,
    testing::ValuesIn(std::vector<scenario>{
        {"by_query",
         {client(query("COPY t FROM STDIN")),
          server(copy_in_response()),
          client(copy_data("row\n") + copy_data("row\n")),
          client(copy_done()),
          server(command_complete("COPY 2") + ready, idle)}},
        {"by_query_with_a_flush_and_a_sync_the_server_ignores",
         {client(query("COPY t FROM STDIN")),
          server(copy_in_response()),
          client(copy_data("row\n") + flush() + sync()),
          client(copy_done()),
          server(command_complete("COPY 1") + ready, idle)}},
        {"by_query_given_up",
         {client(query("COPY t FROM STDIN")),
          server(copy_in_response()),
          client(copy_data("row\n") + copy_fail("no more")),
          server(failure + ready, idle)}},
        {"by_query_given_up_with_a_sync_behind",
         {client(query("COPY t FROM STDIN")),
          server(copy_in_response()),
          client(copy_fail("no more") + sync()),
          server(failure + ready),
          server(ready, idle)}},
        {"by_query_failing_half_way",
         {client(query("COPY t FROM STDIN")),
          server(copy_in_response()),
          client(copy_data("bad\n")),
          server(failure + ready, idle),
          client(copy_data("row\n"), idle),
          client(copy_done(), idle),
          client(query("SELECT 1")),
          server(done, idle)}},
        {"as_libpq_does_it",
         {client(extended_query + sync()),
          server(prepared + copy_in_response()),
          client(copy_data("row\n")),
          client(copy_done()),
          client(sync()),
          server(command_complete("COPY 1")),
          server(ready, idle)}},
        {"as_libpq_gives_it_up",
         {client(extended_query + sync()),
          server(prepared + copy_in_response()),
          client(copy_data("row\n") + copy_fail("no more") + sync()),
          server(failure + ready, idle)}},
        {"with_flush_for_the_first_sync",
         {client(extended_query + flush()),
          server(prepared + copy_in_response()),
          client(copy_data("row\n") + copy_done() + sync()),
          server(command_complete("COPY 1") + ready, idle)}},
        {"extended_failing_half_way",
         {client(extended_query + sync()),
          server(prepared + copy_in_response()),
          client(copy_data("bad\n")),
          server(failure),
          client(copy_data("row\n") + copy_done() + sync()),
          server(ready, idle)}},
        {"extended_failing_before_the_first_sync_was_read",
         {client(extended_query + sync()),
          server(prepared + copy_in_response() + failure + ready, idle),
          client(copy_done(), idle),
          client(sync()),
          server(ready, idle)}},
        {"extended_failing_before_it_began",
         {client(extended_query + sync()),
          server(failure + ready, idle),
          client(extended_query + sync()),
          server(prepared + done, idle)}},
        {"behind_a_pipelined_query",
         {client(extended_query + sync() + extended_query + sync()),
          server(prepared + done),
          server(prepared + copy_in_response()),
          client(copy_data("row\n") + copy_done() + sync()),
          server(command_complete("COPY 1") + ready, idle)}},
        {"twice_in_a_row",
         {client(extended_query + sync()),
          server(prepared + copy_in_response()),
          client(copy_done() + sync() + extended_query + sync()),
          server(command_complete("COPY 0") + ready),
          server(prepared + copy_in_response()),
          client(copy_done() + sync()),
          server(command_complete("COPY 0") + ready, idle)}},
        {"ended_twice",
         {client(extended_query + sync()),
          server(prepared + copy_in_response()),
          client(copy_done() + sync() + copy_done()),
          server(command_complete("COPY 0") + ready, idle)}},
        {"stray_copy_done_takes_nothing_back",
         {client(copy_done() + sync()),
          client(copy_done()),
          server(ready, idle),
          client(copy_done() + copy_fail("again"), idle)}},
    }),
    name_of
);

INSTANTIATE_TEST_SUITE_P(
    protocol_tracker_busy_at_any_time,
    protocol_tracker_busy_scenarios,
    testing::ValuesIn(std::vector<scenario>{
        {"news_while_idle",
         {server(notification(), idle),
          server(parameter_status("TimeZone", "UTC"), idle),
          server(notice(), idle)}},
        {"news_while_busy",
         {client(query("SELECT 1")), server(notification() + notice()), server(done, idle)}},
        {"ready_with_nothing_owed",
         {server(ready + ready, idle), client(query("SELECT 1")), server(done, idle)}},
        {"terminate", {client(terminate(), idle)}},
        {"terminate_behind_a_query", {client(query("SELECT 1") + terminate()), server(done, idle)}},
        {"replication",
         {client(query("START_REPLICATION 0/0")),
          server(copy_both_response() + copy_data("wal")),
          client(copy_data("status")),
          server(copy_data("wal")),
          client(copy_done()),
          server(frame('c')),
          server(command_complete("START_STREAMING") + ready, idle)}},
    }),
    name_of
);

} // namespace

} // namespace wakegate::wire
