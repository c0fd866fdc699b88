#include "proxy/session/authenticate_client.hpp"
#include "proxy/session/client_error.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/message_bytes.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wakegate::proxy {
namespace {

std::string printable(std::string_view bytes) {
    std::string shown;
    for (const char byte : bytes) {
        const bool is_plain = byte >= ' ' && byte <= '~' && byte != '\\';
        shown += is_plain ? std::string(1, byte)
                          : fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
    }
    return shown;
}

template <typename Error> client_error error_for(const Error& error) {
    return to_client_error(error);
}

client_error at_gate(const gate_refusal& refused) {
    return to_client_error(refused, "app");
}

client_error at_login(const auth_error& error) {
    return to_client_error(error, "ann");
}

client_error at_server(const connect_error& error) {
    return to_client_error(error, "app", "ann");
}

client_error unsupported(std::uint32_t protocol) {
    return error_for(
        handshake_error{.code = handshake_errc::unsupported_protocol, .protocol = protocol}
    );
}

using named_error = std::pair<std::string, client_error>;

std::vector<named_error> errors_of_the_gate() {
    using gate = gate_error;
    return {
        {"hold timeout", at_gate({gate::hold_timeout})},
        {"no scaler", at_gate({gate::no_scaler})},
        {"no scaled object", at_gate({gate::no_scaled_object})},
        {"turned away", at_gate({gate::turned_away})},
        {"unconfirmed", at_gate({gate::unconfirmed})},
        {"logins", at_gate({gate::logins})},
        {"full", at_gate({gate::full, 92})},
        {"queue full", at_gate({gate::queue_full})},
        {"draining", at_gate({gate::draining})},
        {"may not wake", at_gate({gate::may_not_wake})},
    };
}

std::vector<named_error> errors_of_other_stages() {
    using setup = handshake_errc;
    using route = route_errc;
    using limit = limit_errc;
    using login = auth_errc;
    using server = connect_errc;
    return {
        {"no such database", error_for(route_error{route::no_route, "shop"})},
        {"names disagree",
         error_for(route_error{route::contradicting_names, "the options name more than one cluster"}
         )},
        {"no such server", error_for(route_error{route::no_route_for_server, "db.example.com"})},
        {"bad startup", error_for(handshake_error{setup::unencrypted_data})},
        {"unsupported protocol", unsupported(0x0004'0000)},
        {"protocol 2", unsupported(0x0002'0000)},
        {"protocol 0", unsupported(0)},
        {"invalid layout", error_for(handshake_error{setup::invalid_layout})},
        {"no user", error_for(handshake_error{setup::no_user})},
        {"startup too slow", error_for(handshake_error{setup::startup_timeout})},
        {"authentication too slow", at_login({.code = login::timeout})},
        {"login too slow", at_server({server::login_too_slow})},
        {"too many failures",
         at_login({.code = login::throttled, .retry_after = milliseconds(1'500)})},
        {"stale verifier", at_server({server::stale_verifier, "other salt"})},
        {"server wants md5", at_server({server::login_failed, "it asks for md5"})},
        {"server not trusted", at_server({server::tls_not_offered})},
        {"encryption required",
         error_for(handshake_error{
             .code = setup::encryption_required,
             .user = "ann",
             .database = "shop",
             .host = "10.0.0.1",
         })},
        {"too many clients", error_for(limit_error{limit::max_clients})},
        {"too many clients from", error_for(limit_error{limit::max_clients_per_source, "10.0.0.1"})
        },
        {"too many clients of cluster", error_for(limit_error{limit::max_clients_of_cluster, "app"})
        },
        {"too many clients of role", error_for(limit_error{limit::max_clients_per_role, "ann"})},
        {"certificate not for role", at_login({.code = login::certificate_not_mapped})},
        {"draining between transactions", error_for(relay_error{relay_errc::draining})},
        {"login too slow at the relay", error_for(relay_error{relay_errc::login_timeout})},
        {"server closed", error_for(relay_error{relay_errc::server_lost})},
        {"server lost", error_for(relay_error{relay_errc::server_lost, ECONNRESET})},
    };
}

TEST(client_error, is_what_users_and_their_drivers_know) {
    auto table = errors_of_the_gate();
    std::ranges::move(errors_of_other_stages(), std::back_inserter(table));
    std::string shown;
    for (const auto& [name, refused] : table) {
        shown += fmt::format("{}\n  {} {}\n", name, refused.sqlstate, refused.message);
        if (!refused.detail.empty()) {
            shown += fmt::format("  detail: {}\n", refused.detail);
        }
        if (!refused.hint.empty()) {
            shown += fmt::format("  hint: {}\n", refused.hint);
        }
        shown += fmt::format("  bytes: {}\n", printable(refused.to_message()));
    }
    support::expect_golden(GOLDEN_FOLDER "/proxy_refusals.txt", shown);
}

TEST(client_error, says_why_a_message_is_no_sasl_response) {
    using wire::sasl_message_errc;
    const std::vector<std::pair<wire::sasl_message_error, std::string_view>> table{
        {{sasl_message_errc::unexpected_type, 'Q'}, "expected SASL response, got message type 81"},
        {{sasl_message_errc::unexpected_type, 0xff}, "expected SASL response, got message type 255"
        },
        {{sasl_message_errc::invalid_length},
         "invalid message length: a SASL response is at most 512 bytes long"},
    };
    for (const auto& [error, text] : table) {
        const auto refused = at_login({.code = auth_errc::malformed_message, .message = error});
        EXPECT_EQ(refused.sqlstate, "08P01");
        EXPECT_EQ(refused.message, text);
    }
}

TEST(client_error, becomes_one_whole_error_response) {
    const auto refused = error_for(route_error{route_errc::no_route, "shop"});
    const auto body = support::text("SFATAL") + support::text("VFATAL") + support::text("C3D000") +
                      support::text("Mdatabase \"shop\" is not served here") +
                      support::text("H" + std::string(refused.hint)) + '\0';
    EXPECT_EQ(refused.to_message(), support::frame('E', body));
}

/// A wrong proof's cause depends on what is known of the role; only the log names it.
TEST(client_error, has_a_cause_for_the_log_that_the_client_is_not_told) {
    const std::vector<std::pair<role_status, std::string_view>> proofs{
        {{.is_known = true}, "wrong_password"},
        {{.is_known = true, .has_expired = true}, "expired"},
        {{}, "unknown_role"},
        {{.lacks_verifier = true}, "no_verifier"},
        {{.is_known = true, .lacks_verifier = true}, "wrong_password"},
        {{.nobody_is_known = true}, "no_roles_known"},
    };
    for (const auto& [role, cause] : proofs) {
        const auth_error error{.code = wrong_proof(role)};
        EXPECT_EQ(log_cause(error), cause);
        EXPECT_EQ(at_login(error).message, at_login({.code = auth_errc::unknown_role}).message);
    }
    const std::vector<std::pair<auth_errc, std::string_view>> others{
        {auth_errc::channel_binding, "channel_binding"},
        {auth_errc::timeout, "timeout"},
        {auth_errc::malformed_message, "protocol"},
        {auth_errc::sasl_failed, "protocol"},
        {auth_errc::unsupported_protocol, "protocol"},
        {auth_errc::throttled, "throttled"},
        {auth_errc::throttled_without_roles, "no_roles_known"},
        {auth_errc::certificate_not_mapped, "certificate_not_mapped"},
    };
    for (const auto& [code, cause] : others) {
        const auth_error error{.code = code};
        EXPECT_EQ(log_cause(error), cause);
    }
}

TEST(client_error, of_a_server_has_a_cause_only_when_it_is_about_the_client) {
    const auto cause_of = [](connect_errc code) { return log_cause(connect_error{code}); };
    EXPECT_EQ(cause_of(connect_errc::stale_verifier), "old_verifier");
    EXPECT_EQ(cause_of(connect_errc::login_failed), "server_login");
    EXPECT_EQ(cause_of(connect_errc::login_too_slow), "");
    EXPECT_EQ(cause_of(connect_errc::tls_failed), "");
}

TEST(client_error, is_an_alert_where_tls_passes_through) {
    auto unknown = error_for(route_error{route_errc::no_route_for_server, "db"});
    unknown.form = error_form::tls_alert;
    EXPECT_EQ(unknown.to_message(), std::string("\x15\x03\x03\0\x02\x02\x70", 7));
    auto crowded = error_for(limit_error{limit_errc::max_clients});
    crowded.form = error_form::tls_alert;
    EXPECT_EQ(crowded.to_message(), std::string("\x15\x03\x03\0\x02\x02\x50", 7));
}

} // namespace
} // namespace wakegate::proxy
