#include "common/listening_socket.hpp"
#include "tests/support/captured_log.hpp"
#include "tests/support/configuration_failure.hpp"

#include <boost/asio/ip/v6_only.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate {
namespace {

using boost::asio::ip::tcp;
using support::configuration_failure;
using testing::ElementsAre;

const boost::asio::ip::address first = boost::asio::ip::make_address("127.0.0.1");
const boost::asio::ip::address second = boost::asio::ip::make_address("127.0.0.2");
/// TEST-NET-1 (RFC 5737): of no machine.
const boost::asio::ip::address strange = boost::asio::ip::make_address("192.0.2.1");

class listening_socket_test : public testing::Test {
protected:
    [[nodiscard]] std::vector<tcp::acceptor> listen(const std::vector<tcp::endpoint>& endpoints) {
        return listen_on(context_, endpoints, {.host = "name", .port = 6432}, "listen");
    }

    [[nodiscard]] bool accepts(const tcp::endpoint& endpoint) {
        boost::system::error_code error;
        tcp::socket client(context_);
        client.connect(endpoint, error);
        return !error;
    }

    boost::asio::io_context context_{1};
};

std::vector<boost::asio::ip::address> addresses_of(const std::vector<tcp::acceptor>& bound) {
    std::vector<boost::asio::ip::address> found;
    for (const auto& acceptor : bound) {
        found.push_back(acceptor.local_endpoint().address());
    }
    return found;
}

TEST_F(listening_socket_test, are_one_for_each_address_of_a_name) {
    const auto bound = listen({{first, 0}, {second, 0}});
    ASSERT_THAT(addresses_of(bound), ElementsAre(first, second));
    EXPECT_TRUE(accepts(bound[0].local_endpoint()));
    EXPECT_TRUE(accepts(bound[1].local_endpoint()));
}

TEST_F(listening_socket_test, are_those_that_can_be_had_wherever_the_others_stand) {
    EXPECT_THAT(addresses_of(listen({{strange, 0}, {first, 0}})), ElementsAre(first));
    EXPECT_THAT(addresses_of(listen({{first, 0}, {strange, 0}})), ElementsAre(first));
}

TEST_F(listening_socket_test, tell_in_the_log_which_they_are_and_which_could_not_be_had) {
    support::captured_log captured;
    const auto bound = listen({{strange, 1}, {first, 0}});
    const auto log = captured.take();
    const auto address = "127.0.0.1:" + std::to_string(bound.front().local_endpoint().port());
    EXPECT_THAT(log, testing::HasSubstr("info listening key=listen address=" + address + "\n"));
    EXPECT_THAT(
        log,
        testing::HasSubstr("warning listen_failed key=listen address=192.0.2.1:1 "
                           "reason=\"Cannot assign requested address\"\n")
    );
}

TEST_F(listening_socket_test, fail_when_none_can_be_had) {
    EXPECT_EQ(
        configuration_failure([this] { std::ignore = listen({{strange, 1}}); }),
        "listen: can't listen on name:6432: Cannot assign requested address; it is no address of "
        "this machine (`ip addr` shows them); \"*\" stands for all"
    );
    const auto bound = listen({{first, 0}});
    const auto used_endpoint = bound.front().local_endpoint();
    EXPECT_EQ(
        configuration_failure([&] { std::ignore = listen({used_endpoint}); }),
        "listen: can't listen on name:6432: Address already in use; another program listens there "
        "(`ss -ltnp` shows it); choose a free port"
    );
    EXPECT_EQ(
        configuration_failure([&] { std::ignore = listen({used_endpoint, {strange, 1}}); }),
        "listen: can't listen on name:6432: 127.0.0.1:" + std::to_string(used_endpoint.port()) +
            ": Address already in use, 192.0.2.1:1: Cannot assign requested address; choose a "
            "free port and an address of this machine"
    );
}

TEST_F(listening_socket_test, take_both_families_for_the_wildcard) {
    const auto bound = listen_on(context_, {.host = "*", .port = 0}, "listen");
    ASSERT_FALSE(bound.empty());
    for (const auto& acceptor : bound) {
        EXPECT_TRUE(acceptor.local_endpoint().address().is_unspecified());
        if (acceptor.local_endpoint().address().is_v6()) {
            boost::asio::ip::v6_only alone;
            acceptor.get_option(alone);
            EXPECT_TRUE(alone.value()) << "else a client of IPv4 could come to either";
        }
    }
    EXPECT_TRUE(accepts({first, bound.front().local_endpoint().port()}));
}

TEST_F(listening_socket_test, look_up_names) {
    const auto bound = listen_on(context_, {.host = "localhost", .port = 0}, "listen");
    ASSERT_FALSE(bound.empty());
    for (const auto& acceptor : bound) {
        EXPECT_TRUE(acceptor.local_endpoint().address().is_loopback());
    }
    const auto failure = configuration_failure([this] {
        std::ignore = listen_on(context_, {.host = "nowhere.invalid", .port = 1}, "listen");
    });
    EXPECT_THAT(
        failure,
        testing::StartsWith("listen: can't listen on nowhere.invalid:1: the name does not resolve: "
        )
    );
    EXPECT_THAT(
        failure, testing::EndsWith("; give an address of this machine, or \"*\" for all of them")
    );
}

} // namespace
} // namespace wakegate
