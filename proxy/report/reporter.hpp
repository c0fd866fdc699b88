#pragma once

#include "common/clock.hpp"
#include "common/host_port.hpp"
#include "common/warning_schedule.hpp"
#include "proxy/net/name_lookup.hpp"
#include "proxy/report/demand_message.hpp"
#include "proxy/report/report_stream.hpp"
#include "proxy/report/resolved_addresses.hpp"
#include "proxy/report/scaler_view.hpp"
#include "proxy/report/unreachable_scalers.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <grpcpp/channel.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace wakegate::proxy {

struct reporter_settings {
    std::vector<host_port> scalers;
    milliseconds lease{};
    std::string proxy_name; ///< for people
};

/// Reports this proxy's demand to every scaler replica: a snapshot first and then periodically, new
/// demand at once, other changes at most four times a second. Names are resolved periodically, and
/// each address is a replica with a stream of its own, so that one replica's failure, or a name
/// that does not resolve for a while, does not affect the others. Sessions never wait for a scaler.
/// Warns of replicas that can't be reached, and tells each gate whether its demand reaches a scaler
/// that can wake its cluster. Control thread; lives until the control context has stopped.
class reporter {
public:
    reporter(
        boost::asio::io_context& control,
        reporter_settings settings,
        std::vector<reported_cluster> clusters
    );
    reporter(const reporter&) = delete;
    reporter& operator=(const reporter&) = delete;
    /// Ends the streams and waits until gRPC is done with them.
    ~reporter();

    void start();
    /// `urgent`: report it now, not at the next tick.
    void demand_changed(const gate_service& gate, bool urgent);
    /// Sends the last report: this proxy leaves.
    void leave();

    /// Replicas that have sent an ack on their present stream.
    [[nodiscard]] std::size_t connected() const noexcept;

    [[nodiscard]] std::vector<std::string> connected_addresses() const;

    [[nodiscard]] bool has_scalers() const noexcept { return !settings_.scalers.empty(); }

    /// Addresses that are not reached, and names without any.
    [[nodiscard]] std::vector<unreachable_scaler> unreachable() const { return unreachable_.all(); }

    /// The connected replicas' statuses of the clusters.
    [[nodiscard]] const scaler_view& view() const noexcept { return view_; }

private:
    struct replica {
        std::string address;
        std::shared_ptr<grpc::Channel> channel;
        std::unique_ptr<DemandReports::Stub> stub;
        std::shared_ptr<report_stream> stream;
        std::set<const gate_service*> pending_changes; ///< since the last report
        bool snapshot_due = true;
        bool urgent = false; ///< report before the next tick
        bool leave_sent = false;
        bool connected = false;
        time_point last_ack_at{}; ///< or the stream's start
        time_point retry_at{};    ///< without a stream
        milliseconds retry_pause{};
    };

    boost::asio::awaitable<void> resolve_periodically();
    void update_addresses(const host_port& scaler, const lookup_result& found);
    void replace_replicas(const std::set<std::string>& addresses);
    void open_stream(replica& target);
    void handle_ack(replica& target, const Ack& ack);
    void stream_ended(const std::string& address, const scaler_failure& error);
    [[nodiscard]] wake_channel channel_to(const gate_service& cluster) const;
    void update_channels();
    void send_report(replica& target);
    [[nodiscard]] DemandReport build_report(replica& target);
    void log_report(const DemandReport& message) const;
    void tick();
    void sample_traffic(time_point now);
    void check_scaled_object(const gate_service& cluster, bool waking, time_point now);
    void mark_changed(const gate_service& gate);
    void arm_ticker();

    boost::asio::io_context& control_;
    reporter_settings settings_;
    std::vector<reported_cluster> clusters_;
    std::string proxy_id_;
    std::uint64_t sequence_ = 0;
    outstanding_calls calls_;
    resolved_addresses resolved_addresses_;
    scaler_view view_;
    unreachable_scalers unreachable_;
    warning_schedule missing_scaled_objects_{seconds(5)};
    std::map<std::string, replica> replicas_;
    std::map<const gate_service*, gate_demand> last_sampled_;
    time_point next_snapshot_{};
    boost::asio::steady_timer ticker_;
    boost::asio::steady_timer names_timer_;
    bool leaving_ = false;
};

} // namespace wakegate::proxy
