#include "proxy/report/reporter.hpp"

#include "common/grpc/grpc_log.hpp"
#include "common/log.hpp"
#include "proxy/report/scaler_channel.hpp"
#include "proxy/report/scaler_warnings.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <random>
#include <utility>

#include <unistd.h>

namespace wakegate::proxy {

namespace asio = boost::asio;

namespace {

constexpr auto tick_interval = milliseconds(250);
constexpr auto names_interval = milliseconds(5'000);
constexpr auto first_retry = milliseconds(100);
constexpr auto max_retry = milliseconds(2'000);
constexpr auto max_snapshot_interval = milliseconds(10'000);

/// Unique per process: host name and process id for people, random bits against reused ids.
std::string make_proxy_id() {
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    std::random_device entropy;
    return fmt::format("{}-{}-{:08x}", host.data(), ::getpid(), entropy());
}

} // namespace

reporter::reporter(
    asio::io_context& control, reporter_settings settings, std::vector<reported_cluster> clusters
)
    : control_(control),
      settings_(std::move(settings)),
      clusters_(std::move(clusters)),
      proxy_id_(make_proxy_id()),
      ticker_(control),
      names_timer_(control) {
    log_grpc_messages();
    update_channels();
}

reporter::~reporter() {
    for (auto& [address, target] : replicas_) {
        if (target.stream) {
            target.stream->abandon();
        }
    }
    calls_.wait_until_empty();
}

void reporter::start() {
    if (!has_scalers()) {
        log::warning("no_scalers").with("remedy", "name them under scalers, or nothing is woken");
        return;
    }
    for (const auto& scaler : settings_.scalers) {
        unreachable_.expect(to_string(scaler));
    }
    asio::co_spawn(control_, resolve_periodically(), asio::detached);
    next_snapshot_ = clock::now();
    arm_ticker();
}

void reporter::demand_changed(const gate_service& gate, bool urgent) {
    for (auto& [address, target] : replicas_) {
        target.pending_changes.insert(&gate);
        if (urgent) {
            target.urgent = true;
            send_report(target);
        }
    }
}

void reporter::leave() {
    leaving_ = true;
    names_timer_.cancel();
    for (auto& [address, target] : replicas_) {
        send_report(target);
    }
}

std::size_t reporter::connected() const noexcept {
    const auto counts = [](const auto& entry) { return entry.second.connected; };
    return static_cast<std::size_t>(std::count_if(replicas_.begin(), replicas_.end(), counts));
}

std::vector<std::string> reporter::connected_addresses() const {
    std::vector<std::string> addresses;
    for (const auto& [address, target] : replicas_) {
        if (target.connected) {
            addresses.push_back(address);
        }
    }
    return addresses;
}

asio::awaitable<void> reporter::resolve_periodically() {
    while (!leaving_) {
        for (const auto& scaler : settings_.scalers) {
            const auto found = co_await resolve_name(scaler, names_interval);
            update_addresses(scaler, found);
        }
        replace_replicas(resolved_addresses_.all());
        names_timer_.expires_after(names_interval);
        co_await names_timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

void reporter::update_addresses(const host_port& scaler, const lookup_result& found) {
    const auto name = to_string(scaler);
    std::set<std::string> addresses;
    if (found) {
        for (const auto& endpoint : *found) {
            addresses.insert(to_string(host_port{endpoint.address().to_string(), scaler.port}));
        }
    }
    // An address in place of a name is a replica itself and stays expected.
    if (found && !addresses.contains(name)) {
        unreachable_.remove(name);
    } else if (!found && !resolved_addresses_.contains(name)) {
        unreachable_.fail(name, {scaler_failure_kind::unresolved, found.error().reason});
    }
    resolved_addresses_.update(name, std::move(addresses));
}

void reporter::replace_replicas(const std::set<std::string>& addresses) {
    for (auto entry = replicas_.begin(); entry != replicas_.end();) {
        if (addresses.contains(entry->first)) {
            ++entry;
            continue;
        }
        if (entry->second.stream) {
            entry->second.stream->abandon();
        }
        log::info("scaler_removed").with("address", entry->first);
        view_.forget(entry->first);
        unreachable_.remove(entry->first);
        entry = replicas_.erase(entry);
    }
    for (const auto& address : addresses) {
        auto& target = replicas_[address];
        if (!target.channel) {
            target.address = address;
            target.channel = make_scaler_channel(address);
            target.stub = DemandReports::NewStub(target.channel);
            target.retry_pause = first_retry;
            unreachable_.expect(address);
            open_stream(target);
        }
    }
    update_channels();
}

void reporter::open_stream(replica& target) {
    target.snapshot_due = true;
    target.last_ack_at = clock::now();
    report_stream::callbacks handlers{
        .on_ack = [this, &target](const Ack& ack) { handle_ack(target, ack); },
        .on_writable =
            [this, &target] {
                if (target.urgent || target.snapshot_due || leaving_) {
                    send_report(target);
                }
            },
        .on_ended = [this, address = target.address](const scaler_failure& failure
                    ) { stream_ended(address, failure); },
    };
    target.stream =
        std::make_shared<report_stream>(control_.get_executor(), calls_, std::move(handlers));
    target.stream->start(*target.stub);
    send_report(target);
}

void reporter::handle_ack(replica& target, const Ack& ack) {
    target.last_ack_at = clock::now();
    target.retry_pause = first_retry;
    if (!std::exchange(target.connected, true)) {
        unreachable_.remove(target.address);
        log::info("scaler_connected").with("address", target.address);
    }
    view_.set_proxies(target.address, ack.proxies());
    for (const auto& status : ack.clusters()) {
        view_.update(
            target.address, status.cluster(), to_cluster_status(status, target.last_ack_at)
        );
    }
    update_channels();
    if (ack.request_snapshot()) {
        target.snapshot_due = true;
        send_report(target);
    }
}

void reporter::stream_ended(const std::string& address, const scaler_failure& error) {
    auto& target = replicas_.at(address);
    if (std::exchange(target.connected, false)) {
        log::warning("scaler_lost").with("address", address).with("reason", error.reason);
    }
    unreachable_.fail(address, error);
    view_.forget(address);
    update_channels();
    target.stream.reset();
    target.retry_at = clock::now() + target.retry_pause;
    target.retry_pause = std::min(target.retry_pause * 2, max_retry);
}

wake_channel reporter::channel_to(const gate_service& cluster) const {
    if (connected() == 0) {
        return wake_channel::no_scaler;
    }
    const auto status = view_.for_cluster(cluster.name());
    return status && status->scaled_objects == 0 ? wake_channel::no_scaled_object
                                                 : wake_channel::open;
}

void reporter::update_channels() {
    for (const auto& cluster : clusters_) {
        cluster.gate->set_channel(channel_to(*cluster.gate));
    }
}

void reporter::send_report(replica& target) {
    if (!target.stream || !target.stream->writable()) {
        return; // `on_writable` sends it, with the numbers of that time
    }
    const bool has_something = target.snapshot_due || !target.pending_changes.empty() || leaving_;
    if (!has_something || target.leave_sent) {
        return;
    }
    auto message = build_report(target);
    log_report(message);
    target.stream->send(std::move(message));
}

DemandReport reporter::build_report(replica& target) {
    const auto now = clock::now();
    DemandReport message;
    message.set_proxy_id(proxy_id_);
    message.set_sequence(++sequence_);
    message.set_snapshot(target.snapshot_due);
    message.set_proxy_name(settings_.proxy_name);
    message.set_lease_ms(static_cast<std::uint32_t>(settings_.lease.count()));
    message.set_leaving(leaving_);
    for (const auto& cluster : clusters_) {
        if (target.snapshot_due || target.pending_changes.contains(cluster.gate)) {
            add_demand(message, cluster, now);
        }
    }
    target.snapshot_due = false;
    target.urgent = false;
    target.leave_sent = leaving_;
    target.pending_changes.clear();
    return message;
}

void reporter::log_report(const DemandReport& message) const {
    if (message.snapshot()) {
        return;
    }
    for (const auto& entry : message.clusters()) {
        log::debug("demand_sent")
            .with("cluster", entry.cluster())
            .with("held", entry.held())
            .with("busy", entry.busy())
            .with("idle", entry.idle());
    }
}

void reporter::arm_ticker() {
    ticker_.expires_after(tick_interval);
    ticker_.async_wait([this](boost::system::error_code stopped) {
        if (!stopped) {
            tick();
            arm_ticker();
        }
    });
}

void reporter::tick() {
    const auto now = clock::now();
    sample_traffic(now);
    for (const auto& missed : unreachable_.due(now)) {
        warn_unreachable(missed, resolved_addresses_.name_for(missed.address));
    }
    const bool snapshot = now >= next_snapshot_;
    if (snapshot) {
        next_snapshot_ = now + std::min(max_snapshot_interval, settings_.lease / 2);
    }
    for (auto& [address, target] : replicas_) {
        if (!target.stream && now >= target.retry_at) {
            open_stream(target);
            continue;
        }
        // No ack for a whole lease: the replica has lost this proxy, though the connection stands.
        if (target.stream &&
            now - target.last_ack_at > std::max(settings_.lease, max_snapshot_interval)) {
            target.stream->abandon();
            stream_ended(address, {scaler_failure_kind::no_answer, "it does not answer"});
            continue;
        }
        target.snapshot_due = target.snapshot_due || snapshot;
        send_report(target);
    }
}

void reporter::sample_traffic(time_point now) {
    for (const auto& cluster : clusters_) {
        const auto demand = cluster.gate->demand();
        auto& last = last_sampled_[cluster.gate];
        if (demand != last) {
            last = demand;
            mark_changed(*cluster.gate);
        }
        check_scaled_object(*cluster.gate, demand.waking, now);
    }
}

/// A replica sends the status of a cluster when a report names it. This one is therefore reported
/// again and again, so that its held clients soon learn that a ScaledObject has appeared.
void reporter::check_scaled_object(const gate_service& cluster, bool waking, time_point now) {
    const auto& name = cluster.name();
    if (!waking || channel_to(cluster) != wake_channel::no_scaled_object) {
        missing_scaled_objects_.end(name);
        return;
    }
    mark_changed(cluster);
    if (missing_scaled_objects_.is_due(name, now)) {
        warn_no_scaled_object(name);
    }
}

void reporter::mark_changed(const gate_service& gate) {
    for (auto& [address, target] : replicas_) {
        target.pending_changes.insert(&gate);
    }
}

} // namespace wakegate::proxy
