#include "proxy/tls/backend_tls.hpp"
#include "proxy/tls/certificate.hpp"
#include "proxy/tls/server_context.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/configuration_failure.hpp"
#include "tests/support/relay_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace wakegate::tls {
namespace {

using namespace support;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using progress = tls_stream::progress;

struct server_wishes {
    certificate_wishes shows = {.names = {"db.example.com"}};
    bool signed_by_authority = true;
    bool wants_certificate = false;
};

/// A handshake of the context under test with a server, both in one thread, by turns.
struct meeting {
    meeting(const client_context& context, const server_context& other, const std::string& host)
        : ends(connected_pair()),
          client(context.open(ends.first.get(), host)),
          server(other.open(ends.second.get())) {
        auto server_progress = progress::want_read;
        while (client_progress == progress::want_read && server_progress != progress::failed) {
            client->mark_readable();
            client_progress = client->handshake();
            server->mark_readable();
            server_progress =
                server_progress == progress::done ? server_progress : server->handshake();
        }
    }

    std::pair<file_descriptor, file_descriptor> ends;
    std::unique_ptr<tls_stream> client;
    std::unique_ptr<tls_stream> server;
    progress client_progress = progress::want_read;
};

struct client_context_servers : testing::Test {
    client_context_servers() { settings.ca = folder.write("ca.crt", authority.certificate_pem()); }

    /// The client's error; empty: none.
    std::string objection_to(server_wishes server, const std::string& host = "db.example.com") {
        server.shows.issuer = server.signed_by_authority ? &authority : nullptr;
        shown = make_identity(server.shows);
        write_pair(folder, "server", shown);
        const tls::listener_settings from{
            .mode = listener_mode::optional,
            .directory = folder.path() + "/server",
            .client_ca = server.wants_certificate ? settings.ca : "",
        };
        const server_context other(from);
        const client_context context(settings);
        const meeting session(context, other, host);
        EXPECT_EQ(session.client_progress == progress::done, session.client->failure().empty());
        EXPECT_EQ(session.client->is_tls_failure(), session.client_progress != progress::done);
        if (session.client_progress == progress::done) {
            EXPECT_EQ(session.client->alpn_protocol(), "postgresql");
            EXPECT_EQ(session.client->peer_end_point_hash(), end_point_hash(*shown.certificate));
            EXPECT_EQ(session.server->server_name(), host == "127.0.0.1" ? "" : host);
        }
        return session.client->failure();
    }

    void pin(const identity& whose) { settings.pin = sha256_of(*whose.certificate); }

    temporary_folder folder;
    identity authority = make_identity({.common_name = "an authority", .authority = true});
    identity shown = make_identity();
    backend_settings settings{.mode = backend_mode::verify_full};
};

const server_wishes expired{.shows = {.names = {"db.example.com"}, .valid_until = -60}};
const server_wishes strange{.signed_by_authority = false};

TEST_F(client_context_servers, are_verified_in_full) {
    EXPECT_EQ(objection_to({}), "");
    EXPECT_EQ(objection_to({.shows = {.names = {"*.example.com"}}}), "");
    EXPECT_EQ(objection_to({.shows = {.common_name = "db.example.com"}}), "");
}

TEST_F(client_context_servers, must_be_the_one_that_was_dialled) {
    EXPECT_EQ(
        objection_to({.shows = {.names = {"a.example.com", "b.example.com"}}}),
        "the server's certificate is for a.example.com, b.example.com, not for db.example.com"
    );
    EXPECT_EQ(
        objection_to({}, "127.0.0.1"),
        "the server's certificate is for db.example.com, not for 127.0.0.1"
    );
    settings.server_name = "db.example.com";
    EXPECT_EQ(objection_to({}, "db.example.com"), "");
}

TEST_F(client_context_servers, must_have_been_signed_by_the_authority) {
    EXPECT_THAT(
        objection_to(strange),
        StartsWith("the server's certificate is signed by nobody in " + settings.ca)
    );
    settings.mode = backend_mode::verify_ca;
    EXPECT_THAT(objection_to(strange), HasSubstr("signed by nobody"));
}

TEST_F(client_context_servers, must_not_have_expired) {
    EXPECT_THAT(objection_to(expired), StartsWith("the server's certificate has expired ("));
}

TEST_F(client_context_servers, need_not_have_the_name_when_only_their_authority_counts) {
    settings.mode = backend_mode::verify_ca;
    EXPECT_EQ(objection_to({}, "elsewhere.example.com"), "");
    EXPECT_THAT(objection_to(expired), HasSubstr("has expired"));
}

TEST_F(client_context_servers, may_be_anybody_when_nothing_is_verified) {
    settings.mode = backend_mode::require;
    EXPECT_EQ(objection_to(strange), "");
    EXPECT_EQ(objection_to(expired, "elsewhere.example.com"), "");
}

TEST_F(client_context_servers, must_show_the_pinned_certificate_if_there_is_one) {
    settings.mode = backend_mode::require;
    pin(shown);
    EXPECT_THAT(objection_to({}), StartsWith("the server's certificate is not the pinned one; "));
    EXPECT_THAT(objection_to({}), HasSubstr("not the pinned one"));
    settings.mode = backend_mode::verify_full;
    const auto objection = objection_to({});
    EXPECT_THAT(objection, HasSubstr(to_hex(sha256_of(*shown.certificate))));
}

TEST_F(client_context_servers, are_who_the_pin_says_whatever_else_their_certificate_says) {
    settings.mode = backend_mode::require;
    const auto pinned = make_identity({.common_name = "nobody", .valid_until = -60});
    write_pair(folder, "pinned", pinned);
    pin(pinned);
    const server_context other(
        {.mode = listener_mode::optional, .directory = folder.path() + "/pinned"}
    );
    const client_context context(settings);
    EXPECT_EQ(meeting(context, other, "db.example.com").client_progress, progress::done);
}

TEST_F(client_context_servers, are_shown_a_certificate_when_they_want_one) {
    const auto own = make_identity({.common_name = "the gate", .issuer = &authority});
    settings.certificate = folder.write("gate.crt", own.certificate_pem());
    settings.key = folder.write("gate.key", own.key_pem());
    EXPECT_EQ(objection_to({.wants_certificate = true}), "");
    EXPECT_THAT(client_context(settings).not_after(), HasSubstr("GMT"));
}

TEST_F(client_context_servers, that_just_leave_do_not_disagree) {
    const client_context context(settings);
    const auto ends = connected_pair();
    const auto stream = context.open(ends.first.get(), "db.example.com");
    ::shutdown(ends.second.get(), SHUT_WR);
    stream->mark_readable();
    EXPECT_EQ(stream->handshake(), progress::failed);
    EXPECT_EQ(stream->failure(), "");
    EXPECT_FALSE(stream->is_tls_failure());
}

TEST_F(client_context_servers, are_judged_by_the_authorities_that_the_file_names_now) {
    backend_tls watched("app", settings);
    const auto before = watched.current();
    watched.reload_if_changed();
    EXPECT_EQ(watched.current(), before);
    folder.write("ca.crt", "not a certificate\n");
    watched.reload_if_changed();
    EXPECT_EQ(watched.current(), before);
    folder.write("ca.crt", make_identity({.authority = true}).certificate_pem());
    watched.reload_if_changed();
    EXPECT_NE(watched.current(), before);
}

} // namespace
} // namespace wakegate::tls
