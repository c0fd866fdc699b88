#include "proxy/relay/duplex.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <sys/epoll.h>
#include <sys/socket.h>

namespace wakegate::proxy {
namespace {

/// What one session may move before the others of its loop get their turn.
constexpr std::size_t bytes_per_turn = 1024 * 1024;

bool would_block(int error) noexcept {
    return error == EAGAIN || error == EWOULDBLOCK;
}

} // namespace

duplex::duplex(relay_start start)
    : client_(std::move(start.client)),
      server_(std::move(start.server)),
      owner_(std::move(start.owner)),
      tracker_(start.pings),
      client_tls_(std::move(start.client_tls)),
      server_tls_(std::move(start.server_tls)) {
    from_client_.source_tls = from_server_.sink_tls = client_tls_ != nullptr;
    from_server_.source_tls = from_client_.sink_tls = server_tls_ != nullptr;
    has_tls_ = client_tls_ != nullptr || server_tls_ != nullptr;
    // epoll does not report what TLS has taken from its socket already.
    from_client_.readable = from_client_.source_tls;
    from_server_.readable = from_server_.source_tls;
    tls_passthrough_ = start.tls_passthrough;
    pending_from_server_ = std::make_unique<std::string>(std::move(start.server_output));
    if (start.authentication_timeout && !tls_passthrough_) {
        timers_ = std::make_unique<timers>();
        timers_->login.emplace(*start.authentication_timeout);
    }
}

duplex::~duplex() {
    owner_->ended();
}

int duplex::descriptor(relay_side side) const noexcept {
    return side == relay_side::client ? client_.get() : server_.get();
}

duplex::progress duplex::start(time_point now) {
    if (tls_passthrough_) {
        logged_in_ = true;
        busy_ = true;
        owner_->logged_in({}, now);
        owner_->busy_changed(true, now);
    }
    const auto output = std::exchange(pending_from_server_, nullptr);
    if (!output->empty()) {
        observe(relay_side::server, *output, now);
        send(relay_side::server, *output);
    }
    update_login_limit(now);
    return is_over() ? progress::over : progress::waiting;
}

duplex::progress
duplex::on_events(relay_side side, std::uint32_t events, std::span<char> buffer, time_point now) {
    constexpr std::uint32_t end_events = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    auto& outgoing = flow_from(side);
    if ((events & (EPOLLIN | end_events)) != 0) {
        outgoing.readable = true;
        outgoing.hanging_up = outgoing.hanging_up || (events & end_events) != 0;
    }
    auto result = pump(side, buffer, now);
    // Room at this side, or a turn that has ended, lets the other direction go on.
    const bool other_may_go_on = flow_into(side).blocked || flow_into(side).readable;
    if (result != progress::over && other_may_go_on) {
        const auto second = pump(other(side), buffer, now);
        result = second == progress::waiting ? result : second;
    }
    if (!logged_in_ || draining_) { // one test for both, as each query passes here twice
        update_login_limit(now);
        const bool drains = draining_ && result != progress::over;
        result = drains && drain(now) == progress::over ? progress::over : result;
    }
    return is_over() ? progress::over : result;
}

void duplex::observe_login(relay_side from, std::string_view data) noexcept {
    if (timers_ == nullptr) {
        return;
    }
    auto& login = *timers_->login;
    from == relay_side::client ? login.client_sent(data) : login.server_sent(data);
}

void duplex::update_login_limit(time_point now) noexcept {
    if (timers_ && !logged_in_ && !closing_) {
        timers_->login->update(from_server_.blocked, now);
        set_due(timers_->login->due());
    }
}

void duplex::set_due(time_point at) noexcept {
    timers_->due = at;
    timed_ = at != time_point::max();
}

void duplex::drop_timers() noexcept {
    timers_ = nullptr;
    timed_ = false;
}

duplex::flow_state& duplex::flow_from(relay_side side) noexcept {
    return side == relay_side::client ? from_client_ : from_server_;
}

duplex::flow_state& duplex::flow_into(relay_side side) noexcept {
    return flow_from(other(side));
}

std::unique_ptr<std::string>& duplex::pending_from(relay_side side) noexcept {
    return side == relay_side::client ? pending_from_client_ : pending_from_server_;
}

tls::tls_stream& duplex::tls_of(relay_side side) const noexcept {
    return side == relay_side::client ? *client_tls_ : *server_tls_;
}

duplex::progress duplex::pump(relay_side from, std::span<char> buffer, time_point now) {
    // Tested once, so that a session without TLS does not pay for those with it.
    return has_tls_ ? pump_between<true>(from, buffer, now)
                    : pump_between<false>(from, buffer, now);
}

template <bool any_tls>
duplex::progress duplex::pump_between(relay_side from, std::span<char> buffer, time_point now) {
    auto& flow = flow_from(from);
    const bool source_tls = any_tls && flow.source_tls;
    if (source_tls && flow.readable) {
        tls_of(from).mark_readable(flow.hanging_up);
    }
    if (flow.blocked) {
        flush(from);
    }
    if (flow.blocked) {
        return progress::waiting;
    }
    std::size_t share = bytes_per_turn;
    while (flow.readable && !flow.exhausted) {
        const auto data = receive<any_tls>(from, buffer);
        if (data.empty()) {
            break;
        }
        observe(from, data, now);
        if constexpr (any_tls) {
            send(from, data);
        } else {
            send_plain(from, data);
        }
        if (client_gone_ || flow.blocked) {
            break;
        }
        // A short read has emptied the socket, and its next byte makes a new edge (epoll(7)).
        const bool full = source_tls ? tls_of(from).may_have_more() : data.size() == buffer.size();
        flow.readable = full || flow.hanging_up;
        share -= std::min(share, data.size());
        if (share == 0 && flow.readable) {
            return progress::more;
        }
    }
    if (flow.exhausted && !flow.blocked) {
        end_flow(from, now);
    }
    return is_over() ? progress::over : progress::waiting;
}

template <bool any_tls> std::string_view duplex::receive(relay_side from, std::span<char> buffer) {
    const bool source_tls = any_tls && flow_from(from).source_tls;
    for (;;) {
        const auto count =
            source_tls ? tls_of(from).receive(buffer)
                       : ::recv(descriptor(from), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (count > 0) {
            return {buffer.data(), static_cast<std::size_t>(count)};
        }
        if (count == 0 || errno != EINTR) {
            stop_reading(from, count == 0 ? 0 : errno);
            return {};
        }
    }
}

// Inlined, it would take registers from what runs for every message.
[[gnu::noinline]] void duplex::stop_reading(relay_side from, int error) noexcept {
    auto& flow = flow_from(from);
    if (would_block(error)) {
        // TLS that can't be read before something is written continues when the socket has room.
        flow.readable = flow.source_tls && tls_of(from).has_send_backlog();
        return;
    }
    loss_.note(flow.source_tls ? tls_of(from).socket_error() : error);
    flow.exhausted = true;
}

void duplex::send(relay_side from, std::string_view data) {
    const auto& flow = flow_from(from);
    if (!flow.sink_tls) {
        send_plain(from, data);
    } else if (!flow.sink_closed) {
        note_delivery(from, tls_of(other(from)).send(data));
    }
}

void duplex::send_plain(relay_side from, std::string_view data) {
    auto& flow = flow_from(from);
    if (flow.sink_closed) {
        return;
    }
    constexpr int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
    ssize_t count = 0;
    do {
        count = ::send(descriptor(other(from)), data.data(), data.size(), flags);
    } while (count < 0 && errno == EINTR);
    if (count < 0 && !would_block(errno)) {
        // A lost server may have sent an error, which comes in the other direction. A lost client
        // ends the session.
        loss_.note(errno);
        flow.sink_closed = true;
        client_gone_ = client_gone_ || from == relay_side::server;
        return;
    }
    const auto sent = count < 0 ? 0 : static_cast<std::size_t>(count);
    if (sent < data.size()) {
        pending_from(from) = std::make_unique<std::string>(data.substr(sent));
        flow.blocked = true;
    }
}

void duplex::note_delivery(relay_side from, tls::tls_stream::progress result) {
    auto& flow = flow_from(from);
    flow.blocked = result == tls::tls_stream::progress::want_write;
    if (result == tls::tls_stream::progress::failed) {
        flow.sink_closed = true;
        client_gone_ = client_gone_ || from == relay_side::server;
    }
}

void duplex::flush(relay_side from) {
    auto& flow = flow_from(from);
    flow.blocked = false;
    if (flow.sink_tls) {
        note_delivery(from, tls_of(other(from)).flush());
        return;
    }
    const auto pending = std::exchange(pending_from(from), nullptr);
    send_plain(from, *pending);
}

void duplex::observe(relay_side from, std::string_view data, time_point now) {
    if (tls_passthrough_ || closing_) {
        observe_while_closing(from, data, now);
        return;
    }
    if (from == relay_side::client) {
        tracker_.client_sent(data);
    } else {
        tracker_.server_sent(data);
    }
    if (!logged_in_) {
        observe_login(from, data);
        if (!tracker_.logged_in()) {
            return;
        }
        logged_in_ = true;
        drop_timers();
        owner_->logged_in(tracker_.take_key(), now);
    }
    if (tracker_.working() != busy_) {
        busy_ = !busy_;
        owner_->busy_changed(busy_, now);
    }
    if (tracker_.listening() != listening_) {
        listening_ = !listening_;
        owner_->listening_changed(listening_, now);
    }
}

bool duplex::wants_write() const noexcept {
    return from_client_.blocked || from_server_.blocked || has_tls_; // TLS may block by itself
}

bool duplex::is_over() const noexcept {
    // The client's end alone does not end the session: the server may still answer a query.
    const bool both_ended = from_server_.exhausted && !from_server_.blocked &&
                            from_client_.exhausted && !from_client_.blocked;
    return client_gone_ || both_ended;
}

} // namespace wakegate::proxy
