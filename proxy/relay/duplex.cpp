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

bool would_block() noexcept {
    return errno == EAGAIN || errno == EWOULDBLOCK;
}

} // namespace

duplex::duplex(relay_start start)
    : client_(std::move(start.client)),
      server_(std::move(start.server)),
      owner_(std::move(start.owner)),
      tracker_(start.pings),
      client_tls_(std::move(start.client_tls)),
      server_tls_(std::move(start.server_tls)) {
    from_client_.source_secured = from_server_.sink_secured = client_tls_ != nullptr;
    from_server_.source_secured = from_client_.sink_secured = server_tls_ != nullptr;
    secured_ = client_tls_ != nullptr || server_tls_ != nullptr;
    // No edge tells of what TLS has taken from its socket already.
    from_client_.readable = from_client_.source_secured;
    from_server_.readable = from_server_.source_secured;
    tls_passthrough_ = start.tls_passthrough;
    kept_from_server_ = std::make_unique<std::string>(std::move(start.server_output));
    if (start.authentication_timeout && !tls_passthrough_) {
        times_ = std::make_unique<times>();
        times_->login.emplace(*start.authentication_timeout);
    }
}

duplex::~duplex() {
    owner_->ended();
}

int duplex::descriptor(relay_side side) const noexcept {
    return side == relay_side::client ? client_.get() : server_.get();
}

duplex::progress duplex::begin(time_point now) {
    if (tls_passthrough_) {
        logged_in_ = true;
        busy_ = true;
        owner_->logged_in({}, now);
        owner_->busy_changed(true, now);
    }
    const auto said = std::exchange(kept_from_server_, nullptr);
    if (!said->empty()) {
        observe(relay_side::server, *said, now);
        send(relay_side::server, *said);
    }
    judge_login(now);
    return is_over() ? progress::over : progress::waiting;
}

duplex::progress
duplex::on_events(relay_side side, std::uint32_t events, std::span<char> buffer, time_point now) {
    constexpr std::uint32_t end_in_sight = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    auto& outgoing = flow_from(side);
    if ((events & (EPOLLIN | end_in_sight)) != 0) {
        outgoing.readable = true;
        outgoing.hanging_up = outgoing.hanging_up || (events & end_in_sight) != 0;
    }
    auto result = pump(side, buffer, now);
    // Room at this side, or a turn that ran out, lets the other direction go on.
    const bool other_may_go_on = flow_into(side).blocked || flow_into(side).readable;
    if (result != progress::over && other_may_go_on) {
        const auto second = pump(other(side), buffer, now);
        result = second == progress::waiting ? result : second;
    }
    if (!logged_in_ || draining_) { // one test for both, as each query comes by here twice
        judge_login(now);
        const bool drains = draining_ && result != progress::over;
        result = drains && drain(now) == progress::over ? progress::over : result;
    }
    return is_over() ? progress::over : result;
}

void duplex::observe_login(relay_side from, std::string_view data) noexcept {
    if (times_ == nullptr) {
        return;
    }
    auto& login = *times_->login;
    from == relay_side::client ? login.client_sent(data) : login.server_sent(data);
}

void duplex::judge_login(time_point now) noexcept {
    if (times_ && !logged_in_ && !lingering_) {
        times_->login->judge(from_server_.blocked, now);
        set_due(times_->login->due());
    }
}

void duplex::set_due(time_point at) noexcept {
    times_->due = at;
    timed_ = at != time_point::max();
}

void duplex::drop_times() noexcept {
    times_ = nullptr;
    timed_ = false;
}

duplex::flow& duplex::flow_from(relay_side side) noexcept {
    return side == relay_side::client ? from_client_ : from_server_;
}

duplex::flow& duplex::flow_into(relay_side side) noexcept {
    return flow_from(other(side));
}

std::unique_ptr<std::string>& duplex::kept_from(relay_side side) noexcept {
    return side == relay_side::client ? kept_from_client_ : kept_from_server_;
}

tls::tls_stream& duplex::secured(relay_side side) const noexcept {
    return side == relay_side::client ? *client_tls_ : *server_tls_;
}

duplex::progress duplex::pump(relay_side from, std::span<char> buffer, time_point now) {
    // Asked once, so that a session in the clear does not pay for those that are not.
    return secured_ ? pump_between<true>(from, buffer, now)
                    : pump_between<false>(from, buffer, now);
}

template <bool any_secured>
duplex::progress duplex::pump_between(relay_side from, std::span<char> buffer, time_point now) {
    auto& moved = flow_from(from);
    const bool source_secured = any_secured && moved.source_secured;
    if (source_secured && moved.readable) {
        secured(from).mark_readable(moved.hanging_up);
    }
    if (moved.blocked) {
        flush(from);
    }
    if (moved.blocked) {
        return progress::waiting;
    }
    std::size_t share = bytes_per_turn;
    while (moved.readable && !moved.exhausted) {
        const auto count =
            source_secured ? secured(from).receive(buffer)
                           : ::recv(descriptor(from), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (count < 0 && would_block()) {
            // TLS that can't be read before something is written goes on with the socket's room.
            moved.readable = source_secured && secured(from).has_send_backlog();
            break;
        }
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            const int own_error = count < 0 ? errno : 0;
            loss_.note(source_secured ? secured(from).socket_error() : own_error);
            moved.exhausted = true;
            break;
        }
        const auto size = static_cast<std::size_t>(count);
        const std::string_view data(buffer.data(), size);
        observe(from, data, now);
        if constexpr (any_secured) {
            send(from, data);
        } else {
            send_plain(from, data);
        }
        if (client_gone_ || moved.blocked) {
            break;
        }
        // A short read has emptied the socket, and its next byte makes a new edge (epoll(7)).
        const bool full = source_secured ? secured(from).may_have_more() : size == buffer.size();
        moved.readable = full || moved.hanging_up;
        share -= std::min(share, size);
        if (share == 0 && moved.readable) {
            return progress::more;
        }
    }
    if (moved.exhausted && !moved.blocked) {
        finish(from, now);
    }
    return is_over() ? progress::over : progress::waiting;
}

void duplex::send(relay_side from, std::string_view data) {
    const auto& moved = flow_from(from);
    if (!moved.sink_secured) {
        send_plain(from, data);
    } else if (!moved.sink_closed) {
        settle(from, secured(other(from)).send(data));
    }
}

void duplex::send_plain(relay_side from, std::string_view data) {
    auto& moved = flow_from(from);
    if (moved.sink_closed) {
        return;
    }
    constexpr int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
    ssize_t count = 0;
    do {
        count = ::send(descriptor(other(from)), data.data(), data.size(), flags);
    } while (count < 0 && errno == EINTR);
    if (count < 0 && !would_block()) {
        // A server that is gone may have said why: that comes by the other direction. A client that
        // is gone ends it all.
        loss_.note(errno);
        moved.sink_closed = true;
        client_gone_ = client_gone_ || from == relay_side::server;
        return;
    }
    const auto sent = count < 0 ? 0 : static_cast<std::size_t>(count);
    if (sent < data.size()) {
        kept_from(from) = std::make_unique<std::string>(data.substr(sent));
        moved.blocked = true;
    }
}

void duplex::settle(relay_side from, tls::tls_stream::progress delivered) {
    auto& moved = flow_from(from);
    moved.blocked = delivered == tls::tls_stream::progress::want_write;
    if (delivered == tls::tls_stream::progress::failed) {
        moved.sink_closed = true;
        client_gone_ = client_gone_ || from == relay_side::server;
    }
}

void duplex::flush(relay_side from) {
    auto& moved = flow_from(from);
    moved.blocked = false;
    if (moved.sink_secured) {
        settle(from, secured(other(from)).flush());
        return;
    }
    const auto pending = std::exchange(kept_from(from), nullptr);
    send_plain(from, *pending);
}

void duplex::observe(relay_side from, std::string_view data, time_point now) {
    if (tls_passthrough_ || lingering_) {
        overhear(from, data, now);
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
        drop_times();
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

bool duplex::want_write() const noexcept {
    return from_client_.blocked || from_server_.blocked || secured_; // TLS waits for it by itself
}

bool duplex::is_over() const noexcept {
    // The client's end alone does not end it: the server may still answer what was asked.
    const bool both_ended = from_server_.exhausted && !from_server_.blocked &&
                            from_client_.exhausted && !from_client_.blocked;
    return client_gone_ || both_ended;
}

} // namespace wakegate::proxy
