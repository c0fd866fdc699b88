/// Relays COUNT prepared queries and their answers, for bench/instructions to count instructions.
///
///     bench-relayed-query COUNT
///
/// The sockets are pairs inside this process, so each query passes in exactly two calls of
/// duplex::on_events, whatever else the machine does.
#include "bench/loopback.hpp"
#include "proxy/gate/cluster_traffic.hpp"
#include "proxy/relay/duplex.hpp"

#include <array>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include <sys/epoll.h>

namespace wakegate::bench {
namespace {

using namespace std::string_view_literals;
using proxy::relay_side;

/// Records demand as the proxy's own sessions do.
class accountant final : public proxy::relay_owner {
public:
    explicit accountant(proxy::traffic_counters& counters) : counters_(counters) {}

    void logged_in(std::string, time_point) noexcept override { counters_.session_opened(); }

    void login_timed_out() noexcept override {}

    void busy_changed(bool busy, time_point now) noexcept override {
        since_ = now;
        if (busy) {
            [[maybe_unused]] const bool edge = counters_.became_busy(now);
        } else {
            counters_.became_idle(now);
        }
    }

    void listening_changed(bool, time_point) noexcept override {}

    [[nodiscard]] proxy::server_group group() const noexcept override { return nullptr; }

    [[nodiscard]] std::string final_message(const proxy::relay_error&) const override { return {}; }

    void ended() noexcept override { counters_.session_closed(); }

    [[nodiscard]] time_point since() const noexcept { return since_; }

private:
    proxy::traffic_counters& counters_;
    time_point since_;
};

struct pair {
    file_descriptor near;
    file_descriptor far;
};

pair connected_pair() {
    std::array<int, 2> descriptors{};
    check(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, descriptors.data()), "socketpair");
    return {file_descriptor(descriptors[0]), file_descriptor(descriptors[1])};
}

const std::string ready = message('Z', "I");
// What pgbench -S -M prepared sends and receives.
const std::string question = message('B', "\0P_0\0\0\0\0\1\0\0\0\006123456\0\0"sv) +
                             message('D', "P\0"sv) + message('E', "\0\0\0\0\0"sv) +
                             message('S', "");
const std::string answer = message('2', "") + message('T', std::string(33, 'x')) +
                           message('D', std::string(7, 'x')) + message('C', "SELECT 1\0"sv) + ready;

void pass(int from, int to, const std::string& bytes, proxy::duplex& session, relay_side side) {
    static std::vector<char> relay_buffer(256 * 1024);
    static std::array<char, 1024> arrived;
    constexpr time_point now{seconds(1000)};
    check(static_cast<int>(::send(from, bytes.data(), bytes.size(), MSG_NOSIGNAL)), "send");
    const auto progress = session.on_events(side, EPOLLIN, relay_buffer, now);
    const auto count = ::recv(to, arrived.data(), arrived.size(), 0);
    if (progress != proxy::duplex::progress::waiting ||
        count != static_cast<ssize_t>(bytes.size())) {
        throw std::runtime_error("a message did not pass");
    }
}

void relay_queries(int count) {
    proxy::cluster_traffic traffic(1);
    auto client = connected_pair();
    auto server = connected_pair();
    proxy::duplex session({
        .client = std::move(client.near),
        .server = std::move(server.near),
        .server_output = message('R', "\0\0\0\0"sv) + ready,
        .owner = std::make_unique<accountant>(traffic.of_worker(0)),
    });
    [[maybe_unused]] const auto begun = session.start(time_point(seconds(1000)));
    std::array<char, 1024> greeting{};
    check(static_cast<int>(::recv(client.far.get(), greeting.data(), greeting.size(), 0)), "recv");
    for (int i = 0; i < count; ++i) {
        pass(client.far.get(), server.far.get(), question, session, relay_side::client);
        pass(server.far.get(), client.far.get(), answer, session, relay_side::server);
    }
}

} // namespace
} // namespace wakegate::bench

int main(int argc, char** argv) {
    using namespace wakegate::bench;
    try {
        if (argc != 2) {
            throw std::runtime_error("usage: bench-relayed-query COUNT");
        }
        relay_queries(to_number(argv[1], 0, 1'000'000));
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "bench-relayed-query: %s\n", problem.what());
        return 1;
    }
}
