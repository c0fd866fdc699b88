#include "proxy/wire/protocol_tracker.hpp"

#include <benchmark/benchmark.h>

#include <random>
#include <string>
#include <string_view>

namespace wakegate::wire {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t read_size = 256 * 1024; // one read of the relay

std::string message(char type, std::string_view body) {
    std::string bytes(1, type);
    append_uint32(bytes, static_cast<std::uint32_t>(body.size() + 4));
    return bytes.append(body);
}

const std::string ready = message('Z', "I");

protocol_tracker after_login() {
    protocol_tracker session;
    session.server_sent(ready);
    return session;
}

/// Each read holds whole rows; the argument is a row's body in bytes.
void rows_of_a_result(benchmark::State& state) {
    const auto row = message('D', std::string(static_cast<std::size_t>(state.range(0)), 'x'));
    std::string data;
    std::size_t rows = 0;
    do {
        data += row;
        ++rows;
    } while (data.size() + row.size() <= read_size);
    auto session = after_login();
    for ([[maybe_unused]] auto turn : state) {
        session.server_sent(data);
        benchmark::DoNotOptimize(session);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(data.size()));
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(rows));
}

BENCHMARK(rows_of_a_result)->Arg(7)->Arg(100)->Arg(1024)->Arg(1024 * 1024);

/// Rows of unpredictable lengths.
void rows_of_many_lengths(benchmark::State& state) {
    std::minstd_rand random(1);
    std::string data;
    std::int64_t rows = 0;
    for (; data.size() < read_size; ++rows) {
        data += message('D', std::string(40 + random() % 32, 'x'));
    }
    auto session = after_login();
    for ([[maybe_unused]] auto turn : state) {
        session.server_sent(data);
        benchmark::DoNotOptimize(session);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(data.size()));
    state.SetItemsProcessed(state.iterations() * rows);
}

BENCHMARK(rows_of_many_lengths);

/// One transaction as the relay sees it: two reads.
void a_prepared_query(benchmark::State& state) {
    const auto question = message('B', "\0s\0\0\0\0\1\0\0\0\0011\0\0"sv) + message('D', "P\0"sv) +
                          message('E', "\0\0\0\0\0"sv) + message('S', "");
    const auto answer = message('2', "") + message('T', std::string(33, 'x')) +
                        message('D', std::string(7, 'x')) + message('C', "SELECT 1\0"sv) + ready;
    auto session = after_login();
    for ([[maybe_unused]] auto turn : state) {
        session.client_sent(question);
        benchmark::DoNotOptimize(session.busy());
        session.server_sent(answer);
        benchmark::DoNotOptimize(session.busy());
    }
    state.SetBytesProcessed(
        state.iterations() * static_cast<std::int64_t>(question.size() + answer.size())
    );
    state.SetItemsProcessed(state.iterations() * 9);
}

BENCHMARK(a_prepared_query);

} // namespace
} // namespace wakegate::wire
