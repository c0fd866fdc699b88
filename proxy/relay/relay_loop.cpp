#include "proxy/relay/relay_loop.hpp"

#include "proxy/relay/coarse_clock.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

namespace wakegate::proxy {
namespace {

constexpr std::size_t buffer_size = 256 * 1024;
constexpr std::size_t events_per_turn = 128;

/// As often as the kernel asks a suspected peer.
constexpr auto suspects_interval = seconds(1);

/// So that a closed window is seen well before a user timeout ends its connection.
constexpr int checks_per_timeout = 3;

/// Sessions whose windows are looked at in one turn: some 50 microseconds' work.
constexpr std::size_t windows_per_turn = 128;
constexpr auto between_turns = milliseconds(1);

int check(int result, const char* what) {
    if (result < 0) {
        throw std::system_error(errno, std::generic_category(), what);
    }
    return result;
}

} // namespace

relay_loop::relay_loop(milliseconds shortest_user_timeout)
    : epoll_(check(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      wakeup_fd_(check(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")),
      buffer_(new char[buffer_size]),
      check_interval_(shortest_user_timeout / checks_per_timeout) {
    if (check_interval_ > milliseconds(0)) {
        check_due_ = windows_due_ = coarse_now() + check_interval_;
    }
    epoll_event event{.events = EPOLLIN, .data = {.u64 = 0}};
    check(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wakeup_fd_.get(), &event), "epoll_ctl");
    thread_ = std::thread([this] { run(); });
}

relay_loop::~relay_loop() {
    command([](commands& pending) { pending.stop = true; });
    thread_.join();
    arrivals_.clear_and_dispose(std::default_delete<slot>());
}

void relay_loop::adopt(relay_start start) {
    // Work that is counted as such from the start is for the loop's thread, which counts it.
    const bool is_busy = start.tls_passthrough;
    auto* const place = new slot(std::move(start));
    const std::lock_guard lock(mutex_);
    arrivals_.push_back(*place);
    if (!is_busy) {
        begin(place, coarse_now());
    }
    // It may be that no event follows, and that the loop sleeps for longer than that may last.
    const bool is_due_before = place->begun && place->session.due() < wakes_at_;
    if (!place->begun || place->failed || draining_ || is_due_before) {
        wake();
    }
}

void relay_loop::drain() {
    command([](commands& pending) { pending.drain = true; });
}

void relay_loop::suspect(server_group servers) {
    command([servers](commands& pending) { pending.suspected.push_back(servers); });
}

void relay_loop::count_sessions(
    std::shared_ptr<session_tally> tally, std::function<void()> counted
) {
    command([&](commands& pending) {
        pending.counts.push_back({std::move(tally), std::move(counted)});
    });
}

template <typename Change> void relay_loop::command(Change change) {
    {
        const std::lock_guard lock(mutex_);
        change(commands_);
    }
    wake();
}

void relay_loop::wake() noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto ignored = ::write(wakeup_fd_.get(), &one, sizeof one);
}

/// The seat's address with the side in its lowest bit, which alignment leaves free.
std::uint64_t relay_loop::tag(slot* place, relay_side side) noexcept {
    return reinterpret_cast<std::uintptr_t>(place) | static_cast<std::uintptr_t>(side);
}

void relay_loop::run() {
    std::array<epoll_event, events_per_turn> events{};
    for (;;) {
        const auto count =
            ::epoll_wait(epoll_.get(), events.data(), events_per_turn, wait_limit_ms());
        const auto now = coarse_now();
        ++turn_;
        bool rung = false;
        for (int i = 0; i < count; ++i) {
            const auto& event = events[static_cast<std::size_t>(i)];
            if (event.data.u64 == 0) {
                rung = true;
            } else {
                auto* const place = reinterpret_cast<slot*>(event.data.u64 & ~std::uint64_t{1});
                serve(place, static_cast<relay_side>(event.data.u64 & 1U), event.events, now);
            }
        }
        if (!unfinished_.empty()) {
            serve_again(now);
        }
        if (now >= wakes_at_) {
            meet_deadlines(now);
        }
        if (now >= check_due_) {
            check_connections(now);
        }
        if (rung && !process_commands(now)) {
            break;
        }
        delete_ended();
    }
    delete_ended();
    for (auto& each : slots_) {
        each.session.cut(coarse_now());
    }
    slots_.clear_and_dispose(std::default_delete<slot>());
}

bool relay_loop::process_commands(time_point now) {
    std::uint64_t ignored = 0;
    [[maybe_unused]] const auto count = ::read(wakeup_fd_.get(), &ignored, sizeof ignored);
    commands pending;
    {
        const std::lock_guard lock(mutex_);
        pending = std::exchange(commands_, {});
        draining_ = draining_ || pending.drain;
    }
    register_arrivals(now);
    if (pending.drain) {
        for (auto place = slots_.begin(); place != slots_.end();) {
            auto& each = *place++; // before it may leave the list
            drain(&each, now);
        }
    }
    for (const auto servers : pending.suspected) {
        suspect(servers, now);
    }
    counter_.add(std::move(pending.counts), now);
    check_due_ = std::min(check_due_, counter_.due());
    return !pending.stop;
}

void relay_loop::begin(slot* place, time_point now) {
    auto& session = place->session;
    place->watches_room = session.want_write();
    // Watched first: the client will answer what it is told now, and the other way round the loop's
    // thread would wake to wait for the lock.
    const bool watched = watch(place, EPOLL_CTL_ADD);
    place->failed =
        !watched || session.begin(now) == duplex::progress::over || !watch_room_if_wanted(place);
    place->begun = true;
}

void relay_loop::register_arrivals(time_point now) {
    slot_list arrived;
    {
        const std::lock_guard lock(mutex_);
        arrived.swap(arrivals_);
    }
    while (!arrived.empty()) {
        auto* const place = &arrived.front();
        arrived.pop_front();
        slots_.push_back(*place);
        place->registered = true;
        if (!place->begun) {
            begin(place, now);
        }
        if (place->failed) {
            end(place);
        } else if (draining_) {
            drain(place, now);
        } else {
            note_deadline(place);
        }
    }
}

bool relay_loop::watch(slot* place, int operation) {
    constexpr std::uint32_t bytes = EPOLLIN | EPOLLRDHUP | EPOLLET;
    for (const auto side : {relay_side::client, relay_side::server}) {
        epoll_event event{
            .events = place->watches_room ? bytes | EPOLLOUT : bytes,
            .data = {.u64 = tag(place, side)},
        };
        const int descriptor = place->session.descriptor(side);
        if (::epoll_ctl(epoll_.get(), operation, descriptor, &event) < 0) {
            return false;
        }
    }
    return true;
}

bool relay_loop::watch_room_if_wanted(slot* place) {
    if (place->watches_room || !place->session.want_write()) {
        return true;
    }
    place->watches_room = true;
    return watch(place, EPOLL_CTL_MOD);
}

void relay_loop::drain(slot* place, time_point now) {
    if (place->session.drain(now) == duplex::progress::over || !watch_room_if_wanted(place)) {
        end(place);
    } else {
        note_deadline(place);
    }
}

void relay_loop::set_deadline(slot* place) {
    const auto due = place->session.due();
    if (place->timed && place->due == due) {
        return;
    }
    drop_deadline(place);
    if (place->session.is_timed()) {
        place->due = due;
        place->timed = true;
        deadlines_.emplace(due, place);
        wake_until(due);
    }
}

void relay_loop::drop_deadline(slot* place) {
    if (place->timed) {
        deadlines_.erase({place->due, place});
        place->timed = false;
    }
}

/// `wakes_at_` stays when that deadline is dropped: to wake in vain at times is cheaper than to be
/// woken for each login anew.
void relay_loop::wake_until(time_point due) {
    if (due < wakes_at_) {
        const std::lock_guard lock(mutex_);
        wakes_at_ = due;
    }
}

void relay_loop::serve(slot* place, relay_side side, std::uint32_t events, time_point now) {
    if (!place->registered) {
        register_arrivals(now);
    }
    if (place->ended) {
        return;
    }
    const std::span<char> buffer(buffer_.get(), buffer_size);
    place->served_in = turn_;
    const auto progress = place->session.on_events(side, events, buffer, now);
    if (progress == duplex::progress::over) {
        end(place);
        return;
    }
    if (progress == duplex::progress::more) {
        leave_for_next_turn(place);
    }
    note_deadline(place);
    if (!watch_room_if_wanted(place)) {
        end(place);
    }
}

void relay_loop::serve_again(time_point now) {
    for (auto* place : std::exchange(unfinished_, {})) {
        place->unfinished = false;
        if (place->served_in == turn_) {
            leave_for_next_turn(place); // an event of its own has brought it its share already
        } else {
            serve(place, relay_side::client, 0, now);
        }
    }
}

void relay_loop::leave_for_next_turn(slot* place) {
    if (!place->unfinished) {
        place->unfinished = true;
        unfinished_.push_back(place);
    }
}

void relay_loop::end(slot* place) {
    if (!place->ended) {
        place->ended = true;
        window_tour_.skip(*place);
        counter_.skip(*place);
        slots_.erase(slots_.iterator_to(*place));
        drop_deadline(place);
        overrides_.forget(place->session.descriptor(relay_side::client));
        overrides_.forget(place->session.descriptor(relay_side::server));
        std::erase(unfinished_, place);
        ended_.push_back(place);
    }
}

void relay_loop::delete_ended() {
    for (auto* place : ended_) {
        delete place;
    }
    ended_.clear();
}

void relay_loop::meet_deadlines(time_point now) {
    {
        const std::lock_guard lock(mutex_);
        wakes_at_ = time_point::max();
    }
    register_arrivals(now); // `adopt` did not ring for those that are due now or later
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
        auto* const place = deadlines_.begin()->second;
        drop_deadline(place);
        if (place->session.on_due(now) == duplex::progress::over || !watch_room_if_wanted(place)) {
            end(place);
        } else {
            note_deadline(place);
        }
    }
    if (!deadlines_.empty()) {
        wake_until(deadlines_.begin()->first);
    }
}

void relay_loop::suspect(server_group servers, time_point now) {
    for (const auto& each : slots_) {
        if (each.session.group() == servers) {
            overrides_.suspect(each.session.descriptor(relay_side::server), now);
        }
    }
    if (overrides_.has_suspects()) {
        suspects_due_ = std::min(suspects_due_, now + suspects_interval);
        check_due_ = std::min(check_due_, suspects_due_);
    }
}

void relay_loop::check_connections(time_point now) {
    if (now >= suspects_due_) {
        overrides_.refresh(now);
        suspects_due_ = overrides_.has_suspects() ? now + suspects_interval : time_point::max();
    }
    if (now >= windows_due_) {
        check_windows(now);
    }
    if (now >= counter_.due()) {
        counter_.go_on(now);
    }
    check_due_ = std::min({suspects_due_, windows_due_, counter_.due()});
}

void relay_loop::check_windows(time_point now) {
    if (window_tour_.is_over()) {
        window_tour_.begin();
    }
    window_tour_.go_on(windows_per_turn, [&](const slot& place) {
        overrides_.check(place.session.descriptor(relay_side::client), now);
        overrides_.check(place.session.descriptor(relay_side::server), now);
    });
    windows_due_ = now + (window_tour_.is_over() ? check_interval_ : between_turns);
}

int relay_loop::wait_limit_ms() const {
    if (!unfinished_.empty()) {
        return 0;
    }
    const auto due = std::min(wakes_at_, check_due_);
    if (due == time_point::max()) {
        return -1;
    }
    const auto left = std::chrono::ceil<milliseconds>(due - coarse_now()).count();
    return static_cast<int>(std::clamp<decltype(left)>(left, 1, 60'000));
}

} // namespace wakegate::proxy
