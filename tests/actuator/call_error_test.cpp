#include "scaler/actuator/call_error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wakegate::actuator {
namespace {

using ::testing::HasSubstr;

TEST(call_error, of_bad_metadata_says_so) {
    const call_error error{
        .rpc = "GetMetricSpec",
        .code = grpc::StatusCode::INVALID_ARGUMENT,
        .text = "metadata activityWindow: 'soon': must be a duration",
        .connected = true,
    };
    EXPECT_EQ(
        cause_of(error), "metadata refused: metadata activityWindow: 'soon': must be a duration"
    );
    EXPECT_EQ(remedy_for(error, "app"), "correct scaled_objects.app.metadata");
    EXPECT_EQ(
        describe(error),
        "GetMetricSpec: INVALID_ARGUMENT (3): metadata activityWindow: 'soon': must be a duration"
    );
}

TEST(call_error, of_a_scaler_that_is_connected_is_in_its_own_words) {
    const call_error error{
        .rpc = "GetMetrics",
        .code = grpc::StatusCode::UNAVAILABLE,
        .text = "cluster ap: no proxy has ever named cluster 'ap'",
        .connected = true,
    };
    EXPECT_EQ(cause_of(error), error.text);
    EXPECT_THAT(remedy_for(error, "app"), HasSubstr("scaled_objects.app.metadata"));
}

TEST(call_error, without_a_connection_tells_a_name_that_does_not_resolve_from_a_lost_scaler) {
    call_error error{
        .rpc = "IsActive",
        .code = grpc::StatusCode::UNAVAILABLE,
        .text = "failed to connect to all addresses",
        .connected = false,
    };
    EXPECT_EQ(cause_of(error), "no scaler connected: failed to connect to all addresses");
    EXPECT_THAT(remedy_for(error, "app"), HasSubstr("start the scaler"));
    error.connected = true; // has connected meanwhile
    error.text = "connections to all backends failing; last error: Connection refused";
    EXPECT_EQ(cause_of(error), "no scaler connected: " + error.text);
    error.text = "DNS resolution failed for scaler.invalid:9411: Domain name not found";
    EXPECT_EQ(cause_of(error), "the address of no scaler resolves: " + error.text);
    EXPECT_THAT(remedy_for(error, "app"), HasSubstr("DNS"));
}

} // namespace
} // namespace wakegate::actuator
