#include "proxy/auth/backend_login.hpp"
#include "proxy/auth/scram_server.hpp"
#include "proxy/wire/authentication_messages.hpp"
#include "proxy/wire/messages.hpp"
#include "tests/auth/scram_exchange.hpp"
#include "tests/support/message_bytes.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate::auth {
namespace {

using progress = backend_login::progress;
using namespace std::string_literals;

const std::string greeting = support::parameter_status("server_version", "15.0") +
                             support::backend_key_data("pid!secr") + support::ready_for_query('I');

scram_verifier verifier_of(const std::string& password) {
    return scram_verifier::derive(password, "sixteen bytes it", 4'096);
}

backend_login login_with(const std::string& password) {
    return backend_login(scram_client(secret_text(password), {.nonce = "client+nonce"}));
}

/// A server that asks for SCRAM and sends `after_final` when the proof is right.
struct postgres {
    explicit postgres(const std::string& password)
        : scram({.verifier = verifier_of(password)}, {.nonce = "server+nonce"}) {}

    /// Runs the exchange to its end; each message in pieces of `piece` bytes.
    progress exchange(backend_login& login, const std::string& after_final, std::size_t piece) {
        auto message = wire::authentication_sasl(scram.mechanisms());
        for (;;) {
            auto reached = progress::incomplete;
            for (std::size_t at = 0; at < message.size(); at += piece) {
                reached = login.receive(std::string_view(message).substr(at, piece));
            }
            const auto reply = login.take_reply();
            if (reached != progress::incomplete || reply.empty()) {
                return reached;
            }
            const auto answer = scram.receive(std::string_view(reply).substr(5));
            if (const auto* challenge = std::get_if<scram_challenge>(&answer)) {
                message = wire::authentication_sasl_continue(challenge->data);
            } else if (const auto* success = std::get_if<scram_success>(&answer)) {
                message = wire::authentication_sasl_final(success->data) + after_final;
            } else {
                const auto refusal =
                    support::client_error_of(std::get<scram_server_error>(answer), "ann");
                message =
                    wire::error_response({.sqlstate = refusal.sqlstate, .message = refusal.message}
                    );
            }
        }
    }

    scram_server scram;
};

TEST(backend_login, gives_what_follows_the_login_however_reads_cut_it) {
    for (const std::size_t piece : {1, 2, 7, 4'096}) {
        auto login = login_with("secret");
        postgres server("secret");
        const auto end = wire::authentication_ok() + greeting;
        EXPECT_EQ(server.exchange(login, end, piece), progress::logged_in) << piece;
        EXPECT_TRUE(login.accepted());
        EXPECT_EQ(login.take_remaining(), greeting);
    }
}

TEST(backend_login, uses_the_keys_that_a_proof_has_yielded) {
    const auto verifier = verifier_of("secret");
    auto with_password = login_with("secret");
    postgres first("secret");
    scram_login_keys keys;
    // The proxy recovers the keys as a server, and uses them as a client.
    scram_server gate({.verifier = verifier}, {.nonce = "gate+nonce"});
    scram_client client(secret_text("secret"), {.nonce = "client+nonce"});
    const auto body = [](const scram_client::step& step) {
        return std::get<scram_message>(step).bytes.substr(5);
    };
    auto answer = gate.receive(body(client.begin("SCRAM-SHA-256\0\0"s)));
    answer = gate.receive(body(client.prove(std::get<scram_challenge>(answer).data)));
    keys = std::get<scram_success>(answer).keys;

    backend_login login(scram_client(keys, {.nonce = "another+nonce"}));
    postgres server("secret");
    const auto end = wire::authentication_ok() + greeting;
    EXPECT_EQ(server.exchange(login, end, 4'096), progress::logged_in);
}

TEST(backend_login, passes_the_servers_refusal_on) {
    auto login = login_with("wrong");
    postgres server("secret");
    EXPECT_EQ(server.exchange(login, {}, 4'096), progress::refused);
    const auto rest = login.take_remaining();
    EXPECT_EQ(wire::error_field(std::string_view(rest).substr(5), 'C'), "28P01");
}

TEST(backend_login, makes_a_message_of_what_a_postmaster_says_that_cannot_fork) {
    const auto message = "Ecould not fork new process for connection: Out of memory\n\0"s;
    for (const std::size_t piece : {std::size_t(1), std::size_t(5), message.size()}) {
        auto login = login_with("secret");
        auto reached = progress::incomplete;
        for (std::size_t at = 0; at < message.size(); at += piece) {
            ASSERT_EQ(reached, progress::incomplete) << at;
            reached = login.receive(std::string_view(message).substr(at, piece));
        }
        EXPECT_EQ(reached, progress::refused);
        const auto expected = wire::error_response(
            {.sqlstate = "53000",
             .message = "could not fork new process for connection: Out of memory"}
        );
        EXPECT_EQ(login.take_remaining(), expected);
    }
}

TEST(backend_login, does_not_believe_a_server_that_has_proved_nothing) {
    auto login = login_with("secret");
    const scram_server server({.verifier = verifier_of("secret")}, {.nonce = "x"});
    std::ignore = login.receive(wire::authentication_sasl(server.mechanisms()));
    EXPECT_EQ(login.receive(wire::authentication_ok() + greeting), progress::failed);
    EXPECT_EQ(login.failure().error, scram_error::bad_server_signature);
}

struct answer_case {
    std::string bytes;
    progress reached;
    std::string reason = {};
    bool accepted = false;
};

TEST(backend_login, judges_what_else_a_server_may_say) {
    const auto malformed = "the answer is not the Postgres protocol";
    const auto error = [](std::string_view sqlstate) {
        return wire::error_response({.sqlstate = sqlstate, .message = "no"});
    };
    const auto not_json = "HTTP/1.1 400 Bad Request\r\n\r\n"s;
    const auto notice = wire::notice_response({.message = "hello"});
    const std::vector<answer_case> table = {
        {wire::authentication_ok() + greeting, progress::logged_in, {}, true},
        {notice + wire::authentication_ok() + greeting, progress::logged_in, {}, true},
        {wire::authentication_ok() + greeting.substr(0, 20), progress::incomplete, {}, true},
        {error("57P03"), progress::unavailable},
        {wire::authentication_ok() + error("57P01"), progress::unavailable, {}, true},
        {error("3D000"), progress::refused},
        {wire::authentication_ok() + error("3D000"), progress::refused, {}, true},
        {not_json, progress::failed, malformed},
        {support::frame('R', "\0\0"s), progress::failed, malformed},
        {support::frame('T', "row description"), progress::failed, malformed},
        {"R\0\0\0\3"s, progress::failed, malformed},
        {"R\x7f\xff\xff\xff"s, progress::failed, malformed},
    };
    for (const auto& [bytes, reached, reason, accepted] : table) {
        auto login = login_with("secret");
        EXPECT_EQ(login.receive(bytes), reached) << bytes;
        EXPECT_EQ(login.failure().text, reason) << bytes;
        EXPECT_EQ(login.accepted(), accepted) << bytes;
    }
}

TEST(backend_login, names_the_way_out_of_methods_it_does_not_speak) {
    for (const auto& [kind, name] : std::vector<std::pair<std::uint32_t, std::string>>{
             {3, "the password in the clear"}, {5, "an md5 password"}, {7, "method 7"}
         }) {
        auto login = login_with("secret");
        const auto request = support::frame('R', support::int32(kind) + "salt");
        EXPECT_EQ(login.receive(request), progress::failed);
        EXPECT_NE(login.failure().text.find(name), std::string::npos) << login.failure().text;
        EXPECT_NE(login.failure().text.find("auth: passthrough"), std::string::npos);
    }
}

} // namespace
} // namespace wakegate::auth
