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
      checker_(slots_, shortest_user_timeout),
      check_due_(checker_.due()) {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = 0}};
    check(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wakeup_fd_.get(), &event), "epoll_ctl");
    thread_ = std::thread([this] { run(); });
}

relay_loop::~relay_loop() {
    command([](commands& pending) { pending.stop = true; });
    thread_.join();
    arrivals_.clear_and_dispose(std::default_delete<relay_slot>());
}

void relay_loop::add_session(relay_start session) {
    // TLS passthrough is busy from the start, which only the loop's thread may report.
    const bool starts_busy = session.tls_passthrough;
    auto* const slot = new relay_slot(std::move(session));
    const std::lock_guard lock(mutex_);
    arrivals_.push_back(*slot);
    if (!starts_busy) {
        start(slot, coarse_now());
    }
    // No event may follow, and the loop may sleep until after the session's deadline.
    const bool is_due_before = slot->session.due() < wakes_at_;
    if (slot->start != start_state::started || draining_ || is_due_before) {
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
    std::shared_ptr<session_tally> tally, std::function<void()> on_counted
) {
    command([&](commands& pending) {
        pending.counts.push_back({std::move(tally), std::move(on_counted)});
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

/// The slot's address with the side in its lowest bit, which alignment leaves free.
std::uint64_t relay_loop::tag(relay_slot* slot, relay_side side) noexcept {
    return reinterpret_cast<std::uintptr_t>(slot) | static_cast<std::uintptr_t>(side);
}

void relay_loop::run() {
    std::array<epoll_event, events_per_turn> events{};
    for (;;) {
        const auto count =
            ::epoll_wait(epoll_.get(), events.data(), events_per_turn, wait_limit_ms());
        const auto now = coarse_now();
        ++turn_;
        bool is_woken = false;
        for (int i = 0; i < count; ++i) {
            const auto& event = events[static_cast<std::size_t>(i)];
            if (event.data.u64 == 0) {
                is_woken = true;
            } else {
                auto* const slot =
                    reinterpret_cast<relay_slot*>(event.data.u64 & ~std::uint64_t{1});
                serve(slot, static_cast<relay_side>(event.data.u64 & 1U), event.events, now);
            }
        }
        if (!unfinished_.empty()) {
            serve_unfinished(now);
        }
        if (now >= wakes_at_) {
            expire_deadlines(now);
        }
        if (now >= check_due_) {
            run_checks(now);
        }
        if (is_woken && !process_commands(now)) {
            break;
        }
        delete_ended();
    }
    delete_ended();
    for (auto& slot : slots_) {
        slot.session.send_pending_error(coarse_now());
    }
    slots_.clear_and_dispose(std::default_delete<relay_slot>());
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
        for (auto next = slots_.begin(); next != slots_.end();) {
            auto& slot = *next++; // before it may leave the list
            drain(&slot, now);
        }
    }
    for (const auto servers : pending.suspected) {
        checker_.suspect(servers, now);
    }
    counter_.add(std::move(pending.counts), now);
    check_due_ = std::min(checker_.due(), counter_.due());
    return !pending.stop;
}

void relay_loop::start(relay_slot* slot, time_point now) {
    auto& session = slot->session;
    slot->watches_writable = session.wants_write();
    // Watched first: the client answers what `start` passes on, and an event that comes while
    // epoll_ctl is still to be called would wake the loop's thread only to wait for the lock.
    const bool is_watched = watch(slot, EPOLL_CTL_ADD);
    const bool failed = !is_watched || session.start(now) == duplex::progress::over ||
                        !watch_writable_if_wanted(slot);
    slot->start = failed ? start_state::failed : start_state::started;
}

void relay_loop::register_arrivals(time_point now) {
    relay_slot_list arrivals;
    {
        const std::lock_guard lock(mutex_);
        arrivals.swap(arrivals_);
    }
    while (!arrivals.empty()) {
        auto* const slot = &arrivals.front();
        arrivals.pop_front();
        slots_.push_back(*slot);
        slot->state = slot_state::registered;
        if (slot->start == start_state::pending) {
            start(slot, now);
        }
        if (slot->start == start_state::failed) {
            end(slot);
        } else if (draining_) {
            drain(slot, now);
        } else {
            update_deadline(slot);
        }
    }
}

bool relay_loop::watch(relay_slot* slot, int operation) {
    constexpr std::uint32_t bytes = EPOLLIN | EPOLLRDHUP | EPOLLET;
    for (const auto side : {relay_side::client, relay_side::server}) {
        epoll_event event{
            .events = slot->watches_writable ? bytes | EPOLLOUT : bytes,
            .data = {.u64 = tag(slot, side)},
        };
        const int descriptor = slot->session.descriptor(side);
        if (::epoll_ctl(epoll_.get(), operation, descriptor, &event) < 0) {
            return false;
        }
    }
    return true;
}

bool relay_loop::watch_writable_if_wanted(relay_slot* slot) {
    if (slot->watches_writable || !slot->session.wants_write()) {
        return true;
    }
    slot->watches_writable = true;
    return watch(slot, EPOLL_CTL_MOD);
}

void relay_loop::drain(relay_slot* slot, time_point now) {
    if (slot->session.drain(now) == duplex::progress::over || !watch_writable_if_wanted(slot)) {
        end(slot);
    } else {
        update_deadline(slot);
    }
}

void relay_loop::set_deadline(relay_slot* slot) {
    const auto due = slot->session.due();
    if (slot->timed && slot->due == due) {
        return;
    }
    drop_deadline(slot);
    if (slot->session.is_timed()) {
        slot->due = due;
        slot->timed = true;
        deadlines_.emplace(due, slot);
        wake_by(due);
    }
}

void relay_loop::drop_deadline(relay_slot* slot) {
    if (slot->timed) {
        deadlines_.erase({slot->due, slot});
        slot->timed = false;
    }
}

/// `wakes_at_` stays when that deadline is dropped: to wake in vain at times is cheaper than to be
/// woken for each login anew.
void relay_loop::wake_by(time_point due) {
    if (due < wakes_at_) {
        const std::lock_guard lock(mutex_);
        wakes_at_ = due;
    }
}

void relay_loop::serve(relay_slot* slot, relay_side side, std::uint32_t events, time_point now) {
    if (slot->state == slot_state::arriving) {
        register_arrivals(now);
    }
    if (slot->state == slot_state::ended) {
        return;
    }
    const std::span<char> buffer(buffer_.get(), buffer_size);
    slot->served_in = turn_;
    const auto progress = slot->session.on_events(side, events, buffer, now);
    if (progress == duplex::progress::over) {
        end(slot);
        return;
    }
    if (progress == duplex::progress::more) {
        mark_unfinished(slot);
    }
    update_deadline(slot);
    if (!watch_writable_if_wanted(slot)) {
        end(slot);
    }
}

void relay_loop::serve_unfinished(time_point now) {
    for (auto* slot : std::exchange(unfinished_, {})) {
        slot->unfinished = false;
        if (slot->served_in == turn_) {
            mark_unfinished(slot); // has been served in this turn for an event of its own
        } else {
            serve(slot, relay_side::client, 0, now);
        }
    }
}

void relay_loop::mark_unfinished(relay_slot* slot) {
    if (!slot->unfinished) {
        slot->unfinished = true;
        unfinished_.push_back(slot);
    }
}

void relay_loop::end(relay_slot* slot) {
    if (slot->state == slot_state::ended) {
        return;
    }
    slot->state = slot_state::ended;
    checker_.forget(*slot);
    counter_.before_erase(*slot);
    slots_.erase(slots_.iterator_to(*slot));
    drop_deadline(slot);
    std::erase(unfinished_, slot);
    ended_.push_back(slot);
}

void relay_loop::delete_ended() {
    for (auto* slot : ended_) {
        delete slot;
    }
    ended_.clear();
}

void relay_loop::expire_deadlines(time_point now) {
    {
        const std::lock_guard lock(mutex_);
        wakes_at_ = time_point::max();
    }
    // `add_session` did not wake the loop for those that are due now or later.
    register_arrivals(now);
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
        auto* const slot = deadlines_.begin()->second;
        drop_deadline(slot);
        if (slot->session.on_due(now) == duplex::progress::over ||
            !watch_writable_if_wanted(slot)) {
            end(slot);
        } else {
            update_deadline(slot);
        }
    }
    if (!deadlines_.empty()) {
        wake_by(deadlines_.begin()->first);
    }
}

void relay_loop::run_checks(time_point now) {
    if (now >= checker_.due()) {
        checker_.check(now);
    }
    if (now >= counter_.due()) {
        counter_.count_batch(now);
    }
    check_due_ = std::min(checker_.due(), counter_.due());
}

int relay_loop::wait_limit_ms() const {
    if (!unfinished_.empty()) {
        return 0;
    }
    const auto due = std::min(wakes_at_, check_due_);
    if (due == time_point::max()) {
        return -1;
    }
    const auto remaining = std::chrono::ceil<milliseconds>(due - coarse_now()).count();
    return static_cast<int>(std::clamp<decltype(remaining)>(remaining, 1, 60'000));
}

} // namespace wakegate::proxy
