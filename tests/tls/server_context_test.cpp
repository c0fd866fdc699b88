#include "proxy/tls/certificate.hpp"
#include "proxy/tls/server_context.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/relay_rig.hpp"
#include "tests/support/tls_far_end.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <malloc.h>
#include <optional>
#include <string>
#include <thread>

namespace wakegate::tls {
namespace {

using namespace support;
using ::testing::HasSubstr;
using progress = tls_stream::progress;

void wait_for(int descriptor, short events) {
    pollfd wanted{.fd = descriptor, .events = events, .revents = 0};
    require(::poll(&wanted, 1, 60'000) == 1, "nothing comes");
}

progress handshake(tls_stream& stream, int descriptor) {
    for (;;) {
        stream.mark_readable();
        const auto now = stream.handshake();
        if (now == progress::done || now == progress::failed) {
            return now;
        }
        wait_for(descriptor, now == progress::want_write ? POLLOUT : POLLIN);
    }
}

std::string receive(tls_stream& stream, int descriptor, std::size_t size) {
    std::string text(size, '\0');
    std::size_t total = 0;
    while (total < size) {
        stream.mark_readable();
        const auto count = stream.receive(std::span(text).subspan(total));
        if (count > 0) {
            total += static_cast<std::size_t>(count);
        } else if (count < 0 && errno == EAGAIN) {
            wait_for(descriptor, POLLIN);
        } else {
            break;
        }
    }
    text.resize(total);
    return text;
}

/// Both ends of one connection, whose handshakes run at the same time.
struct tls_connection {
    tls_connection(const server_context& context, const tls_client_wishes& wishes)
        : ends(connected_pair()), client(ends.first.get(), wishes) {
        server = context.open(ends.second.get());
        std::thread other([this] { client_connected = client.connect(); });
        server_progress = handshake(*server, ends.second.get());
        if (server_progress == progress::failed) {
            ::shutdown(ends.second.get(), SHUT_WR);
        }
        other.join();
    }

    [[nodiscard]] bool connected() const {
        return client_connected && server_progress == progress::done;
    }

    std::pair<file_descriptor, file_descriptor> ends;
    tls_far_end client;
    std::unique_ptr<tls_stream> server;
    bool client_connected = false;
    progress server_progress = progress::failed;
};

struct served : testing::Test {
    [[nodiscard]] listener_settings all(const std::string& client_ca = {}) const {
        return {
            .mode = listener_mode::optional, .directory = folder.path(), .client_ca = client_ca
        };
    }

    void write(const std::string& folder_name, const identity& subject) {
        write_pair(folder, folder_name, subject);
    }

    temporary_folder folder;
};

struct server_context_several_names : served {
    server_context_several_names() {
        write(".", make_identity({.common_name = "first"}));
        write("a", make_identity({.common_name = "a", .names = {"a.example.com", "*.a.net"}}));
        write("b", make_identity({.common_name = "b", .names = {"B.example.com", "x.a.net"}}));
        write("c", make_identity({.common_name = "c.example.com"}));
        write("d", make_identity({.common_name = "d", .names = {"a.example.com"}}));
        context.emplace(all());
    }

    /// The common name of the certificate that a client gets for SNI `name`.
    std::string shown_to(const std::string& name) {
        const tls_connection talk(*context, {.server_name = name});
        EXPECT_TRUE(talk.connected()) << talk.server->failure();
        if (!name.empty()) {
            EXPECT_EQ(talk.server->server_name(), normalize_server_name(name));
        }
        auto& shown = talk.client.certificate();
        EXPECT_EQ(talk.server->own_end_point_hash(), end_point_hash(shown));
        std::array<char, 64> text{};
        X509_NAME_get_text_by_NID(
            X509_get_subject_name(&shown), NID_commonName, text.data(), text.size()
        );
        return text.data();
    }

    std::optional<server_context> context;
};

TEST_F(server_context_several_names, are_chosen_from_by_the_clients_server_name) {
    EXPECT_EQ(shown_to("a.example.com"), "a") << "the first by folder, not d";
    EXPECT_EQ(shown_to("b.example.com"), "b");
    EXPECT_EQ(shown_to("A.Example.COM"), "a");
    EXPECT_EQ(shown_to("c.example.com"), "c.example.com") << "by its common name";
    EXPECT_EQ(shown_to("any.a.net"), "a") << "by a wildcard";
    EXPECT_EQ(shown_to("x.a.net"), "b") << "an exact name goes before a wildcard";
}

TEST_F(
    server_context_several_names, give_way_to_the_first_certificate_for_a_name_that_none_is_for
) {
    EXPECT_EQ(shown_to(""), "first");
    EXPECT_EQ(shown_to("a.net"), "first");
    EXPECT_EQ(shown_to("x.y.a.net"), "first");
    EXPECT_EQ(shown_to("localhost"), "first");
}

struct server_context_one_certificate : served {
    server_context_one_certificate() { write(".", make_identity()); }
};

TEST_F(server_context_one_certificate, is_enough_to_talk_both_ways) {
    const server_context context(all());
    tls_connection talk(context, {});
    ASSERT_TRUE(talk.connected());
    EXPECT_EQ(talk.server->version(), "TLSv1.3");
    EXPECT_EQ(talk.server->alpn_protocol(), "");
    EXPECT_EQ(talk.server->server_name(), "");
    talk.client.send_all("question");
    EXPECT_EQ(receive(*talk.server, talk.ends.second.get(), 8), "question");
    EXPECT_EQ(talk.server->send("answer"), progress::done);
    EXPECT_EQ(talk.client.receive(6), "answer");
    EXPECT_EQ(talk.server->send_close_notify(), progress::done);
    EXPECT_EQ(talk.client.receive_all(), "");
    EXPECT_TRUE(talk.client.said_goodbye());
}

TEST_F(server_context_one_certificate, serves_tls_1_2_but_nothing_older) {
    const server_context context(all());
    EXPECT_TRUE(tls_connection(context, {.highest = TLS1_2_VERSION}).connected());
    const tls_connection old(context, {.highest = TLS1_1_VERSION});
    EXPECT_FALSE(old.connected());
}

TEST_F(server_context_one_certificate, agrees_on_the_protocol_with_those_who_offer_it) {
    const server_context context(all());
    const tls_connection talk(context, {.protocols = "\2h2" + postgresql_alpn});
    ASSERT_TRUE(talk.connected());
    EXPECT_EQ(talk.server->alpn_protocol(), "postgresql");
}

TEST_F(server_context_one_certificate, turns_those_away_who_offer_other_protocols_only) {
    const server_context context(all());
    const tls_connection talk(context, {.protocols = "\2h2\x8http/1.1"});
    EXPECT_FALSE(talk.connected());
    EXPECT_THAT(talk.client.reason(), HasSubstr("no application protocol"));
}

TEST_F(server_context_one_certificate, resumes_sessions_by_ticket) {
    const server_context context(all());
    tls_connection first(context, {});
    ASSERT_EQ(first.server->send("x"), progress::done);
    ASSERT_EQ(first.client.receive(1), "x"); // reads the session ticket before it, too
    auto* const session = SSL_get1_session(first.client.ssl());
    const tls_connection second(context, {.resumed = session});
    EXPECT_TRUE(second.connected());
    EXPECT_EQ(SSL_session_reused(second.client.ssl()), 1);
    SSL_SESSION_free(session);
}

TEST_F(server_context_one_certificate, does_not_talk_to_what_is_no_tls) {
    const server_context context(all());
    const auto ends = connected_pair();
    const auto stream = context.open(ends.second.get());
    const std::string plain(100, 'Q');
    ASSERT_EQ(::send(ends.first.get(), plain.data(), plain.size(), 0), 100);
    EXPECT_EQ(handshake(*stream, ends.second.get()), progress::failed);
    EXPECT_NE(stream->failure(), "");
}

TEST_F(server_context_one_certificate, has_nothing_to_say_of_clients_that_just_leave) {
    const server_context context(all());
    const auto ends = connected_pair();
    const auto stream = context.open(ends.second.get());
    ::shutdown(ends.first.get(), SHUT_WR);
    EXPECT_EQ(handshake(*stream, ends.second.get()), progress::failed);
    EXPECT_EQ(stream->failure(), "");
}

TEST_F(
    server_context_one_certificate, reads_everything_before_the_end_of_a_client_that_says_no_goodbye
) {
    const server_context context(all());
    tls_connection talk(context, {});
    talk.client.send_all("last words");
    ::shutdown(talk.ends.first.get(), SHUT_WR);
    EXPECT_EQ(receive(*talk.server, talk.ends.second.get(), 100), "last words");
}

struct server_context_client_ca : server_context_one_certificate {
    identity authority = make_identity({.common_name = "an authority", .authority = true});
    std::string file = folder.write("authority.crt", authority.certificate_pem());
};

TEST_F(server_context_one_certificate, has_enough_of_a_client_that_only_changes_its_keys) {
    const server_context context(all());
    tls_connection talk(context, {.highest = TLS1_3_VERSION});
    ASSERT_TRUE(talk.connected());
    const auto change_keys = [&talk](int times) {
        for (int i = 0; i < times; ++i) {
            SSL_key_update(talk.client.ssl(), SSL_KEY_UPDATE_NOT_REQUESTED);
            SSL_do_handshake(talk.client.ssl());
        }
    };
    change_keys(100);
    talk.client.send_all("data");
    EXPECT_EQ(receive(*talk.server, talk.ends.second.get(), 4), "data");
    change_keys(6'000); // 27 bytes each
    talk.client.send_all("more data");
    EXPECT_EQ(receive(*talk.server, talk.ends.second.get(), 9), "") << "as if it had left";
}

TEST_F(server_context_client_ca, admits_those_whom_it_has_signed) {
    const server_context context(all(file));
    const auto known = make_identity(
        {.common_name = "Ann", .names = {"a.example.com", "B.example.com"}, .issuer = &authority}
    );
    const tls_connection talk(context, {.own = &known});
    EXPECT_TRUE(talk.connected());
    EXPECT_THAT(
        talk.server->peer_names(), testing::ElementsAre("Ann", "a.example.com", "B.example.com")
    );
}

TEST_F(server_context_client_ca, admits_nobody_else) {
    const server_context context(all(file));
    const auto stranger = make_identity({.common_name = "ann"});
    EXPECT_EQ(tls_connection(context, {}).server_progress, progress::failed);
    EXPECT_EQ(tls_connection(context, {.own = &stranger}).server_progress, progress::failed);
}

TEST_F(server_context_one_certificate, keeps_an_idle_session_below_20_kib) {
    const server_context context(all());
    constexpr std::size_t sessions = 100;
    std::vector<std::unique_ptr<tls_stream>> idle;
    std::vector<std::pair<file_descriptor, file_descriptor>> open;
    idle.reserve(sessions);
    open.reserve(sessions);
    const auto before = ::mallinfo2();
    for (std::size_t i = 0; i < sessions; ++i) {
        tls_connection talk(context, {});
        talk.client.send_all("question");
        ASSERT_EQ(receive(*talk.server, talk.ends.second.get(), 8), "question");
        ASSERT_EQ(talk.server->send(std::string(20'000, 'x')), progress::done);
        std::string nothing(8, '\0');
        ASSERT_EQ(talk.server->receive(nothing), -1); // the relay reads until there is nothing
        open.push_back(std::move(talk.ends));
        idle.push_back(std::move(talk.server));
    }
    const auto after = ::mallinfo2();
    const auto each = (after.uordblks + after.hblkhd - before.uordblks - before.hblkhd) / sessions;
    RecordProperty("bytes", static_cast<int>(each));
    EXPECT_LE(each, 20U * 1024);
}

} // namespace
} // namespace wakegate::tls
