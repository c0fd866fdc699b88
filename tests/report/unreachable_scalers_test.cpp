#include "proxy/report/unreachable_scalers.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate::proxy {
namespace {

using kind = scaler_failure::kind;
using scalers = std::vector<unreachable_scaler>;

const time_point start{seconds(1'000)};
const scaler_failure refused{kind::refused, "Connection refused"};
const scaler_failure unknown{kind::unresolved, "Host not found"};

TEST(unreachable_scalers, are_told_a_few_seconds_after_the_start_and_then_once_a_minute) {
    unreachable_scalers subject;
    subject.expect("a:1");
    EXPECT_EQ(subject.due(start), scalers());
    subject.fail("a:1", refused);
    EXPECT_EQ(subject.due(start + seconds(2)), scalers());
    EXPECT_EQ(subject.due(start + seconds(3)), (scalers{{"a:1", refused}}));
    subject.fail("a:1", refused);
    EXPECT_EQ(subject.due(start + seconds(62)), scalers());
    EXPECT_EQ(subject.due(start + seconds(63)), (scalers{{"a:1", refused}}));
}

TEST(unreachable_scalers, have_a_reason_before_the_first_attempt_has_ended) {
    unreachable_scalers subject;
    subject.expect("a:1");
    EXPECT_EQ(subject.all(), (scalers{{"a:1", {kind::silent, "no answer yet"}}}));
}

TEST(unreachable_scalers, have_their_latest_reason) {
    unreachable_scalers subject;
    subject.fail("scaler:1", unknown);
    subject.fail("scaler:1", refused);
    subject.expect("scaler:1"); // the next attempt has begun
    EXPECT_EQ(subject.all(), (scalers{{"scaler:1", refused}}));
}

TEST(unreachable_scalers, are_forgotten_when_they_are_reached) {
    unreachable_scalers subject;
    subject.fail("a:1", refused);
    subject.fail("b:1", refused);
    EXPECT_EQ(subject.due(start), scalers());
    subject.remove("a:1");
    EXPECT_EQ(subject.all(), (scalers{{"b:1", refused}}));
    EXPECT_EQ(subject.due(start + seconds(3)), (scalers{{"b:1", refused}}));
    subject.fail("a:1", refused); // missed for the first time again
    EXPECT_EQ(subject.due(start + seconds(4)), scalers());
}

TEST(scaler_failure, is_what_grpc_says_without_its_wrappings) {
    const auto of = [](const std::string& last_error) {
        const auto words = "failed to connect to all addresses; last error: " + last_error;
        return to_failure({grpc::StatusCode::UNAVAILABLE, words});
    };
    const std::string to_remote = "Failed to connect to remote host: ";
    EXPECT_EQ(of("UNKNOWN: ipv4:127.0.0.1:1: " + to_remote + "Connection refused"), refused);
    EXPECT_EQ(
        of("UNKNOWN: ipv6:%5B2001:db8::1%5D:9: tcp handshaker shutdown"),
        (scaler_failure{kind::silent, "Connection timed out"})
    );
    EXPECT_EQ(
        of("UNKNOWN: ipv4:192.0.2.1:9: " + to_remote + "No route to host"),
        (scaler_failure{kind::silent, "No route to host"})
    );
    EXPECT_EQ(
        of("UNAVAILABLE: ipv4:127.0.0.1:80: Failed parsing HTTP/2"),
        (scaler_failure{kind::foreign, "no gRPC server: Failed parsing HTTP/2"})
    );
    EXPECT_EQ(
        of("UNAVAILABLE: ipv4:127.0.0.1:80: recvmsg:Connection reset by peer"),
        (scaler_failure{kind::other, "Connection reset by peer"})
    );
}

TEST(scaler_failure, tells_another_grpc_server_from_a_scaler) {
    const auto foreign = to_failure({grpc::StatusCode::UNIMPLEMENTED, "unknown service"});
    EXPECT_EQ(foreign.what, kind::foreign);
    EXPECT_NE(foreign.reason.find("wakegate.DemandReports"), std::string::npos);
}

TEST(scaler_failure, has_words_for_every_end_of_a_call) {
    EXPECT_EQ(to_failure(grpc::Status::OK).reason, "ended by the scaler");
    const grpc::Status told(grpc::StatusCode::UNAVAILABLE, "the scaler shuts down");
    EXPECT_EQ(to_failure(told), (scaler_failure{kind::other, "the scaler shuts down"}));
    EXPECT_EQ(to_failure({grpc::StatusCode::INTERNAL, ""}).reason, "gRPC status 13");
}

TEST(scaler_failure, has_a_remedy_for_each_kind) {
    for (const auto what :
         {kind::unresolved, kind::refused, kind::silent, kind::foreign, kind::other}) {
        EXPECT_NE(remedy_for(what), "");
    }
}

} // namespace
} // namespace wakegate::proxy
