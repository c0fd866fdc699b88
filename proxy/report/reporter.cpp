#include "proxy/report/reporter.hpp"

#include "common/grpc_log.hpp"
#include "common/log.hpp"
#include "proxy/backend/name_lookup.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

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
constexpr auto longest_retry = milliseconds(2'000);
constexpr auto longest_snapshot_interval = milliseconds(10'000);

/// Unique per process: host and process id to be read, random bits against a reused pid.
std::string make_proxy_id() {
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    std::random_device entropy;
    return fmt::format("{}-{}-{:08x}", host.data(), ::getpid(), entropy());
}

std::shared_ptr<grpc::Channel> connect_to(const std::string& address) {
    grpc::ChannelArguments arguments;
    // gRPC's own two minutes would keep a restarted scaler in the dark for as long.
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1'000);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
    // A replica whose machine has vanished closes nothing: asked every 10 s, gRPC's shortest, it is
    // missed after five more. Its lease of us ends by itself.
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 10'000);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
    arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0); // no bound
    // Replicas with one address over time are different processes: never share a subchannel.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

} // namespace

reporter::reporter(
    asio::io_context& control,
    std::vector<host_port> scalers,
    milliseconds lease,
    std::vector<reported_cluster> clusters
)
    : control_(control),
      scalers_(std::move(scalers)),
      lease_(lease),
      clusters_(std::move(clusters)),
      proxy_id_(make_proxy_id()),
      ticker_(control),
      names_timer_(control) {
    log_grpc_messages();
}

reporter::~reporter() {
    for (auto& [address, to] : replicas_) {
        if (to.stream) {
            to.stream->abandon();
        }
    }
    calls_.wait_for_none();
}

void reporter::start() {
    if (scalers_.empty()) {
        log::warning("no_scalers").with("remedy", "name them under scalers, or nothing is woken");
        return;
    }
    asio::co_spawn(control_, follow_names(), asio::detached);
    next_snapshot_ = clock::now();
    arm_ticker();
}

void reporter::demand_changed(const gate_keeper& where, bool urgent) {
    for (auto& [address, to] : replicas_) {
        to.news.insert(&where);
        if (urgent) {
            to.urgent = true;
            tell(to);
        }
    }
}

void reporter::leave() {
    leaving_ = true;
    names_timer_.cancel();
    for (auto& [address, to] : replicas_) {
        tell(to);
    }
}

std::size_t reporter::connected() const noexcept {
    const auto counts = [](const auto& entry) { return entry.second.connected; };
    return static_cast<std::size_t>(std::count_if(replicas_.begin(), replicas_.end(), counts));
}

std::vector<std::string> reporter::connected_addresses() const {
    std::vector<std::string> addresses;
    for (const auto& [address, to] : replicas_) {
        if (to.connected) {
            addresses.push_back(address);
        }
    }
    return addresses;
}

asio::awaitable<void> reporter::follow_names() {
    while (!leaving_) {
        for (const auto& scaler : scalers_) {
            std::set<std::string> addresses;
            const auto endpoints = co_await look_up(scaler, names_interval);
            for (const auto& endpoint : endpoints) {
                addresses.insert(to_string(host_port{endpoint.address().to_string(), scaler.port}));
            }
            known_addresses_.learn(to_string(scaler), std::move(addresses));
        }
        replace_replicas(known_addresses_.all());
        names_timer_.expires_after(names_interval);
        co_await names_timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
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
        entry = replicas_.erase(entry);
    }
    for (const auto& address : addresses) {
        auto& to = replicas_[address];
        if (!to.channel) {
            to.address = address;
            to.channel = connect_to(address);
            to.stub = DemandReports::NewStub(to.channel);
            to.retry_pause = first_retry;
            open_stream(to);
        }
    }
}

void reporter::open_stream(replica& to) {
    to.snapshot_due = true;
    to.heard_at = clock::now();
    to.stream = report_stream::open(
        control_,
        calls_,
        *to.stub,
        {
            .on_directive = [this, &to](const Directive& directive) { take_in(to, directive); },
            .on_writable =
                [this, &to] {
                    if (to.urgent || to.snapshot_due || leaving_) {
                        tell(to);
                    }
                },
            .on_ended = [this, address = to.address](const std::string& reason
                        ) { stream_ended(address, reason); },
        }
    );
    tell(to);
}

void reporter::take_in(replica& to, const Directive& directive) {
    to.heard_at = clock::now();
    to.retry_pause = first_retry;
    if (!std::exchange(to.connected, true)) {
        log::info("scaler_connected").with("address", to.address);
    }
    view_.learn_proxies(to.address, directive.proxies());
    for (const auto& told : directive.clusters()) {
        view_.learn(to.address, told.cluster(), to_standing(told, to.heard_at));
    }
    if (directive.resend()) {
        to.snapshot_due = true;
        tell(to);
    }
}

void reporter::stream_ended(const std::string& address, const std::string& reason) {
    auto& to = replicas_.at(address);
    if (std::exchange(to.connected, false)) {
        log::warning("scaler_lost").with("address", address).with("reason", reason);
    }
    view_.forget(address);
    to.stream.reset();
    to.retry_at = clock::now() + to.retry_pause;
    to.retry_pause = std::min(to.retry_pause * 2, longest_retry);
}

void reporter::tell(replica& to) {
    if (!to.stream || !to.stream->writable()) {
        return; // it is said as soon as it can be, with the numbers of then
    }
    const bool has_something = to.snapshot_due || !to.news.empty() || leaving_;
    if (!has_something || to.said_goodbye) {
        return;
    }
    auto message = compose(to);
    log_news(message);
    to.stream->send(std::move(message));
}

Demand reporter::compose(replica& to) {
    const auto now = clock::now();
    Demand message;
    message.set_proxy_id(proxy_id_);
    message.set_sequence(++sequence_);
    message.set_snapshot(to.snapshot_due);
    message.set_lease_ms(static_cast<std::uint32_t>(lease_.count()));
    message.set_leaving(leaving_);
    for (const auto& cluster : clusters_) {
        if (to.snapshot_due || to.news.contains(cluster.keeper)) {
            add_demand(message, cluster, now);
        }
    }
    to.snapshot_due = false;
    to.urgent = false;
    to.said_goodbye = leaving_;
    to.news.clear();
    return message;
}

void reporter::log_news(const Demand& message) const {
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
    sample_traffic();
    const bool snapshot = now >= next_snapshot_;
    if (snapshot) {
        next_snapshot_ = now + std::min(longest_snapshot_interval, lease_ / 2);
    }
    for (auto& [address, to] : replicas_) {
        if (!to.stream && now >= to.retry_at) {
            open_stream(to);
            continue;
        }
        // A replica that says nothing for a whole lease has lost us, whatever its socket says.
        if (to.stream && now - to.heard_at > std::max(lease_, longest_snapshot_interval)) {
            to.stream->abandon();
            stream_ended(address, "silent");
            continue;
        }
        to.snapshot_due = to.snapshot_due || snapshot;
        tell(to);
    }
}

void reporter::sample_traffic() {
    for (const auto& cluster : clusters_) {
        const auto demand = cluster.keeper->demand();
        auto& last = last_sampled_[cluster.keeper];
        if (demand != last) {
            last = demand;
            for (auto& [address, to] : replicas_) {
                to.news.insert(cluster.keeper);
            }
        }
    }
}

} // namespace wakegate::proxy
