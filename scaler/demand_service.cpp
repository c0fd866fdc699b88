#include "scaler/demand_service.hpp"

#include "scaler/state/write_coalescer.hpp"

#include <boost/system/result.hpp>

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace wakegate::scaler {
namespace {

constexpr std::size_t max_name_length = 256;

gate_state read_state(wakegate::ClusterDemand::State state) {
    switch (state) {
    case wakegate::ClusterDemand::ASLEEP:
        return gate_state::asleep;
    case wakegate::ClusterDemand::WAKING:
        return gate_state::waking;
    case wakegate::ClusterDemand::READY:
        return gate_state::ready;
    case wakegate::ClusterDemand::DRAINING:
        return gate_state::draining;
    default: // UNKNOWN, or a state of a newer proxy
        return gate_state::unknown;
    }
}

cluster_demand read_cluster(const wakegate::ClusterDemand& message) {
    cluster_demand demand{
        .cluster = message.cluster(),
        .state = read_state(message.state()),
        .held = message.held(),
        .busy = message.busy(),
        .idle = message.idle(),
        .idle_counts = message.idle_counts(),
        .last_activity_age = std::nullopt,
    };
    if (message.has_last_activity_age_ms() &&
        std::in_range<milliseconds::rep>(message.last_activity_age_ms())) {
        demand.last_activity_age = milliseconds(message.last_activity_age_ms());
    }
    return demand;
}

demand_report read_report(const wakegate::DemandReport& message) {
    demand_report report{
        .proxy_id = message.proxy_id(),
        .sequence = message.sequence(),
        .snapshot = message.snapshot(),
        .leaving = message.leaving(),
        .lease = milliseconds(message.lease_ms()),
        .clusters = {},
        .proxy_name = message.proxy_name(),
    };
    report.clusters.reserve(static_cast<std::size_t>(message.clusters_size()));
    for (const auto& cluster : message.clusters()) {
        report.clusters.push_back(read_cluster(cluster));
    }
    return report;
}

/// Why a report is refused, in words for the proxy and the log.
struct report_error {
    std::string text;
};

boost::system::result<void, report_error> check_report(const wakegate::DemandReport& message) {
    const auto is_bad = [](const std::string& name) {
        return name.empty() || name.size() > max_name_length;
    };
    if (is_bad(message.proxy_id())) {
        return report_error{fmt::format("proxy_id: must have 1 to {} bytes", max_name_length)};
    }
    if (message.proxy_name().size() > max_name_length) {
        return report_error{fmt::format("proxy_name: must have {} bytes at most", max_name_length)};
    }
    for (int at = 0; at < message.clusters_size(); ++at) {
        if (is_bad(message.clusters(at).cluster())) {
            return report_error{
                fmt::format("clusters[{}].cluster: must have 1 to {} bytes", at, max_name_length)
            };
        }
    }
    return {};
}

wakegate::ClusterStatus::Answer write_answer(scaler_answer answer) {
    switch (answer) {
    case scaler_answer::active:
        return wakegate::ClusterStatus::ACTIVE;
    case scaler_answer::idle:
        return wakegate::ClusterStatus::IDLE;
    case scaler_answer::unknown:
        return wakegate::ClusterStatus::UNKNOWN;
    }
    return wakegate::ClusterStatus::UNKNOWN;
}

void write_status(const cluster_summary& summary, wakegate::ClusterStatus& message) {
    message.set_cluster(summary.cluster);
    message.set_answer(write_answer(summary.decision.answer));
    message.set_reason(summary.decision.reason);
    message.set_scaled_objects(static_cast<std::uint32_t>(summary.scaled_objects));
    if (summary.forecast.idle_in) {
        message.set_idle_in_ms(static_cast<std::uint64_t>(summary.forecast.idle_in->count()));
    }
    if (summary.forecast.sleeps_in) {
        message.set_sleeps_in_ms(static_cast<std::uint64_t>(summary.forecast.sleeps_in->count()));
    }
}

/// The content of the next ack. Reports that arrive while one is being written are merged: the last
/// status of each cluster, so that it is bounded by the proxy's clusters.
struct pending_ack {
    bool request_snapshot = false;
    std::uint64_t acknowledged = 0;
    std::uint32_t proxies = 0;
    std::map<std::string, cluster_summary> clusters;
};

wakegate::Ack take_ack(pending_ack& pending) {
    wakegate::Ack message;
    message.set_request_snapshot(pending.request_snapshot);
    message.set_acknowledged(pending.acknowledged);
    message.set_proxies(pending.proxies);
    for (const auto& [name, summary] : std::exchange(pending.clusters, {})) {
        write_status(summary, *message.add_clusters());
    }
    return message;
}

class report_stream final : public grpc::ServerBidiReactor<wakegate::DemandReport, wakegate::Ack>,
                            public outstanding_call {
public:
    report_stream(demand_board& board, event_log& log, outstanding_calls& calls)
        : board_(board), event_log_(log), calls_(calls) {
        StartSendInitialMetadata();
        StartRead(&report_);
    }

    void OnReadDone(bool ok) override {
        if (!ok) {
            end();
            return;
        }
        if (const auto checked = check_report(report_); !checked) {
            const auto fault = checked.error().text;
            event_log_.refused("Report", "invalid_argument", "", fault, clock::now());
            finish_with({grpc::StatusCode::INVALID_ARGUMENT, fault});
            return;
        }
        const auto outcome = board_.report(read_report(report_), clock::now());
        reply(outcome);
        event_log_.record(outcome.changes);
        read_on();
    }

    void OnWriteDone(bool ok) override {
        const std::lock_guard lock(mutex_);
        const bool writes_again = writes_.complete();
        if (ok && writes_again && !finished_) {
            write();
        }
    }

    void end() noexcept override { finish_with(grpc::Status::OK); }

    void OnCancel() override { end(); }

    void OnDone() override {
        calls_.remove(*this); // destroys this object
    }

private:
    void reply(const report_result& outcome) {
        const std::lock_guard lock(mutex_);
        latest_.request_snapshot = outcome.request_snapshot;
        latest_.acknowledged = outcome.acknowledged;
        latest_.proxies = outcome.proxies;
        for (const auto& summary : outcome.clusters) {
            latest_.clusters.insert_or_assign(summary.cluster, summary);
        }
        if (!finished_ && writes_.request()) {
            write();
        }
    }

    void write() {
        written_ = take_ack(latest_);
        StartWrite(&written_);
    }

    void read_on() {
        const std::lock_guard lock(mutex_);
        if (!finished_) {
            StartRead(&report_);
        }
    }

    void finish_with(grpc::Status status) {
        const std::lock_guard lock(mutex_);
        if (!std::exchange(finished_, true)) {
            Finish(std::move(status));
        }
    }

    demand_board& board_;
    event_log& event_log_;
    outstanding_calls& calls_;
    wakegate::DemandReport report_; ///< gRPC's while a read is under way

    std::mutex mutex_; ///< last in the order of locks, see activation_streams.cpp
    write_coalescer writes_;
    pending_ack latest_;
    wakegate::Ack written_; ///< gRPC's while a write is under way
    bool finished_ = false;
};

} // namespace

grpc::ServerBidiReactor<wakegate::DemandReport, wakegate::Ack>*
demand_service::Report(grpc::CallbackServerContext*) {
    auto stream = std::make_shared<report_stream>(board_, event_log_, calls_);
    auto* const reactor = stream.get();
    calls_.add(std::move(stream));
    return reactor;
}

} // namespace wakegate::scaler
