/// How a session ends, and what its client hears of it.

#include "proxy/relay/duplex.hpp"
#include "proxy/wire/messages.hpp"

#include <linux/sockios.h>
#include <string>
#include <utility>

#include <sys/ioctl.h>
#include <sys/socket.h>

namespace wakegate::proxy {
namespace {

/// A client that asks nothing is told after this much silence. By then it has read the
/// ReadyForQuery, unless it does not read at all.
constexpr auto silence_before_farewell = milliseconds(200);

/// The client has the server's last words; it may take this long to read them and hang up. Closing
/// at once could reset the connection under words that are still under way.
constexpr auto linger_time = seconds(10);

/// How often a client that is told that its session ends is asked whether it has everything.
constexpr auto delivery_look = milliseconds(50);

constexpr std::string_view draining_sqlstate = "57P01";
constexpr std::string_view draining_message = "the gate is shutting down; connect again";
constexpr std::string_view lost_sqlstate = "08006";

std::string fatal(std::string_view sqlstate, std::string_view message) {
    return wire::error_response({.sqlstate = sqlstate, .message = message});
}

} // namespace

duplex::progress duplex::drain(time_point now) {
    draining_ = true;
    const bool at_rest = !lingering_ && logged_in_ && !tls_passthrough_ && !tracker_.busy() &&
                         tracker_.server_at_boundary() && !from_client_.blocked &&
                         !from_server_.blocked;
    if (at_rest) {
        leave_later(fatal(draining_sqlstate, draining_message), now);
    }
    return is_over() ? progress::over : progress::waiting;
}

void duplex::leave_later(std::string final_error, time_point now) {
    linger_until(now + silence_before_farewell, now + linger_time);
    times_->final_error = std::move(final_error);
    hang_up_on_server();
}

bool duplex::owes_farewell() const noexcept {
    return lingering_ && !times_->final_error.empty();
}

/// What the client asks meanwhile reaches no server; it is followed to know that it asks.
void duplex::overhear(relay_side from, std::string_view data, time_point now) {
    if (from == relay_side::server || !owes_farewell()) {
        return;
    }
    tracker_.client_sent(data);
    if (tracker_.client_sent_terminate()) {
        times_->final_error.clear();
        finish(relay_side::server, now);
    } else if (tracker_.busy()) {
        leave(std::exchange(times_->final_error, {}), now);
    }
}

void duplex::cut(time_point now) {
    if (owes_farewell()) {
        leave(std::exchange(times_->final_error, {}), now);
    }
}

void duplex::leave(const std::string& final_error, time_point now) {
    linger_until(now + delivery_look, now + linger_time);
    // A client that reads slowly may have left no room; then it is delivered like the rest.
    send(relay_side::server, final_error);
    hang_up_on_server();
    if (!from_server_.blocked) {
        finish(relay_side::server, now);
    }
}

/// Nothing passes any more. The client goes on being read: closed at once, its connection would be
/// reset by its next word, and what the kernel has not delivered by then, an answer to COMMIT
/// perhaps, be lost.
void duplex::hang_up_on_server() noexcept {
    from_server_.exhausted = true;
    from_client_.sink_closed = true;
    ::shutdown(server_.get(), SHUT_RDWR);
}

duplex::progress duplex::on_due(time_point now) {
    return lingering_ ? linger_on(now) : end_login(now);
}

duplex::progress duplex::linger_on(time_point now) {
    int undelivered = 0;
    ::ioctl(client_.get(), SIOCOUTQ, &undelivered);
    if (now < times_->given_up_at && (from_server_.blocked || undelivered > 0)) {
        set_due(now + delivery_look);
        return progress::waiting;
    }
    if (!owes_farewell()) {
        return progress::over;
    }
    leave(std::exchange(times_->final_error, {}), now);
    return is_over() ? progress::over : progress::waiting;
}

/// As Postgres ends it by its own authentication_timeout.
duplex::progress duplex::end_login(time_point now) {
    owner_->login_timed_out();
    if (from_server_.blocked || !tracker_.server_at_boundary()) {
        return progress::over; // it does not read, or could not tell our message from the server's
    }
    leave(fatal("57014", "canceling authentication due to timeout"), now);
    return is_over() ? progress::over : progress::waiting;
}

void duplex::linger_until(time_point due, time_point given_up_at) {
    lingering_ = true;
    times_ = std::make_unique<times>();
    times_->given_up_at = given_up_at;
    set_due(due);
}

/// The source has ended and all it said is delivered: the sink hears of it.
void duplex::finish(relay_side from, time_point now) {
    auto& moved = flow_from(from);
    const bool both_done = from == relay_side::server && tracker_.client_sent_terminate();
    if (both_done && !from_client_.blocked && !moved.sink_secured) {
        from_client_.exhausted = true; // nothing is left to be said, by whomever
        return;
    }
    if (from == relay_side::server && !lingering_) {
        explain_loss(now);
    }
    if (from == relay_side::server && (owes_farewell() || moved.blocked)) {
        return; // comes again when that is delivered
    }
    if (!moved.sink_closed && moved.sink_secured) {
        settle(from, secured(other(from)).send_close_notify());
        if (moved.blocked) {
            return;
        }
    }
    if (!moved.sink_closed) {
        moved.sink_closed = true;
        ::shutdown(descriptor(other(from)), SHUT_WR);
    }
}

/// The server has ended; a client that it has not told why is told here.
void duplex::explain_loss(time_point now) {
    const bool unasked = !tracker_.client_sent_terminate() && !from_client_.exhausted;
    if (unasked && logged_in_) {
        owner_->server_ended();
    }
    const bool unexplained = unasked && !tls_passthrough_ && !tracker_.server_sent_fatal() &&
                             tracker_.server_at_boundary();
    auto final_error = unexplained ? fatal(lost_sqlstate, loss_.describe()) : std::string();
    if (unexplained && !tracker_.busy()) {
        leave_later(std::move(final_error), now);
        return;
    }
    linger_until(now + linger_time, now + linger_time);
    if (unexplained) {
        send(relay_side::server, final_error);
    }
}

} // namespace wakegate::proxy
