#include "proxy/gate/gate.hpp"

#include <benchmark/benchmark.h>

namespace wakegate::proxy {
namespace {

constexpr time_point start{seconds(1000)};
constexpr auto patience = seconds(60);

gate_settings for_many() {
    gate_settings settings;
    settings.max_waiting = 1'000'000;
    settings.max_connections = 1'000'000;
    settings.probe_ready_interval = milliseconds(0);
    return settings;
}

/// One client enters and hangs up while as many as the argument are waiting.
void enter_and_leave(benchmark::State& state) {
    global_queue_limit limit{.max_waiting = 1'000'000};
    gate held(for_many(), limit);
    ticket next = 0;
    for (; next < static_cast<ticket>(state.range(0)); ++next) {
        held.enter(next, start, start + patience);
    }
    for ([[maybe_unused]] auto turn : state) {
        held.enter(next, start, start + patience);
        held.leave(next, start);
        ++next;
        benchmark::DoNotOptimize(held.take_decisions());
    }
}

BENCHMARK(enter_and_leave)->Arg(0)->Arg(1'000)->Arg(10'000);

/// One session at the gate of a ready cluster: enter, log in, close.
void enter_log_in_close(benchmark::State& state) {
    global_queue_limit limit{.max_waiting = 1'000'000};
    gate open(for_many(), limit);
    open.enter(0, start, start + patience);
    open.probe_started(start);
    open.probe_answered(start, {});
    ticket next = 1;
    for ([[maybe_unused]] auto turn : state) {
        open.enter(next, start, start + patience);
        benchmark::DoNotOptimize(open.take_decisions());
        open.logged_in(next, start);
        open.closed(next, start);
        ++next;
    }
}

BENCHMARK(enter_log_in_close);

/// All waiting clients are released, in batches; the time is per client.
void release_all(benchmark::State& state) {
    const auto waiting = static_cast<ticket>(state.range(0));
    for ([[maybe_unused]] auto turn : state) {
        state.PauseTiming();
        global_queue_limit limit{.max_waiting = 1'000'000};
        gate held(for_many(), limit);
        for (ticket id = 0; id < waiting; ++id) {
            held.enter(id, start, start + patience);
        }
        held.probe_started(start);
        state.ResumeTiming();
        held.probe_answered(start, {});
        for (auto decisions = held.take_decisions(); !decisions.empty();
             decisions = held.take_decisions()) {
            for (const auto& decision : decisions) {
                held.logged_in(decision.id, start);
            }
        }
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(release_all)->Arg(10'000);

} // namespace
} // namespace wakegate::proxy
