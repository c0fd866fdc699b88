#include "scaler/actuator/status_page.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wakegate::actuator {
namespace {

using ::testing::HasSubstr;

constexpr time_point now(seconds(10'000));

object_status sleeping() {
    object_status object;
    object.name_space = "local";
    object.reconciled = true;
    object.stream_connected = true;
    object.hook = "none";
    object.last_poll = poll_result{.when = now - seconds(7), .active = false, .error = {}};
    return object;
}

object_status running() {
    auto object = sleeping();
    object.replicas = 1;
    object.stops_in = milliseconds(42'900);
    return object;
}

call_error unnamed_cluster() {
    return {
        .rpc = "GetMetrics",
        .code = grpc::StatusCode::UNAVAILABLE,
        .text = "cluster ap: no proxy has ever named cluster 'ap'",
        .connected = true,
    };
}

std::string text_of(const object_status& object) {
    return status_text({{"app", object}}, now);
}

std::string unready_reason(const object_status& object) {
    const auto ready = check_ready(object);
    return ready ? "" : ready.error().reason;
}

TEST(status_page, of_a_sleeping_object_has_its_last_poll) {
    const auto text = text_of(sleeping());
    EXPECT_THAT(text, HasSubstr("app"));
    EXPECT_THAT(text, HasSubstr("inactive 7 s ago"));
    EXPECT_THAT(text, HasSubstr("starts when a client comes"));
    auto object = sleeping();
    object.stream_connected = false;
    EXPECT_THAT(text_of(object), HasSubstr("starts when a poll finds a client"));
}

TEST(status_page, says_when_it_stops) {
    EXPECT_THAT(text_of(running()), HasSubstr("stops in 42 s unless a client comes"));
    auto object = running();
    object.active = true;
    object.last_poll->active = true;
    EXPECT_THAT(text_of(object), HasSubstr("in use; stops in 42 s at the earliest"));
    object.stops_in.reset();
    EXPECT_THAT(text_of(object), HasSubstr("runs on: min_replicas keeps it"));
}

TEST(status_page, has_the_last_polls_error) {
    auto object = running();
    object.last_poll->error = unnamed_cluster();
    const auto text = text_of(object);
    EXPECT_THAT(text, HasSubstr("failed 7 s ago"));
    EXPECT_THAT(text, HasSubstr("stays as it is until a scaler answers"));
    EXPECT_THAT(
        text, HasSubstr("app: last poll: cluster ap: no proxy has ever named cluster 'ap'\n")
    );
    const auto page = boost::json::parse(status_json({{"app", object}}, now));
    const auto& poll = page.at("scaled_objects").at("app").at("last_poll");
    EXPECT_EQ(poll.at("age_ms"), 7'000);
    EXPECT_EQ(poll.at("error").at("rpc"), "GetMetrics");
    EXPECT_EQ(poll.at("error").at("code"), "UNAVAILABLE");
    EXPECT_EQ(poll.at("error").at("text").as_string(), unnamed_cluster().text);
}

TEST(status_page, has_the_words_of_a_failed_hook) {
    auto object = running();
    object.last_hook_failure = "stop: exit code 4: no such \x1b[31mcluster";
    EXPECT_THAT(
        text_of(object), HasSubstr("app: last hook: stop: exit code 4: no such ?[31mcluster\n")
    );
}

TEST(status_page_readiness, is_there_with_an_answered_poll_and_a_stream) {
    EXPECT_EQ(unready_reason(sleeping()), "");
}

TEST(status_page_readiness, gives_the_true_reason) {
    auto object = sleeping();
    object.stream_connected = false;
    EXPECT_EQ(unready_reason(object), "no pushes: the stream is not connected yet");
    object.stream_error = call_error{
        .rpc = "StreamIsActive",
        .code = grpc::StatusCode::UNAVAILABLE,
        .text = "connection refused",
        .connected = false,
    };
    EXPECT_EQ(unready_reason(object), "no pushes: no scaler connected: connection refused");
    object.last_poll->error = unnamed_cluster();
    EXPECT_EQ(unready_reason(object), unnamed_cluster().text);
    object.last_poll.reset();
    EXPECT_EQ(unready_reason(object), "no scaler has answered yet");
}

} // namespace
} // namespace wakegate::actuator
