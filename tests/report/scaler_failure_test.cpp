#include "proxy/report/scaler_failure.hpp"

#include <gtest/gtest.h>

#include <string>

namespace wakegate::proxy {
namespace {

const scaler_failure refused{scaler_failure_kind::refused, "Connection refused"};

TEST(scaler_failure, is_what_grpc_says_without_its_wrappings) {
    const auto failure_of = [](const std::string& last_error) {
        const auto words = "failed to connect to all addresses; last error: " + last_error;
        return to_failure({grpc::StatusCode::UNAVAILABLE, words});
    };
    const std::string to_remote = "Failed to connect to remote host: ";
    EXPECT_EQ(
        failure_of("UNKNOWN: ipv4:127.0.0.1:1: " + to_remote + "Connection refused"), refused
    );
    EXPECT_EQ(
        failure_of("UNKNOWN: ipv6:%5B2001:db8::1%5D:9: tcp handshaker shutdown"),
        (scaler_failure{scaler_failure_kind::no_answer, "Connection timed out"})
    );
    EXPECT_EQ(
        failure_of("UNKNOWN: ipv4:192.0.2.1:9: " + to_remote + "No route to host"),
        (scaler_failure{scaler_failure_kind::no_answer, "No route to host"})
    );
    EXPECT_EQ(
        failure_of("UNAVAILABLE: ipv4:127.0.0.1:80: Failed parsing HTTP/2"),
        (scaler_failure{scaler_failure_kind::not_a_scaler, "no gRPC server: Failed parsing HTTP/2"})
    );
    EXPECT_EQ(
        failure_of("UNAVAILABLE: ipv4:127.0.0.1:80: recvmsg:Connection reset by peer"),
        (scaler_failure{scaler_failure_kind::other, "Connection reset by peer"})
    );
}

TEST(scaler_failure, tells_another_grpc_server_from_a_scaler) {
    const auto foreign = to_failure({grpc::StatusCode::UNIMPLEMENTED, "unknown service"});
    EXPECT_EQ(foreign.kind, scaler_failure_kind::not_a_scaler);
    EXPECT_NE(foreign.reason.find("wakegate.DemandReports"), std::string::npos);
}

TEST(scaler_failure, has_words_for_every_end_of_a_call) {
    EXPECT_EQ(to_failure(grpc::Status::OK).reason, "ended by the scaler");
    const grpc::Status shut_down(grpc::StatusCode::UNAVAILABLE, "the scaler shuts down");
    EXPECT_EQ(
        to_failure(shut_down), (scaler_failure{scaler_failure_kind::other, "the scaler shuts down"})
    );
    EXPECT_EQ(to_failure({grpc::StatusCode::INTERNAL, ""}).reason, "gRPC status 13");
}

TEST(scaler_failure, has_a_remedy_for_each_kind) {
    for (const auto kind :
         {scaler_failure_kind::unresolved,
          scaler_failure_kind::refused,
          scaler_failure_kind::no_answer,
          scaler_failure_kind::not_a_scaler,
          scaler_failure_kind::other}) {
        EXPECT_NE(remedy_for(kind), "");
    }
}

} // namespace
} // namespace wakegate::proxy
