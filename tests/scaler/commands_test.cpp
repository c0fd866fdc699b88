#include "common/admin_http.hpp"
#include "common/configuration_error.hpp"
#include "scaler/commands.hpp"
#include "tests/support/captured_log.hpp"
#include "tests/support/configuration_failure.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace wakegate::scaler {
namespace {

using boost::asio::ip::tcp;
using ::testing::HasSubstr;

int run(const std::string& name, const std::vector<std::string>& arguments) {
    const auto commands = order_commands();
    return std::ranges::find(commands, name, &program_command::name)->run(arguments);
}

const std::string token = "0123456789abcdef0123456789abcdef";

/// Stands in for a replica and records its requests.
class fake_replica {
public:
    explicit fake_replica(unsigned status, const std::string& words = " with the token") {
        const auto port = free_port();
        address_ = "127.0.0.1:" + std::to_string(port);
        server_ = std::make_unique<admin_http>(
            context_,
            host_port{"127.0.0.1", port},
            admin_http::pages(),
            admin_http::actions{
                {"/clusters/",
                 [status, words](const admin_request& request) {
                     return admin_response{
                         .status = status,
                         .body = request.path + "?" + request.query +
                                 (request.bearer == token ? words + "\n" : "\n")
                     };
                 }}
            }
        );
        thread_ = std::thread([this] { context_.run(); });
    }

    fake_replica(const fake_replica&) = delete;
    fake_replica& operator=(const fake_replica&) = delete;

    ~fake_replica() {
        context_.stop();
        thread_.join();
    }

    [[nodiscard]] const std::string& address() const { return address_; }

private:
    static std::uint16_t free_port() {
        boost::asio::io_context context;
        const tcp::acceptor probe(context, {boost::asio::ip::address_v4::loopback(), 0});
        return probe.local_endpoint().port();
    }

    boost::asio::io_context context_{1};
    std::string address_;
    std::unique_ptr<admin_http> server_;
    std::thread thread_;
};

class commands_test : public ::testing::Test {
protected:
    std::string run_at(
        const fake_replica& replica,
        int expected,
        const std::string& name,
        std::vector<std::string> arguments = {}
    ) {
        arguments.insert(
            arguments.begin(),
            {"a b", "--admin", replica.address(), "--token-file", folder_.file("token")}
        );
        ::testing::internal::CaptureStdout();
        support::captured_log errors;
        EXPECT_EQ(run(name, arguments), expected);
        return ::testing::internal::GetCapturedStdout() + errors.take();
    }

    support::temporary_folder folder_;
    std::string token_file_ = folder_.write("token", token + "\n");
};

TEST_F(commands_test, show_the_token_and_print_the_answer) {
    const fake_replica replica(200);
    EXPECT_EQ(
        run_at(replica, 0, "wake"),
        replica.address() + ": /clusters/a%20b/wake?for=30m with the token\n"
    );
    EXPECT_THAT(run_at(replica, 0, "wake", {"--for", "2h"}), HasSubstr("/wake?for=2h with"));
    EXPECT_THAT(run_at(replica, 0, "keep-awake"), HasSubstr("/keep-awake?for=8h with"));
    EXPECT_THAT(run_at(replica, 0, "sleep-now"), HasSubstr("/sleep-now? with"));
}

TEST_F(commands_test, end_with_1_when_the_order_is_not_taken) {
    const fake_replica replica(404);
    EXPECT_THAT(run_at(replica, 1, "sleep-now"), HasSubstr("with the token (HTTP 404)\n"));
}

TEST_F(commands_test, print_nothing_that_commands_a_terminal) {
    const fake_replica replica(200, "\x1b[2J\x9b");
    EXPECT_THAT(run_at(replica, 0, "sleep-now"), HasSubstr("/sleep-now??[2J\xEF\xBF\xBD\n"));
}

TEST_F(commands_test, end_with_1_when_nobody_answers) {
    std::unique_ptr<fake_replica> replica = std::make_unique<fake_replica>(200);
    const auto address = replica->address();
    replica.reset();
    support::captured_log errors;
    EXPECT_EQ(run("wake", {"app", "--admin", address, "--token-file", token_file_}), 1);
    EXPECT_EQ(errors.take(), address + ": Connection refused\n");
}

TEST_F(commands_test, take_address_and_token_from_the_scalers_configuration) {
    const fake_replica replica(200);
    const auto port = replica.address().substr(replica.address().rfind(':'));
    const auto file =
        folder_.write("scaler.yaml", "admin: {address: \"*" + port + "\", token_file: token}\n");
    ::testing::internal::CaptureStdout();
    EXPECT_EQ(run("wake", {"app", "--config", file}), 0);
    EXPECT_EQ(
        ::testing::internal::GetCapturedStdout(),
        replica.address() + ": /clusters/app/wake?for=30m with the token\n"
    );
}

struct misuse {
    std::string command;
    std::vector<std::string> arguments;
    std::string message;
};

TEST_F(commands_test, say_what_they_need) {
    const auto bare = folder_.write("bare.yaml", "{}");
    const auto closed = folder_.write("closed.yaml", "admin: {address: \"127.0.0.1:1\"}");
    const std::vector<misuse> misuses{
        {"wake", {}, "wake: a cluster's name is missing: wake CLUSTER"},
        {"wake", {"app"}, "where the scaler is: give its --config FILE"},
        {"wake", {"app", "--config", bare}, "where the scaler is: "},
        {"wake", {"app", "--config", closed}, "what lets you give orders: give --token-file FILE"},
        {"wake", {"app", "--admin", "nowhere"}, "--admin 'nowhere': must be HOST:PORT"},
        {"wake", {"app", "--for", "25h"}, "--for '25h': wake may last from 1s to 24h"},
        {"keep-awake", {"app", "--for", "30"}, "--for '30': keep-awake may last from 1s to 168h"},
        {"wake",
         {"app", "--admin", "127.0.0.1:1", "--token-file", folder_.file("none")},
         "token file: '" + folder_.file("none") + "' is missing"},
    };
    for (const auto& [command, arguments, message] : misuses) {
        const auto failure =
            support::configuration_failure([&] { static_cast<void>(run(command, arguments)); });
        EXPECT_THAT(failure, ::testing::StartsWith(message));
    }
    EXPECT_ANY_THROW(run("sleep-now", {"app", "--for", "1h"}));
    EXPECT_ANY_THROW(run("wake", {"app", "other"}));
}

TEST_F(commands_test, print_their_flags_for_help) {
    ::testing::internal::CaptureStdout();
    EXPECT_EQ(run("wake", {"--help"}), 0);
    const auto help = ::testing::internal::GetCapturedStdout();
    EXPECT_THAT(help, ::testing::StartsWith("wakegate-scaler wake CLUSTER\n"));
    for (const auto* const flag : {"--for DURATION", "--config FILE", "--admin HOST:PORT", "30m"}) {
        EXPECT_THAT(help, HasSubstr(flag));
    }
}

} // namespace
} // namespace wakegate::scaler
