#include "proxy/net/name_lookup.hpp"
#include "tests/support/loopback.hpp"

#include <boost/asio/detached.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <string>
#include <vector>

namespace wakegate::proxy {
namespace {

using support::tcp;

std::vector<tcp::endpoint> found(const host_port& address) {
    support::asio::io_context context(1);
    return support::run(context, resolve_endpoints(address, std::chrono::seconds(60)));
}

TEST(name_lookup, answers_literal_addresses_as_they_are) {
    for (const std::string host : {"127.0.0.1", "192.0.2.7", "::1", "2001:db8::7"}) {
        const tcp::endpoint endpoint(support::asio::ip::make_address(host), 5432);
        EXPECT_EQ(found({host, 5432}), std::vector{endpoint}) << host;
    }
}

TEST(name_lookup, finds_the_addresses_of_a_name_with_the_port_that_was_asked_for) {
    const auto endpoints = found({"localhost", 5432});
    ASSERT_FALSE(endpoints.empty());
    for (const auto& endpoint : endpoints) {
        EXPECT_TRUE(endpoint.address().is_loopback()) << endpoint;
        EXPECT_EQ(endpoint.port(), 5432);
    }
}

TEST(name_lookup, finds_nothing_for_a_name_that_nobody_has) {
    EXPECT_TRUE(found({"no-such-name.invalid", 5432}).empty()); // RFC 6761, 6.4
    EXPECT_TRUE(found({"two words", 5432}).empty());
}

std::string failure(const host_port& address, duration limit, resolver_pool& resolver) {
    support::asio::io_context context(1);
    const auto found = support::run(context, resolve_name(address, limit, resolver));
    return found ? "" : found.error().reason;
}

TEST(name_lookup, says_in_the_resolvers_words_why_there_is_nothing) {
    const auto limit = std::chrono::seconds(60);
    // "Host not found", or without a network that no DNS server is reachable.
    EXPECT_NE(failure({"no-such-name.invalid", 5432}, limit, system_resolver()), "");
    EXPECT_EQ(failure({"localhost", 5432}, limit, system_resolver()), "");
    EXPECT_EQ(failure({"192.0.2.7", 5432}, limit, system_resolver()), "");
}

/// A resolver that answers for "slow" only once it is released.
struct half_deaf {
    resolver_pool::answer operator()(const std::string& name) {
        ++lookups;
        if (name == "slow") {
            may_answer.wait(false);
        }
        return std::vector{support::asio::ip::make_address("192.0.2.1")};
    }

    std::atomic<int> lookups = 0;
    std::atomic<bool> may_answer = false;
};

struct name_lookup_slow_names : testing::Test {
    ~name_lookup_slow_names() override {
        resolver.may_answer = true;
        resolver.may_answer.notify_all();
    }

    std::vector<tcp::endpoint> found(const std::string& name, duration limit) {
        return support::run(context, resolve_endpoints({name, 5432}, limit, pool));
    }

    static constexpr auto long_enough = std::chrono::seconds(60);
    const host_port slow{"slow", 5432};
    support::asio::io_context context{1};
    half_deaf resolver;
    resolver_pool pool{2, std::ref(resolver)};
};

TEST_F(name_lookup_slow_names, are_given_up_at_the_limit_and_keep_nobody_from_others) {
    for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE(found("slow", milliseconds(1)).empty());
    }
    EXPECT_EQ(failure(slow, milliseconds(1), pool), "no answer from the name service");
    EXPECT_EQ(found("other", long_enough).size(), 1U);
    EXPECT_EQ(resolver.lookups, 2) << "slow once, though it was wanted five times";
}

TEST_F(name_lookup_slow_names, are_told_to_all_who_still_wait) {
    int answers = 0;
    const auto wait = [&]() -> support::asio::awaitable<void> {
        const auto found = co_await resolve_endpoints(slow, long_enough, pool);
        answers += static_cast<int>(found.size());
    };
    EXPECT_TRUE(found("slow", milliseconds(1)).empty());
    for (int i = 0; i < 3; ++i) {
        support::asio::co_spawn(context, wait(), support::asio::detached);
    }
    context.restart();
    context.poll();
    resolver.may_answer = true;
    resolver.may_answer.notify_all();
    context.run();
    EXPECT_EQ(answers, 3);
    EXPECT_EQ(resolver.lookups, 1);
}

TEST_F(name_lookup_slow_names, may_be_answered_when_who_asked_is_gone) {
    {
        support::asio::io_context short_lived(1);
        const auto wait = [&]() -> support::asio::awaitable<void> {
            const auto never = co_await resolve_endpoints(slow, long_enough, pool);
            ADD_FAILURE() << never.size();
        };
        support::asio::co_spawn(short_lived, wait(), support::asio::detached);
        short_lived.poll();
    }
    resolver.may_answer = true;
    resolver.may_answer.notify_all();
    EXPECT_EQ(found("slow", long_enough).size(), 1U);
}

} // namespace
} // namespace wakegate::proxy
