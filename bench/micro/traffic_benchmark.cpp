#include "proxy/gate/cluster_traffic.hpp"

#include <benchmark/benchmark.h>

namespace wakegate::proxy {
namespace {

/// What a relay thread counts for each transaction.
void busy_and_idle(benchmark::State& state) {
    static cluster_traffic traffic(2);
    auto& counters = traffic.of_worker(static_cast<std::size_t>(state.thread_index()));
    time_point now{seconds(1000)};
    for ([[maybe_unused]] auto turn : state) {
        now += milliseconds(4);
        benchmark::DoNotOptimize(counters.became_busy(now));
        counters.became_idle(now);
    }
}

// Two workers in parallel do not slow each other down: their counters share no cache line.
BENCHMARK(busy_and_idle)->Threads(1)->Threads(2);

/// What the control thread does four times a second; the argument is the number of workers.
void sum_of_workers(benchmark::State& state) {
    cluster_traffic traffic(static_cast<std::size_t>(state.range(0)));
    for ([[maybe_unused]] auto turn : state) {
        benchmark::DoNotOptimize(traffic.sum());
    }
}

BENCHMARK(sum_of_workers)->Arg(2)->Arg(64);

} // namespace
} // namespace wakegate::proxy
