#include "proxy/cancel/cancel_service.hpp"
#include "proxy/wire/protocol_version.hpp"
#include "tests/support/message_bytes.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace wakegate::proxy {
namespace {

using namespace support;

const std::string server_key = "pid!secr";
const boost::asio::ip::tcp::endpoint server(boost::asio::ip::make_address("10.0.0.7"), 5433);
const auto shared_by_all = std::make_shared<const cancel_secrets>(std::string(32, 's'));

cancel_settings of_a_replica() {
    return {
        .secrets = shared_by_all,
        .listen = {},
        .peers = {{"peer", 1}},
        .has_server_keys = false,
        .rate = {},
    };
}

cancel_settings alone() {
    return {.secrets = {}, .listen = {}, .peers = {}, .rate = {}};
}

/// Two replicas and the one cluster that both serve.
struct cancel_service_test : testing::Test {
    cancel_service_test() { app.settings.name = app.settings.endpoint.cluster = "app"; }

    [[nodiscard]] cancel_lookup
    result_of(const cancel_service& service, const std::string& key, bool from_peer = false) const {
        return service.look_up(key, from_peer, clusters);
    }

    [[nodiscard]] cancel_lookup found() const {
        return cancel_target{&app.settings.endpoint, server, server_key};
    }

    [[nodiscard]] issued_key
    issued(cancel_service& service, std::uint32_t protocol = wire::protocol_3_0) const {
        return service.issue({&app.settings.endpoint, server, server_key}, protocol);
    }

    cluster_map clusters;
    cluster& app =
        *clusters
             .emplace(
                 "app", std::make_unique<cluster>(cluster_settings(), cluster_traffic(1), nullptr)
             )
             .first->second;
    cancel_service first{of_a_replica()};
    cancel_service second{of_a_replica()};
};

const cancel_lookup dropped = drop_cancel();
const cancel_lookup dropped_as_foreign = drop_cancel{.is_foreign = true};
const cancel_lookup at_a_peer = try_peers();
const cancel_lookup at_a_peer_as_ours = try_peers{.is_verified = true};

TEST_F(cancel_service_test, give_eight_bytes_to_a_client_of_protocol_3_0) {
    const auto issue = issued(first);
    EXPECT_EQ(issue.key.size(), 8U);
    EXPECT_TRUE(issue.entry);
    EXPECT_EQ(issue.key.find("secr"), std::string::npos);
    EXPECT_EQ(result_of(first, issue.key), found());
}

TEST_F(cancel_service_test, leave_the_process_id_the_servers_own) {
    EXPECT_EQ(issued(first).key.substr(0, 4), server_key.substr(0, 4));
    EXPECT_EQ(issued(first, wire::protocol_3_2).key.substr(0, 4), server_key.substr(0, 4));
    app.settings.name = app.settings.endpoint.cluster = std::string(250, 'n');
    EXPECT_EQ(issued(first, wire::protocol_3_2).key.substr(0, 4), server_key.substr(0, 4));
}

TEST_F(cancel_service_test, give_every_session_a_key_of_its_own_though_its_process_id_comes_again) {
    std::vector<issued_key> live;
    std::set<std::string> keys;
    for (int i = 0; i < 1'000; ++i) {
        live.push_back(issued(first));
        keys.insert(live.back().key);
    }
    EXPECT_EQ(keys.size(), 1'000U);
    const auto gone = live.front().key;
    live.erase(live.begin());
    EXPECT_EQ(result_of(first, gone, true), dropped) << "others of that process id are there";
}

TEST_F(cancel_service_test, give_eight_bytes_for_a_longer_key_of_a_newer_server) {
    const auto longer = server_key + std::string(28, 'x');
    const auto issue = first.issue({&app.settings.endpoint, server, longer}, wire::protocol_3_0);
    EXPECT_EQ(issue.key.size(), 8U);
    const cancel_lookup expected = cancel_target{&app.settings.endpoint, server, longer};
    EXPECT_EQ(result_of(first, issue.key), expected);
}

TEST_F(cancel_service_test, give_a_client_of_protocol_3_2_a_key_that_every_replica_can_follow) {
    const auto issue = issued(first, wire::protocol_3_2);
    EXPECT_GT(issue.key.size(), 36U);
    EXPECT_FALSE(issue.entry);
    EXPECT_EQ(result_of(first, issue.key), found());
    EXPECT_EQ(result_of(second, issue.key), found());
    EXPECT_EQ(result_of(second, issue.key, true), found());
}

TEST_F(cancel_service_test, follow_a_long_key_to_the_server_of_a_route) {
    app.endpoints.push_back(app.settings.endpoint);
    app.endpoints.back().backend = {"replica.example", 5432};
    const auto issue = first.issue({&app.endpoints.back(), server, server_key}, wire::protocol_3_2);
    EXPECT_EQ(result_of(second, issue.key), found());
}

TEST_F(cancel_service_test, give_a_short_key_where_a_long_one_does_not_fit) {
    app.settings.name = app.settings.endpoint.cluster = std::string(250, 'n');
    const auto issue = issued(first, wire::protocol_3_2);
    EXPECT_EQ(issue.key.size(), 8U);
    EXPECT_EQ(result_of(first, issue.key), found());
}

TEST_F(cancel_service_test, have_peers_asked_for_a_short_key_of_theirs_and_no_further) {
    const auto issue = issued(first);
    EXPECT_EQ(result_of(second, issue.key), at_a_peer_as_ours);
    EXPECT_EQ(result_of(second, issue.key, true), dropped) << "it has had its hop";
    EXPECT_EQ(result_of(first, issue.key, true), found());
}

TEST_F(cancel_service_test, drop_the_key_of_a_session_that_has_ended) {
    std::string key;
    {
        key = issued(first).key;
    }
    EXPECT_EQ(result_of(first, key, true), dropped);
    cancel_service only(alone());
    {
        key = issued(only).key;
    }
    EXPECT_EQ(result_of(only, key), dropped);
}

TEST_F(cancel_service_test, drop_keys_that_none_of_them_has_made) {
    const auto short_issue = issued(first);
    const auto long_issue = issued(first, wire::protocol_3_2);
    for (auto key : {short_issue.key, long_issue.key}) {
        key.back() = static_cast<char>(key.back() ^ 1);
        EXPECT_EQ(result_of(first, key), dropped_as_foreign);
        EXPECT_EQ(result_of(second, key), dropped_as_foreign) << "a guess costs nobody a hop";
    }
    EXPECT_EQ(result_of(first, server_key), dropped_as_foreign)
        << "what the server knows it by is no key here";
    EXPECT_EQ(result_of(first, ""), dropped_as_foreign);
}

TEST_F(cancel_service_test, have_peers_asked_for_any_key_where_some_are_their_servers_own) {
    auto settings = of_a_replica();
    settings.has_server_keys = true;
    const cancel_service service(settings);
    EXPECT_EQ(result_of(service, server_key), at_a_peer);
    EXPECT_EQ(result_of(service, server_key, true), dropped_as_foreign);
    EXPECT_EQ(result_of(cancel_service(alone()), server_key), dropped_as_foreign)
        << "there are no peers";
}

TEST_F(cancel_service_test, find_a_servers_own_key_that_was_passed_on) {
    const auto entry =
        first.registry().add(server_key, {&app.settings.endpoint, server, server_key});
    EXPECT_EQ(result_of(first, server_key), found());
    EXPECT_EQ(result_of(first, server_key, true), found());
}

TEST_F(cancel_service_test, drop_a_long_key_of_a_cluster_that_is_served_no_more) {
    backend_endpoint gone;
    gone.cluster = "gone";
    const auto issue = first.issue({&gone, server, server_key}, wire::protocol_3_2);
    EXPECT_EQ(result_of(second, issue.key), dropped);
}

TEST_F(cancel_service_test, that_stand_alone_drop_a_long_key_while_no_session_is_open) {
    cancel_service service(alone());
    const auto issue = issued(service, wire::protocol_3_2);
    EXPECT_EQ(result_of(service, issue.key), dropped) << "the cluster may be asleep";
    app.traffic.of_worker(0).session_opened();
    EXPECT_EQ(result_of(service, issue.key), found());
    EXPECT_EQ(result_of(cancel_service(alone()), issue.key), dropped_as_foreign)
        << "each has a secret of its own";
}

TEST_F(cancel_service_test, replace_the_servers_key_in_what_it_said) {
    const auto version = parameter_status("server_version", "15.0");
    auto output = version + backend_key_data(server_key) + ready_for_query('I');
    const auto entry =
        first.replace_key({&app.settings.endpoint, server, ""}, wire::protocol_3_0, output);
    EXPECT_TRUE(entry);
    const auto size = version.size() + 5 + 8 + ready_for_query('I').size();
    ASSERT_EQ(output.size(), size);
    const auto key = output.substr(version.size() + 5, 8);
    EXPECT_EQ(output, version + backend_key_data(key) + ready_for_query('I'));
    EXPECT_EQ(result_of(first, key), found());
}

TEST_F(cancel_service_test, invent_no_key_for_a_server_that_gives_none) {
    auto output = parameter_status("server_version", "15.0") + ready_for_query('I');
    const auto before = output;
    EXPECT_FALSE(first.replace_key({&app.settings.endpoint, server, ""}, wire::protocol_3_2, output)
    );
    EXPECT_EQ(output, before);
}

TEST_F(cancel_service_test, slow_down_a_network_that_tries_many_keys) {
    const auto source = boost::asio::ip::make_address("192.0.2.1");
    const auto other_source = boost::asio::ip::make_address("198.51.100.1");
    int admitted = 0;
    while (first.admit(source)) {
        ASSERT_LT(++admitted, 10'000);
    }
    EXPECT_GE(admitted, 200);
    EXPECT_TRUE(first.admit(other_source));
}

TEST_F(cancel_service_test, have_room_for_all_that_sixteen_peers_may_ask_at_one_time) {
    std::vector<load_guard> requests;
    while (auto request = first.begin_peer_request()) {
        requests.push_back(*std::move(request));
        ASSERT_LT(requests.size(), 10'000U);
    }
    EXPECT_EQ(requests.size(), 16U * 128);
    requests.clear();
    EXPECT_TRUE(first.begin_peer_request());
}

} // namespace
} // namespace wakegate::proxy
