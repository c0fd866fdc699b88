#include "common/grpc/grpc_log.hpp"
#include "tests/support/captured_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <grpc/support/log.h>

namespace wakegate {
namespace {

TEST(grpc_log, writes_what_grpc_has_to_say_as_events) {
    gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR); // as the first channel or server sets it
    log_grpc_messages();
    support::captured_log captured;
    gpr_log(GPR_ERROR, "%s is broken", "it");
    const auto log = captured.take();
    EXPECT_THAT(log, testing::EndsWith(" warning grpc message=\"it is broken\"\n"));
    EXPECT_EQ(log.find('\n'), log.size() - 1) << "that, and nothing of gRPC's own";
}

} // namespace
} // namespace wakegate
