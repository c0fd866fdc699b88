#pragma once

#include "proxy/gate/gate_service.hpp"
#include "proxy/tls/certificate_expiry.hpp"
#include "proxy/verifiers/verifier_refresher.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace wakegate::proxy {

/// Every metric of the proxy, with names, help texts and labels. Control thread, except that
/// `refused` and `cancelled` may be called on any.
class metrics {
public:
    metrics();

    void refused(std::string_view cluster, std::string_view sqlstate);
    /// `reason`: why it was dropped; empty otherwise.
    void cancelled(std::string_view outcome, std::string_view reason = {});
    void released(const std::string& cluster, duration held);
    void woke(const std::string& cluster, duration took);
    void set_demand(const std::string& cluster, const gate_demand& demand);
    void set_verifiers(const std::string& cluster, const verifier_stats& stats);
    /// When it was last stored.
    void set_verifier_cache(std::chrono::sys_seconds stored_at);
    /// Of several certificates of one listener or cluster the first to expire counts.
    void set_certificates(const std::vector<tls::owned_expiry>& expiries);
    void set_scaler_streams(std::size_t connected);
    /// `total` since the start; it never falls.
    void set_log_lines_dropped(std::uint64_t total);

    /// Prometheus' text format.
    [[nodiscard]] std::string exposition() const;

private:
    prometheus::Registry registry_;
    prometheus::Family<prometheus::Gauge>& sessions_;
    prometheus::Family<prometheus::Gauge>& ready_;
    prometheus::Family<prometheus::Counter>& wakes_;
    prometheus::Family<prometheus::Counter>& refusals_;
    prometheus::Family<prometheus::Counter>& cancels_;
    prometheus::Family<prometheus::Histogram>& wake_seconds_;
    prometheus::Family<prometheus::Histogram>& held_seconds_;
    prometheus::Gauge& scaler_streams_;
    prometheus::Counter& log_lines_dropped_;
    prometheus::Family<prometheus::Gauge>& verifiers_;
    prometheus::Family<prometheus::Gauge>& verifiers_refreshed_;
    prometheus::Family<prometheus::Gauge>& verifier_cache_stored_;
    prometheus::Family<prometheus::Gauge>& certificates_not_after_;
};

} // namespace wakegate::proxy
