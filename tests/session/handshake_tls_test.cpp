#include "proxy/session/handshake.hpp"
#include "tests/session/handshake_outcome.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/message_bytes.hpp"
#include "tests/support/tls_far_end.hpp"

#include <boost/asio/read.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <thread>
#include <variant>

namespace wakegate::proxy {
namespace {

using namespace support;
using ::testing::HasSubstr;

const auto startup_bytes = support::startup({{"user", "ann"}, {"database", "app"}});
const auto direct =
    tls_client_wishes{.server_name = "DB.example.com", .protocols = "\xapostgresql"};

/// The gate's handshake runs in this thread, a blocking client in another.
struct handshake_tls_test : testing::Test {
    handshake_tls_test() {
        write_pair(folder, ".", make_identity());
        offer(tls::listener_mode::optional);
    }

    void offer(tls::listener_mode how) {
        listener = std::make_unique<tls::listener_tls>(
            "main", tls::listener_settings{how, "", "", folder.path()}
        );
        rules.tls = listener.get();
    }

    handshake_outcome greeted(const std::function<void(tcp::socket& client)>& talk) {
        pair.far.native_non_blocking(false);
        std::thread client([&] {
            talk(pair.far);
            boost::system::error_code ignored;
            pair.far.shutdown(tcp::socket::shutdown_send, ignored);
        });
        auto result = run(context, handshake(near, rules));
        near.shutdown_send();
        client.join();
        return result;
    }

    static char answer(tcp::socket& client) {
        char byte = 0;
        boost::system::error_code ignored;
        asio::read(client, asio::buffer(&byte, 1), ignored);
        return byte;
    }

    temporary_folder folder;
    std::unique_ptr<tls::listener_tls> listener;
    asio::io_context context{1};
    connected_pair pair{context};
    client_socket near{std::move(pair.near)};
    handshake_settings rules{.startup_timeout = seconds(60), .tls_timeout = seconds(60)};
};

TEST_F(handshake_tls_test, says_what_it_wants_behind_a_request_for_tls) {
    const auto startup = as<wire::startup_message>(greeted([](tcp::socket& client) {
        asio::write(client, asio::buffer(ssl_request()));
        ASSERT_EQ(answer(client), 'S');
        tls_far_end secured(client.native_handle());
        ASSERT_TRUE(secured.connect()) << secured.reason();
        secured.send_all(startup_bytes);
    }));
    EXPECT_EQ(startup.raw, startup_bytes);
    EXPECT_TRUE(near.uses_tls());
}

TEST_F(handshake_tls_test, says_what_it_wants_behind_direct_tls) {
    const auto startup = as<wire::startup_message>(greeted([](tcp::socket& client) {
        tls_far_end secured(client.native_handle(), direct);
        ASSERT_TRUE(secured.connect()) << secured.reason();
        for (const char byte : startup_bytes) {
            secured.send_all({&byte, 1});
        }
    }));
    EXPECT_EQ(startup.raw, startup_bytes);
    EXPECT_EQ(near.tls()->server_name(), "db.example.com");
}

TEST_F(handshake_tls_test, is_not_opened_where_tls_is_the_servers) {
    rules.tls = nullptr;
    rules.tls_passthrough = true;
    const auto hello = as<wire::client_hello>(greeted([](tcp::socket& client) {
        asio::write(client, asio::buffer(ssl_request()));
        ASSERT_EQ(answer(client), 'S');
        tls_far_end secured(client.native_handle(), direct);
        EXPECT_FALSE(secured.connect()) << "nobody has answered";
    }));
    EXPECT_EQ(hello.server_name, "db.example.com");
    EXPECT_EQ(hello.raw.substr(0, 1), "\x16");
    EXPECT_FALSE(near.uses_tls());
}

TEST_F(handshake_tls_test, is_not_opened_when_it_begins_at_once) {
    rules.tls = nullptr;
    rules.tls_passthrough = true;
    const auto hello = as<wire::client_hello>(greeted([](tcp::socket& client) {
        tls_far_end secured(client.native_handle(), direct);
        EXPECT_FALSE(secured.connect()) << "nobody has answered";
    }));
    EXPECT_TRUE(hello.offers("postgresql"));
}

TEST_F(handshake_tls_test, is_all_that_is_taken_where_it_is_the_servers) {
    rules.tls = nullptr;
    rules.tls_passthrough = true;
    const auto refused = client_error_of(greeted([](tcp::socket& client) {
        asio::write(client, asio::buffer(startup_bytes));
    }));
    EXPECT_EQ(refused.sqlstate, "28000");
}

TEST_F(handshake_tls_test, is_none_when_what_follows_is_no_hello) {
    rules.tls = nullptr;
    rules.tls_passthrough = true;
    const auto failed = error_of(
        greeted([](tcp::socket& client) {
            asio::write(client, asio::buffer(ssl_request()));
            ASSERT_EQ(answer(client), 'S');
            asio::write(client, asio::buffer(startup_bytes));
        }),
        handshake_errc::tls_failed
    );
    EXPECT_EQ(failed.reason, "it is no TLS");
}

TEST_F(handshake_tls_test, may_go_on_in_the_clear_where_tls_is_optional) {
    as<wire::startup_message>(greeted([](tcp::socket& client) {
        asio::write(client, asio::buffer(startup_bytes));
    }));
    EXPECT_FALSE(near.uses_tls());
}

TEST_F(handshake_tls_test, is_refused_in_the_clear_where_tls_is_required) {
    offer(tls::listener_mode::required);
    const auto refused = client_error_of(greeted([](tcp::socket& client) {
        asio::write(client, asio::buffer(startup_bytes));
    }));
    EXPECT_EQ(refused.sqlstate, "28000");
    EXPECT_EQ(refused.message, "the gate takes only connections with TLS here");
}

TEST_F(handshake_tls_test, may_cancel_in_the_clear_even_where_tls_is_required) {
    offer(tls::listener_mode::required);
    const auto cancel = as<wire::cancel_request>(greeted([](tcp::socket& client) {
        asio::write(client, asio::buffer(support::cancel_request("pid!secr")));
    }));
    EXPECT_EQ(cancel.key, "pid!secr");
}

TEST_F(handshake_tls_test, may_ask_for_gssapi_first) {
    as<wire::startup_message>(greeted([](tcp::socket& client) {
        asio::write(client, asio::buffer(gss_request()));
        ASSERT_EQ(answer(client), 'N');
        asio::write(client, asio::buffer(ssl_request()));
        ASSERT_EQ(answer(client), 'S');
        tls_far_end secured(client.native_handle());
        ASSERT_TRUE(secured.connect());
        secured.send_all(startup_bytes);
    }));
    EXPECT_TRUE(near.uses_tls());
}

TEST_F(handshake_tls_test, is_refused_when_it_did_not_wait_for_the_answer) {
    const auto refused = client_error_of(greeted([](tcp::socket& client) {
        asio::write(client, asio::buffer(ssl_request() + startup_bytes));
    }));
    EXPECT_EQ(refused.sqlstate, "08P01");
    EXPECT_EQ(refused.message, "received unencrypted data after SSL request");
}

TEST_F(handshake_tls_test, gets_nothing_through_in_the_clear_behind_the_answer) {
    const auto failed = error_of(
        greeted([](tcp::socket& client) {
            asio::write(client, asio::buffer(ssl_request()));
            ASSERT_EQ(answer(client), 'S');
            asio::write(client, asio::buffer(startup_bytes));
        }),
        handshake_errc::tls_failed
    );
    EXPECT_NE(failed.reason, "");
}

TEST_F(handshake_tls_test, must_agree_on_the_protocol_in_direct_tls) {
    const auto failed = error_of(
        greeted([](tcp::socket& client) {
            tls_far_end secured(client.native_handle());
            ASSERT_TRUE(secured.connect());
            secured.send_all(startup_bytes);
        }),
        handshake_errc::tls_failed
    );
    EXPECT_THAT(failed.reason, HasSubstr("ALPN"));
}

TEST_F(handshake_tls_test, may_not_be_asked_for_again_once_it_is_there) {
    for (const auto& request : {ssl_request(), gss_request()}) {
        pair = connected_pair(context);
        near = client_socket(std::move(pair.near));
        const auto refused = client_error_of(greeted([&request](tcp::socket& client) {
            asio::write(client, asio::buffer(ssl_request()));
            ASSERT_EQ(answer(client), 'S');
            tls_far_end secured(client.native_handle());
            ASSERT_TRUE(secured.connect());
            secured.send_all(request);
        }));
        EXPECT_EQ(refused.sqlstate, "0A000");
    }
}

TEST_F(handshake_tls_test, is_declined_behind_direct_tls) {
    const auto startup = as<wire::startup_message>(greeted([](tcp::socket& client) {
        tls_far_end secured(client.native_handle(), direct);
        ASSERT_TRUE(secured.connect());
        secured.send_all(ssl_request() + startup_bytes);
    }));
    EXPECT_EQ(startup.raw, startup_bytes);
}

TEST_F(handshake_tls_test, is_not_waited_for_in_the_middle_of_a_handshake) {
    rules.tls_timeout = milliseconds(20);
    const auto failed = error_of(
        greeted([](tcp::socket& client) {
            asio::write(client, asio::buffer("\x16\x03\x01", 3));
            EXPECT_EQ(answer(client), '\0'); // the stream's end
        }),
        handshake_errc::tls_failed
    );
    EXPECT_EQ(failed.reason, "it took too long");
}

TEST_F(handshake_tls_test, is_not_waited_for_behind_the_handshake) {
    rules.startup_timeout = seconds(2);
    const auto refused = client_error_of(greeted([](tcp::socket& client) {
        tls_far_end secured(client.native_handle(), direct);
        ASSERT_TRUE(secured.connect());
        EXPECT_EQ(secured.receive_all(), "");
    }));
    EXPECT_EQ(refused.sqlstate, "08006");
}

TEST_F(handshake_tls_test, may_leave_instead_of_a_handshake) {
    error_of(
        greeted([](tcp::socket& client) {
            asio::write(client, asio::buffer(ssl_request()));
            EXPECT_EQ(answer(client), 'S');
        }),
        handshake_errc::client_disconnected
    );
}

TEST_F(handshake_tls_test, may_leave_without_a_word) {
    error_of(greeted([](tcp::socket&) {}), handshake_errc::client_disconnected);
}

} // namespace
} // namespace wakegate::proxy
