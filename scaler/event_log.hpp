#pragma once

#include "common/clock.hpp"
#include "scaler/metrics.hpp"
#include "scaler/state/demand_board.hpp"
#include "scaler/state/manual_orders.hpp"
#include "scaler/state/order_request.hpp"
#include "scaler/state/refusal_log_limit.hpp"
#include "scaler/state/trigger.hpp"
#include "scaler/state/trigger_errors.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wakegate::scaler {

/// Logs and counts events. Any thread; never called with a lock held.
class event_log {
public:
    explicit event_log(metrics& counters) : counters_(counters) {}

    void record(const board_changes& changes);
    void answered(std::string_view rpc, const std::string& cluster, std::string_view answer);
    /// Logged as often as `refusal_log_limit` allows; `cluster` is empty where there is none.
    void refused(
        std::string_view rpc,
        std::string_view status,
        std::string_view cluster,
        std::string_view reason,
        time_point now
    );
    /// Whether to warn of it now: at once, then once a minute at most.
    [[nodiscard]] bool is_due(const unreported_cluster& unreported, time_point now);
    /// `named`: the clusters that proxies report.
    void warn_unreported(const unreported_cluster& unreported, std::vector<std::string> named);
    /// The trigger of this ScaledObject is invalid. KEDA does not show that at the object, so it is
    /// a warning here, but not at each poll.
    void refused_trigger(
        std::string_view rpc,
        const std::string& scaled_object,
        const metadata_error& error,
        time_point now
    );
    void stream_opened(const std::string& cluster, std::string_view scaled_object);
    void stream_closed(const std::string& cluster, std::string_view scaled_object);

    /// `peer`: the operator's address.
    void order_taken(const manual_order& order, std::string_view peer);
    /// For an authorised client.
    void order_refused(const order_refusal& refusal, std::string_view peer);
    /// For any other client: a warning once a minute at most, with their number.
    void order_unauthorized(const order_refusal& refusal, std::string_view peer, time_point now);

private:
    metrics& counters_;
    std::mutex mutex_; ///< guards all that follows
    trigger_errors trigger_errors_;
    refusal_log_limit refusals_;
};

} // namespace wakegate::scaler
