#include "proxy/metrics.hpp"
#include "tests/support/golden.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace wakegate::proxy {
namespace {

TEST(metrics, are_what_dashboards_were_built_on) {
    metrics measured;
    measured.refused("app", "57P03");
    measured.cancelled("forwarded");
    measured.cancelled("dropped", "overload");
    measured.released("app", milliseconds(250));
    measured.woke("app", seconds(2));
    measured.set_demand(
        "app", {.state = gate_state::ready, .waking = false, .held = 1, .busy = 2, .idle = 3}
    );
    measured.set_scaler_streams(2);
    measured.set_log_lines_dropped(5);
    measured.set_log_lines_dropped(7);
    measured.set_verifiers(
        "app", {.roles = 4, .refreshed_at = std::chrono::sys_seconds(seconds(1'800'000'000))}
    );
    measured.set_verifier_cache(std::chrono::sys_seconds(seconds(1'800'000'001)));
    const auto term = [](const char* key, int at) {
        return tls::certificate_expiry{
            .key = key,
            .file = {},
            .subject = {},
            .not_after = std::chrono::sys_seconds(seconds(at))
        };
    };
    measured.set_certificates({
        {"listener", "main", term("directory", 1'900'000'003)},
        {"listener", "main", term("directory", 1'900'000'002)},
        {"listener", "main", term("client_ca", 1'900'000'001)},
        {"cluster", "app", term("certificate", 1'900'000'004)},
    });
    support::expect_golden(GOLDEN_FOLDER "/proxy_metrics.txt", measured.exposition());
}

TEST(metrics, call_a_cluster_ready_only_while_it_is) {
    metrics measured;
    const auto ready_after = [&measured](gate_state state) {
        measured.set_demand("app", {.state = state});
        const std::string sample = "wakegate_proxy_cluster_ready{cluster=\"app\"} ";
        const auto text = measured.exposition();
        return text.at(text.find(sample) + sample.size());
    };
    EXPECT_EQ(ready_after(gate_state::ready), '1');
    EXPECT_EQ(ready_after(gate_state::asleep), '0');
    EXPECT_EQ(ready_after(gate_state::waking), '0');
    EXPECT_EQ(ready_after(gate_state::draining), '0');
}

TEST(metrics, count_each_refusal_under_its_sqlstate) {
    metrics measured;
    measured.refused("app", "57P03");
    measured.refused("app", "57P03");
    measured.refused("", "3D000");
    const auto text = measured.exposition();
    const auto says = [&text](const std::string& line) {
        return text.find(line + "\n") != std::string::npos;
    };
    EXPECT_TRUE(says("wakegate_proxy_refusals_total{cluster=\"app\",sqlstate=\"57P03\"} 2"))
        << text;
    EXPECT_TRUE(says("wakegate_proxy_refusals_total{cluster=\"\",sqlstate=\"3D000\"} 1")) << text;
}

} // namespace
} // namespace wakegate::proxy
