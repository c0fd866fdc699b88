#include "proxy/wire/bytes.hpp"
#include "proxy/wire/login_reply.hpp"
#include "proxy/wire/startup_decoder.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

namespace wakegate::wire {
namespace {

using namespace std::string_view_literals;

std::string with_length(std::string_view body) {
    std::string bytes;
    append_uint32(bytes, static_cast<std::uint32_t>(body.size() + 4));
    return bytes.append(body);
}

void a_startup_message(benchmark::State& state) {
    const auto bytes = with_length("\0\3\0\0user\0app_owner\0database\0app\0application_"
                                   "name\0checkout\0client_encoding\0UTF8\0"
                                   "options\0-c statement_timeout=5s\0\0"sv);
    for ([[maybe_unused]] auto turn : state) {
        startup_decoder decoder;
        std::string_view left = bytes;
        while (decoder.wanted() > 0) {
            const auto size = decoder.wanted();
            decoder.feed(left.substr(0, size));
            left.remove_prefix(size);
        }
        benchmark::DoNotOptimize(decoder.take());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}

BENCHMARK(a_startup_message);

void a_login_reply(benchmark::State& state) {
    const auto scram = 'R' + with_length("\0\0\0\12SCRAM-SHA-256\0\0"sv);
    for ([[maybe_unused]] auto turn : state) {
        benchmark::DoNotOptimize(classify_login_reply(scram));
    }
}

BENCHMARK(a_login_reply);

} // namespace
} // namespace wakegate::wire
