#include "common/admin_http.hpp"
#include "common/configuration_error.hpp"
#include "tests/support/blocking_client.hpp"
#include "tests/support/configuration_failure.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace wakegate {
namespace {

using boost::asio::ip::tcp;
using support::blocking_client;
using testing::HasSubstr;

std::uint16_t free_port() {
    boost::asio::io_context context;
    const tcp::acceptor probe(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
    return probe.local_endpoint().port();
}

class admin_http_server : public testing::Test {
protected:
    admin_http_server() {
        // Another program may take the free port before the server does.
        for (int attempt = 0; !server_; ++attempt) {
            port_ = free_port();
            try {
                server_ = std::make_unique<admin_http>(
                    context_, host_port{"127.0.0.1", port_}, pages(), actions()
                );
            } catch (const configuration_error&) {
                if (attempt == 10) {
                    throw;
                }
            }
        }
        thread_ = std::thread([this] { context_.run(); });
    }

    ~admin_http_server() override {
        context_.stop();
        thread_.join();
    }

    admin_http::pages pages() {
        return {
            {"/healthz", [] { return admin_response{.body = "ok\n"}; }},
            {"/readyz",
             [this] {
                 return admin_response{
                     .status = ready_ ? 200U : 503U, .body = ready_ ? "ready\n" : "not ready\n"
                 };
             }},
            {"/status",
             [] { return admin_response{.body = "{}", .content_type = "application/json"}; }},
            {"/later",
             [this](admin_callback reply) {
                 boost::asio::post(context_, [reply = std::move(reply)] {
                     reply({.body = "told later\n"});
                 });
             }},
            {"/never", [](const admin_callback&) {}},
        };
    }

    /// Actions that answer with what they were given.
    static admin_http::actions actions() {
        const auto tell = [](const admin_request& request) {
            const bool has_peer = request.peer.starts_with("127.0.0.1:");
            return admin_response{
                .status = request.bearer.empty() ? 401U : 200U,
                .body = request.path + "|" + request.query + "|" + request.bearer + "|" +
                        (has_peer ? "peer" : request.peer) + "\n"
            };
        };
        return {{"/things/", tell}};
    }

    [[nodiscard]] std::string post(const std::string& target, const std::string& header = "") {
        return answer_to("POST " + target + " HTTP/1.1\r\nHost: h\r\n" + header + "\r\n");
    }

    [[nodiscard]] std::string answer_to(const std::string& request) const {
        blocking_client client(port_);
        EXPECT_TRUE(client.send(request));
        return client.read_to_end();
    }

    [[nodiscard]] std::string get(const std::string& target) const {
        return answer_to("GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n");
    }

    boost::asio::io_context context_{1};
    std::uint16_t port_ = 0;
    std::atomic<bool> ready_{false};
    std::unique_ptr<admin_http> server_;
    std::thread thread_;
};

TEST_F(admin_http_server, are_answered_whole_and_then_the_connection_is_closed) {
    EXPECT_EQ(
        get("/healthz"),
        "HTTP/1.1 200 OK\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Cache-Control: no-store\r\n"
        "Connection: close\r\n"
        "Content-Length: 3\r\n"
        "\r\n"
        "ok\n"
    );
}

TEST_F(admin_http_server, are_made_anew_for_each_request) {
    EXPECT_THAT(get("/readyz"), HasSubstr("503 Service Unavailable"));
    ready_ = true;
    EXPECT_THAT(get("/readyz"), HasSubstr("200 OK"));
}

TEST_F(admin_http_server, have_a_content_type_of_their_own) {
    EXPECT_THAT(get("/status"), HasSubstr("Content-Type: application/json\r\n"));
}

TEST_F(admin_http_server, are_found_whatever_the_query_string) {
    EXPECT_THAT(get("/healthz?verbose=1"), HasSubstr("200 OK"));
}

TEST_F(admin_http_server, are_answered_to_head_without_the_body) {
    const auto answer = answer_to("HEAD /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(answer, HasSubstr("200 OK"));
    EXPECT_THAT(answer, HasSubstr("Content-Length: 3\r\n"));
    EXPECT_THAT(answer, testing::EndsWith("\r\n\r\n"));
}

TEST_F(admin_http_server, may_be_told_later) {
    EXPECT_THAT(get("/later"), testing::EndsWith("\r\n\r\ntold later\n"));
    const auto answer = answer_to("HEAD /later HTTP/1.1\r\n\r\n");
    EXPECT_THAT(answer, HasSubstr("Content-Length: 11\r\n"));
    EXPECT_THAT(answer, testing::EndsWith("\r\n\r\n"));
}

TEST_F(admin_http_server, that_nobody_tells_are_hung_up_on) {
    EXPECT_EQ(get("/never"), "");
}

TEST_F(admin_http_server, that_do_not_exist_are_404) {
    for (const auto* const target : {"/", "/healthz/", "/Healthz", "//healthz", "/..", "healthz"}) {
        EXPECT_THAT(get(target), HasSubstr("404 Not Found")) << target;
    }
}

TEST_F(admin_http_server, are_405_to_any_other_method) {
    for (const auto* const method : {"POST", "PUT", "DELETE", "OPTIONS"}) {
        const auto request =
            std::string(method) + " /healthz HTTP/1.1\r\nHost: h\r\n" + "Content-Length: 0\r\n\r\n";
        EXPECT_THAT(answer_to(request), HasSubstr("405 Method Not Allowed")) << method;
    }
}

TEST_F(admin_http_server, do_not_stand_where_an_action_does) {
    EXPECT_THAT(get("/things/a/wake"), HasSubstr("405 Method Not Allowed"));
    EXPECT_THAT(get("/things/a/wake"), testing::EndsWith("POST only\n"));
    EXPECT_THAT(get("/things"), HasSubstr("404 Not Found"));
}

TEST_F(admin_http_server, and_actions_are_two_tables) {
    for (const auto* const target : {"/healthz", "/things", "/Things/a", "/", "things/a"}) {
        EXPECT_THAT(post(target), HasSubstr("405 Method Not Allowed")) << target;
    }
    EXPECT_THAT(answer_to("PUT /things/a HTTP/1.1\r\n\r\n"), HasSubstr("405 Method"));
}

TEST_F(admin_http_server, give_actions_path_query_token_and_peer) {
    const std::string token = "Authorization: Bearer abc.def\r\n";
    const auto answer = post("/things/a%2fb/wake?for=30m&x=?", token);
    EXPECT_THAT(answer, HasSubstr("200 OK"));
    EXPECT_THAT(answer, testing::EndsWith("\r\n\r\n/things/a%2fb/wake|for=30m&x=?|abc.def|peer\n"));
    EXPECT_THAT(post("/things/a", token), testing::EndsWith("/things/a||abc.def|peer\n"));
    EXPECT_THAT(post("/things/a?", token), testing::EndsWith("/things/a||abc.def|peer\n"));
}

TEST_F(admin_http_server, know_a_bearer_token_from_other_credentials) {
    for (const auto* const header :
         {"", "Authorization:\r\n", "Authorization: Bearer\r\n", "Authorization: Basic abc\r\n"}) {
        const auto answer = post("/things/a", header);
        EXPECT_THAT(answer, HasSubstr("401 Unauthorized")) << header;
        EXPECT_THAT(answer, HasSubstr("WWW-Authenticate: Bearer\r\n")) << header;
        EXPECT_THAT(answer, testing::EndsWith("/things/a|||peer\n")) << header;
    }
    EXPECT_THAT(
        post("/things/a", "authorization: bEARER abc\r\n"), testing::EndsWith("|abc|peer\n")
    );
}

TEST_F(admin_http_server, serve_http_1_0_too) {
    EXPECT_THAT(answer_to("GET /healthz HTTP/1.0\r\n\r\n"), HasSubstr("200 OK"));
}

struct bad_request {
    const char* name;
    std::string bytes;
};

class admin_http_bad_requests : public admin_http_server,
                                public testing::WithParamInterface<bad_request> {};

TEST_P(admin_http_bad_requests, hang_up_on_them_and_serve_the_next_client) {
    blocking_client client(port_);
    client.send(GetParam().bytes);
    EXPECT_EQ(client.read_to_end(), "");
    EXPECT_THAT(get("/healthz"), HasSubstr("200 OK"));
}

INSTANTIATE_TEST_SUITE_P(
    admin_http,
    admin_http_bad_requests,
    testing::ValuesIn(std::vector<bad_request>{
        {"too_long_a_header", "GET /healthz HTTP/1.1\r\nX: " + std::string(16'384, 'x') + "\r\n\r\n"
        },
        {"too_long_a_target", "GET /" + std::string(16'384, 'x') + " HTTP/1.1\r\n\r\n"},
        {"a_body", "POST /healthz HTTP/1.1\r\nContent-Length: 5\r\n\r\n12345"},
        {"a_body_for_an_action",
         "POST /things/a HTTP/1.1\r\nAuthorization: Bearer abc\r\nContent-Length: 5\r\n\r\n12345"},
        {"a_body_in_chunks",
         "POST /things/a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"},
        {"too_long_a_token",
         "POST /things/a HTTP/1.1\r\nAuthorization: Bearer " + std::string(16'384, 'x') + "\r\n\r\n"
        },
        {"another_protocol", std::string("\0\0\0\x08\x04\xd2\x16\x2f", 8)},
        {"an_unknown_version", "GET /healthz HTTP/9.9\r\n\r\n"},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST_F(admin_http_server, do_not_wait_for_a_client_that_is_silent_in_its_request) {
    blocking_client slow(port_);
    ASSERT_TRUE(slow.send("GET /healthz HT"));
    EXPECT_THAT(get("/healthz"), HasSubstr("200 OK")) << "others are served meanwhile";
    EXPECT_EQ(slow.read_to_end(), "") << "it is hung up on";
}

TEST_F(admin_http_server, serve_many_clients_at_once) {
    std::vector<std::unique_ptr<blocking_client>> clients;
    for (int i = 0; i < 50; ++i) {
        clients.push_back(std::make_unique<blocking_client>(port_));
        ASSERT_TRUE(clients.back()->connected());
    }
    for (auto& client : clients) {
        client->send("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
    }
    for (auto& client : clients) {
        EXPECT_THAT(client->read_to_end(), HasSubstr("200 OK"));
    }
}

TEST_F(admin_http_server, cannot_be_served_on_a_port_that_is_taken) {
    boost::asio::io_context other;
    const host_port used_address{"127.0.0.1", port_};
    EXPECT_EQ(
        support::configuration_failure([&] { const admin_http second(other, used_address, {}); }),
        "admin.address: can't listen on " + to_string(used_address) +
            ": Address already in use; another program listens there (`ss -ltnp` shows it); choose "
            "a free port"
    );
}

TEST(admin_http, accepts_nobody_once_it_has_stopped) {
    boost::asio::io_context context(1);
    const auto port = free_port();
    admin_http server(context, {"127.0.0.1", port}, {});
    server.stop();
    server.stop();
    context.run();
    EXPECT_FALSE(blocking_client(port).connected());
}

TEST(admin_http, has_stopped_though_a_connection_came_in_the_same_turn) {
    boost::asio::io_context context(1);
    const auto port = free_port();
    admin_http server(context, {"127.0.0.1", port}, {});
    {
        const blocking_client first(port);
        const blocking_client second(port);
        ASSERT_TRUE(first.connected() && second.connected());
    }
    context.run_one(); // accepts the first, and with it the second
    server.stop();
    context.run_for(std::chrono::seconds(5));
    EXPECT_TRUE(context.stopped()) << "something is still waited for";
}

} // namespace
} // namespace wakegate
