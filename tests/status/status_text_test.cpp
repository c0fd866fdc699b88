#include "tests/status/example_status.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

using support::example_status;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(status_text, tells_people_what_goes_on) {
    EXPECT_EQ(
        status_text(example_status()),
        "wakegate-proxy eu-1 0.1.0 up 3h12m, serving\n"
        "5 of 4000 clients, 2 workers\n"
        "scaler 10.0.0.7:9411: connected\n"
        "scaler 10.0.0.8:9411: not connected: Connection refused\n"
        "\n"
        "cluster app: ready for 5m3s; 0 held, 1 busy, 4 idle; last activity 2s ago\n"
        "  kept awake: 1 session is busy\n"
        "  does not sleep while 1 session is busy\n"
        "  STATE   FOR  CLIENTS  ROLE      APPLICATION  SOURCE    WAKE\n"
        "  busy   2m5s        1  app       web??[2J     10.0.0.1\n"
        "  idle   1d1h        3  -         -            -         never\n"
        "  idle     0s        1  (others)\n"
    );
}

TEST(status_text, of_a_proxy_that_leaves_and_is_alone) {
    auto status = example_status();
    status.name.clear();
    status.draining = true;
    status.scalers.clear();
    status.workers = 1;
    status.clusters.clear();
    EXPECT_EQ(
        status_text(status),
        "wakegate-proxy 0.1.0 up 3h12m, draining\n"
        "5 of 4000 clients, 1 worker\n"
        "no scaler\n"
    );
}

TEST(status_text, has_no_table_of_nobody) {
    auto status = example_status();
    status.clusters[0].groups = {};
    EXPECT_THAT(status_text(status), Not(HasSubstr("STATE")));
}

TEST(status_text, says_that_it_is_not_all) {
    auto status = example_status();
    status.missing_threads = 1;
    EXPECT_THAT(
        status_text(status),
        HasSubstr("1 of 4 threads did not answer in time; their clients are not listed below\n")
    );
}

} // namespace
} // namespace wakegate::proxy
