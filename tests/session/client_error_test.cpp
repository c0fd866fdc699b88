#include "proxy/session/client_error.hpp"
#include "proxy/wire/messages.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/message_bytes.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <optional>
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

TEST(client_error, is_what_users_and_their_drivers_know) {
    const std::vector<std::pair<std::string, client_error>> table = {
        {"hold timeout", at_the_gate({gate_error::hold_timeout}, "app")},
        {"no scaler", at_the_gate({gate_error::no_scaler}, "app")},
        {"no scaled object", at_the_gate({gate_error::no_scaled_object}, "app")},
        {"turned away", at_the_gate({gate_error::turned_away}, "app")},
        {"unconfirmed", at_the_gate({gate_error::unconfirmed}, "app")},
        {"logins", at_the_gate({gate_error::logins}, "app")},
        {"full", at_the_gate({gate_error::full, 92}, "app")},
        {"queue full", at_the_gate({gate_error::queue_full}, "app")},
        {"draining", at_the_gate({gate_error::draining}, "app")},
        {"may not wake", at_the_gate({gate_error::may_not_wake}, "app")},
        {"hung up", at_the_gate({gate_error::hung_up}, "app")},
        {"no such database", no_such_database("shop")},
        {"names disagree", names_disagree("the options name more than one cluster")},
        {"no such server", no_such_server("db.example.com")},
        {"bad startup", bad_startup("received unencrypted data after SSL request")},
        {"unsupported protocol",
         startup_rejected({wire::startup_error::unsupported_protocol, 0x0004'0000})},
        {"protocol 2", startup_rejected({wire::startup_error::unsupported_protocol, 0x0002'0000})},
        {"protocol 0", startup_rejected({wire::startup_error::unsupported_protocol, 0})},
        {"invalid layout", startup_rejected({wire::startup_error::invalid_layout, 0x0003'0000})},
        {"no user", startup_rejected({wire::startup_error::no_user, 0x0003'0000})},
        {"startup too slow", startup_too_slow()},
        {"authentication too slow", authentication_too_slow()},
        {"login too slow", login_too_slow("app")},
        {"too many failures", too_many_failures(milliseconds(1'500))},
        {"stale verifier",
         server_login_failed("ann", {auth::scram_error::stale_verifier, "other salt"})},
        {"server wants md5", server_login_failed("ann", {std::nullopt, "it asks for md5"})},
        {"server not trusted", server_not_trusted("app")},
        {"encryption required", encryption_required("10.0.0.1", "ann", "shop")},
        {"too many clients", too_many_clients()},
        {"too many clients from", too_many_clients_from("10.0.0.1")},
        {"too many clients of cluster", too_many_clients_of_cluster("app")},
        {"too many clients of role", too_many_clients_of_role("ann")},
        {"certificate not for role", certificate_not_for_role("ann")},
        {"out of resources", out_of_resources()},
    };
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

TEST(client_error, becomes_one_whole_error_response) {
    const auto refused = no_such_database("shop");
    const auto body = support::text("SFATAL") + support::text("VFATAL") + support::text("C3D000") +
                      support::text("Mdatabase \"shop\" is not served here") +
                      support::text("H" + std::string(refused.hint)) + '\0';
    EXPECT_EQ(refused.to_message(), support::frame('E', body));
}

TEST(waiting_notice, names_the_cause_and_of_a_wake_how_long_it_takes) {
    const std::vector<std::pair<hold_cause, std::string>> table = {
        {hold_cause::waking, "waiting for cluster \"app\" to wake up"},
        {hold_cause::turned_away, "waiting for cluster \"app\" to open sessions"},
        {hold_cause::unconfirmed, "waiting until the gate finds cluster \"app\" ready"},
        {hold_cause::full, "waiting for a free connection to cluster \"app\""},
        {hold_cause::logins, "waiting for earlier logins to cluster \"app\""},
    };
    for (const auto& [cause, message] : table) {
        const bool is_wake = cause == hold_cause::waking;
        const auto hint = std::string(is_wake ? "That usually takes 2 s." : "");
        const auto with_hint = wire::notice_response({.message = message, .hint = hint});
        EXPECT_EQ(waiting_notice(cause, "app", milliseconds(1'500)), with_hint);
        const auto without = wire::notice_response({.message = message});
        EXPECT_EQ(waiting_notice(cause, "app", std::nullopt), without);
    }
}

TEST(waiting_notice, of_a_wake_that_nobody_is_about_to_begin_says_so) {
    const std::vector<std::pair<hold_cause, std::string>> table = {
        {hold_cause::no_scaler,
         "No scaler is connected to the gate, so nobody hears that the cluster is wanted."},
        {hold_cause::no_scaled_object,
         "No ScaledObject asks the scaler about the cluster, so nobody starts it."},
    };
    const auto message = std::string("waiting for cluster \"app\" to wake up");
    for (const auto& [cause, hint] : table) {
        const auto expected = wire::notice_response({.message = message, .hint = hint});
        EXPECT_EQ(waiting_notice(cause, "app", milliseconds(1'500)), expected);
    }
}

} // namespace
} // namespace wakegate::proxy
