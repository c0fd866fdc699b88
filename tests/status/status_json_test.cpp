#include "tests/status/example_status.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

using support::example_status;
namespace json = boost::json;

TEST(status_json, tells_programs_the_same) {
    EXPECT_EQ(json::parse(status_json(example_status())), json::parse(R"json({
        "name": "eu-1", "version": "0.1.0", "uptime_ms": 11520000, "draining": false,
        "clients": 5, "max_clients": 4000, "workers": 2, "missing_threads": 0,
        "scalers": [
            {"address": "10.0.0.7:9411", "connected": true, "reason": null},
            {"address": "10.0.0.8:9411", "connected": false, "reason": "Connection refused"}
        ],
        "clusters": [{
            "cluster": "app", "state": "ready", "state_age_ms": 303000, "waking": false,
            "held": 0, "busy": 1, "idle": 4, "idle_counts": false, "last_activity_age_ms": 2900,
            "awake_because": ["busy"],
            "forecast": "does not sleep while 1 session is busy",
            "scaler": {"answer": "active", "reason": "1 busy", "asked": 1,
                       "idle_in_ms": null, "sleeps_in_ms": 300000},
            "groups": [
                {"state": "busy", "role": "app", "application_name": "web\n\u001b[2J",
                 "source": "10.0.0.1", "wake": "always", "count": 1, "age_ms": 125900},
                {"state": "idle", "role": null, "application_name": null, "source": null,
                 "wake": "never", "count": 3, "age_ms": 90000000}
            ],
            "others": [{"state": "idle", "count": 1, "age_ms": 400}]
        }]
    })json"));
}

TEST(status_json, has_nothing_of_a_scaler_that_has_not_told) {
    auto status = example_status();
    status.name.clear();
    status.clusters[0].facts.contact = scaler_contact::none_connected;
    status.clusters[0].facts.activity_age.reset();
    const auto page = json::parse(status_json(status));
    EXPECT_TRUE(page.at("name").is_null());
    EXPECT_TRUE(page.at("clusters").at(0).at("scaler").is_null());
    EXPECT_TRUE(page.at("clusters").at(0).at("last_activity_age_ms").is_null());
}

} // namespace
} // namespace wakegate::proxy
