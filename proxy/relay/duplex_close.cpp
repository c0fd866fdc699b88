/// How a session ends, and which error its client gets.

#include "proxy/relay/duplex.hpp"

#include <linux/sockios.h>
#include <string>
#include <utility>

#include <sys/ioctl.h>
#include <sys/socket.h>

namespace wakegate::proxy {
namespace {

/// A client that sends no query gets the final error after this much silence. By then it has read
/// the ReadyForQuery, unless it does not read at all.
constexpr auto final_error_delay = milliseconds(200);

/// How long the client may take to read the last bytes and hang up. Closing at once could reset the
/// connection before they are delivered.
constexpr auto drain_close_timeout = seconds(10);

/// How often the kernel is asked whether the client has received everything.
constexpr auto delivery_check_interval = milliseconds(50);

} // namespace

duplex::progress duplex::drain(time_point now) {
    draining_ = true;
    const bool at_rest = !closing_ && logged_in_ && !tls_passthrough_ && !tracker_.busy() &&
                         tracker_.server_at_boundary() && !from_client_.blocked &&
                         !from_server_.blocked;
    if (at_rest) {
        send_final_error_later(owner_->final_message({relay_errc::draining}), now);
    }
    return is_over() ? progress::over : progress::waiting;
}

void duplex::send_final_error_later(std::string final_error, time_point now) {
    begin_closing(now + final_error_delay, now + drain_close_timeout);
    timers_->final_error = std::move(final_error);
    close_server();
}

bool duplex::owes_final_error() const noexcept {
    return closing_ && !timers_->final_error.empty();
}

/// The client's next query reaches no server; the error is its answer.
void duplex::observe_while_closing(relay_side from, std::string_view data, time_point now) {
    if (from == relay_side::server || !owes_final_error()) {
        return;
    }
    tracker_.client_sent(data);
    if (tracker_.client_sent_terminate()) {
        timers_->final_error.clear();
        end_flow(relay_side::server, now);
    } else if (tracker_.busy()) {
        send_final_error(std::exchange(timers_->final_error, {}), now);
    }
}

void duplex::send_pending_error(time_point now) {
    if (owes_final_error()) {
        send_final_error(std::exchange(timers_->final_error, {}), now);
    }
}

void duplex::send_final_error(const std::string& final_error, time_point now) {
    begin_closing(now + delivery_check_interval, now + drain_close_timeout);
    // A client that reads slowly may have left no room; then the error waits like other bytes.
    send(relay_side::server, final_error);
    close_server();
    if (!from_server_.blocked) {
        end_flow(relay_side::server, now);
    }
}

/// The client is read on: closed at once, its connection would be reset by the next bytes that it
/// sends, and what the kernel has not delivered by then, an answer to COMMIT perhaps, be lost.
void duplex::close_server() noexcept {
    from_server_.exhausted = true;
    from_client_.sink_closed = true;
    ::shutdown(server_.get(), SHUT_RDWR);
}

duplex::progress duplex::on_due(time_point now) {
    return closing_ ? continue_closing(now) : end_login(now);
}

duplex::progress duplex::continue_closing(time_point now) {
    int undelivered_bytes = 0;
    ::ioctl(client_.get(), SIOCOUTQ, &undelivered_bytes);
    if (now < timers_->close_deadline && (from_server_.blocked || undelivered_bytes > 0)) {
        set_due(now + delivery_check_interval);
        return progress::waiting;
    }
    if (!owes_final_error()) {
        return progress::over;
    }
    send_final_error(std::exchange(timers_->final_error, {}), now);
    return is_over() ? progress::over : progress::waiting;
}

/// As Postgres does by its own authentication_timeout.
duplex::progress duplex::end_login(time_point now) {
    owner_->login_timed_out();
    if (from_server_.blocked || !tracker_.server_at_boundary()) {
        return progress::over; // it does not read, or would read the error inside a message
    }
    send_final_error(owner_->final_message({relay_errc::login_timeout}), now);
    return is_over() ? progress::over : progress::waiting;
}

void duplex::begin_closing(time_point due, time_point close_deadline) {
    closing_ = true;
    timers_ = std::make_unique<timers>();
    timers_->close_deadline = close_deadline;
    set_due(due);
}

/// The source has ended and all its bytes are delivered: passes the end on to the sink.
void duplex::end_flow(relay_side from, time_point now) {
    auto& flow = flow_from(from);
    const bool both_done = from == relay_side::server && tracker_.client_sent_terminate();
    if (both_done && !from_client_.blocked && !flow.sink_tls) {
        from_client_.exhausted = true; // neither has anything left to send
        return;
    }
    if (from == relay_side::server && !closing_) {
        report_server_loss(now);
    }
    if (from == relay_side::server && (owes_final_error() || flow.blocked)) {
        return; // comes again when that is delivered
    }
    if (!flow.sink_closed && flow.sink_tls) {
        note_delivery(from, tls_of(other(from)).send_close_notify());
        if (flow.blocked) {
            return;
        }
    }
    if (!flow.sink_closed) {
        flow.sink_closed = true;
        ::shutdown(descriptor(other(from)), SHUT_WR);
    }
}

/// The server has ended; a client that got no error from it gets one here.
void duplex::report_server_loss(time_point now) {
    const bool unasked = !tracker_.client_sent_terminate() && !from_client_.exhausted;
    if (unasked && logged_in_) {
        owner_->server_ended();
    }
    const bool unexplained = unasked && !tls_passthrough_ && !tracker_.server_sent_fatal() &&
                             tracker_.server_at_boundary();
    const relay_error error{relay_errc::server_lost, loss_.system_error()};
    if (unexplained && !tracker_.busy()) {
        send_final_error_later(owner_->final_message(error), now);
        return;
    }
    begin_closing(now + drain_close_timeout, now + drain_close_timeout);
    if (unexplained) {
        send(relay_side::server, owner_->final_message(error));
    }
}

} // namespace wakegate::proxy
