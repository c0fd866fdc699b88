/// One session that runs commands and times them.
///
///     bench-client PORT DATABASE     commands on standard input, an answer in JSON for each:
///     trips SECONDS SQL    prepares SQL, then executes it again and again, with one random bigint
///                          parameter up to 1,000,000; answers {"ns":[…]}, one time for each trip
///     fetch QUERY          runs it and drops what comes; {"ns":…,"bytes":…}
///     sip SECONDS RATE QUERY
///                          the same at RATE bytes a second, and hangs up when the time is over
///     copy BYTES QUERY     a COPY FROM STDIN of so many bytes in rows of 1 KiB; the same answer
///     crowd COUNT          logs in so many more sessions, one after the other, that stay idle
///
/// Prints {} once it is logged in. Ends with its standard input. One thread.
#include "bench/loopback.hpp"
#include "proxy/wire/frame_walker.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace wakegate::bench {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

constexpr std::size_t most_at_once = 256 * 1024;
constexpr std::uint32_t most_accounts = 1'000'000; // pgbench at scale 10

class session {
public:
    session(int port, const std::string& database, std::size_t buffer_size = most_at_once)
        : port_(port), database_(database), socket_(tcp_socket()), buffer_(buffer_size, '\0') {
        const auto address = loopback(port);
        check(
            ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
            "connect"
        );
        send_at_once(socket_.get());
        const auto parameters = "user\0postgres\0database\0"s + database + "\0\0"s;
        std::string startup;
        append_big_endian(startup, static_cast<std::uint32_t>(parameters.size() + 8));
        append_big_endian(startup, 3U << 16U);
        send(startup + parameters);
        receive_until('Z');
    }

    void process_command(std::istringstream command) {
        std::string verb;
        command >> verb;
        if (verb == "trips") {
            const auto time = next_number(command);
            trips(time, rest_of(command));
        } else if (verb == "fetch") {
            fetch(rest_of(command));
        } else if (verb == "sip") {
            const auto time = next_number(command);
            const auto rate = next_number(command);
            sip(time, rate, rest_of(command));
        } else if (verb == "copy") {
            const auto size = next_number(command);
            copy(size, rest_of(command));
        } else if (verb == "crowd") {
            crowd(next_number(command));
        } else {
            throw std::runtime_error("unknown command '" + verb + "'");
        }
        std::fflush(stdout);
    }

    // The visitor interface of frame_walker.
    std::uint16_t begin(char type, std::uint32_t) {
        if (type == 'E') {
            throw std::runtime_error("the server answered with an error");
        }
        last_type_ = type;
        return 0;
    }

    void prefix(char, std::string_view, bool) {}

    static bool may_skip_repeats(char) { return true; }

private:
    static double next_number(std::istringstream& command) {
        double number = 0;
        command >> number;
        return number;
    }

    static std::string rest_of(std::istringstream& command) {
        std::string rest;
        std::getline(command >> std::ws, rest);
        return rest;
    }

    static std::string query(const std::string& sql) { return message('Q', sql + '\0'); }

    void trips(double time, const std::string& sql) {
        constexpr auto bigint = "\0\1\0\0\0\x14"sv; // one parameter type: OID 20
        send(message('P', "\0"s + sql + "\0"s + std::string(bigint)) + message('S', ""));
        receive_until('Z');
        std::mt19937 random(1); // NOLINT(*-msc51-cpp): the same queries on every path
        std::vector<std::int64_t> times;
        const auto end = now_ns() + static_cast<std::int64_t>(time * 1e9);
        for (auto now = now_ns(); now < end;) {
            const auto question =
                execution(1 + static_cast<std::uint32_t>(random()) % most_accounts);
            const auto start = now_ns();
            send(question);
            receive_until('Z');
            now = now_ns();
            times.push_back(now - start);
        }
        std::printf("{\"ns\":[");
        for (std::size_t i = 0; i < times.size(); ++i) {
            std::printf(i == 0 ? "%lld" : ",%lld", static_cast<long long>(times[i]));
        }
        std::puts("]}");
    }

    /// Bind, Execute and Sync in one piece, as libpq sends them.
    static std::string execution(std::uint32_t number) {
        auto bind = "\0\0\0\1\0\1\0\1\0\0\0\10\0\0\0\0"s; // binary, one value of 8 bytes
        append_big_endian(bind, number);
        bind += "\0\0"sv;
        return message('B', bind) + message('E', "\0\0\0\0\0"sv) + message('S', "");
    }

    void fetch(const std::string& sql) {
        const auto start = now_ns();
        send(query(sql));
        const auto size = receive_until('Z');
        report(now_ns() - start, size);
    }

    void sip(double time, double rate, const std::string& sql) {
        constexpr std::size_t mouthful = 64 * 1024;
        send(query(sql));
        const auto pause = std::chrono::duration<double>(mouthful / rate);
        const auto began = now_ns();
        const auto end = began + static_cast<std::int64_t>(time * 1e9);
        std::size_t size = 0;
        while (now_ns() < end) {
            size += receive(mouthful).size();
            std::this_thread::sleep_for(pause);
        }
        report(now_ns() - began, size);
        socket_ = file_descriptor();
    }

    void copy(double bytes, const std::string& sql) {
        std::string chunk;
        while (chunk.size() < most_at_once) {
            chunk += message('d', std::string(1019, 'x'));
        }
        const auto start = now_ns();
        send(query(sql));
        receive_until('G');
        std::size_t size = 0;
        for (const auto wanted = static_cast<std::size_t>(bytes); size < wanted;) {
            send(chunk);
            size += chunk.size();
        }
        send(message('c', ""));
        receive_until('Z');
        report(now_ns() - start, size);
    }

    static void report(std::int64_t time, std::size_t size) {
        std::printf("{\"ns\":%lld,\"bytes\":%zu}\n", static_cast<long long>(time), size);
    }

    /// Returns how many bytes came until a message of this type was over and nothing followed it.
    std::size_t receive_until(char type) {
        std::size_t size = 0;
        do {
            const auto data = receive(buffer_.size());
            size += data.size();
            if (!frames_.walk(data, *this)) {
                throw std::runtime_error("the server does not speak the protocol");
            }
        } while (last_type_ != type || !frames_.at_boundary());
        last_type_ = 0;
        return size;
    }

    std::string_view receive(std::size_t most) {
        const auto count = check(
            static_cast<int>(
                ::recv(socket_.get(), buffer_.data(), std::min(most, buffer_.size()), 0)
            ),
            "recv"
        );
        if (count == 0) {
            throw std::runtime_error("the server closed the connection");
        }
        return {buffer_.data(), static_cast<std::size_t>(count)};
    }

    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            bytes.remove_prefix(static_cast<std::size_t>(check(static_cast<int>(count), "send")));
        }
    }

    void crowd(double count) {
        constexpr std::size_t enough_for_a_login = 2048;
        const auto began = now_ns();
        while (crowd_.size() < static_cast<std::size_t>(count)) {
            crowd_.push_back(std::make_unique<session>(port_, database_, enough_for_a_login));
        }
        report(now_ns() - began, 0);
    }

    int port_;
    std::string database_;
    file_descriptor socket_;
    std::string buffer_;
    std::vector<std::unique_ptr<session>> crowd_;
    wire::frame_walker frames_;
    char last_type_ = 0;
};

} // namespace
} // namespace wakegate::bench

int main(int argc, char** argv) {
    using namespace wakegate::bench;
    try {
        if (argc != 3) {
            throw std::runtime_error("usage: bench-client PORT DATABASE");
        }
        session self(to_number(argv[1], 1, 65535), argv[2]);
        std::puts("{}");
        std::fflush(stdout);
        for (std::string line; std::getline(std::cin, line);) {
            self.process_command(std::istringstream(line));
        }
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "bench-client: %s\n", problem.what());
        return 1;
    }
}
