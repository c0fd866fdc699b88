#include "proxy/tls/certificate_expiry.hpp"
#include "proxy/tls/client_context.hpp"
#include "proxy/tls/server_context.hpp"
#include "tests/support/captured_log.hpp"
#include "tests/support/certificates.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace wakegate::tls {
namespace {

using namespace support;
using std::chrono::sys_seconds;
using ::testing::HasSubstr;

constexpr long a_day = 24L * 60 * 60;
constexpr sys_seconds end{seconds(1'800'000'000)}; // 2027-01-15 08:00:00

struct certificate_expiry_test : testing::Test {
    [[nodiscard]] listener_settings
    pair_of(const identity& own, const std::string& issuers = "") const {
        return {
            .mode = listener_mode::required,
            .certificate = folder.write("tls.crt", own.certificate_pem() + issuers),
            .key = folder.write("tls.key", own.key_pem()),
        };
    }

    /// Whole days from now.
    static long days_left(const certificate_expiry& term) {
        const auto now = std::chrono::system_clock::now();
        return std::chrono::round<std::chrono::days>(term.not_after - now).count();
    }

    temporary_folder folder;
};

TEST_F(certificate_expiry_test, are_the_certificates_own) {
    const auto from = pair_of(make_identity({.common_name = "db", .valid_until = 30 * a_day}));
    const server_context context(from);
    ASSERT_EQ(context.expiries().size(), 1U);
    const auto& term = context.expiries().front();
    EXPECT_EQ(term.key, "certificate");
    EXPECT_EQ(term.file, from.certificate);
    EXPECT_EQ(term.subject, "db");
    EXPECT_EQ(days_left(term), 30);
}

TEST_F(certificate_expiry_test, are_an_issuers_when_that_expires_first) {
    const auto issuer =
        make_identity({.common_name = "issuer", .authority = true, .valid_until = 5 * a_day});
    const auto own = make_identity({.issuer = &issuer, .valid_until = 30 * a_day});
    const server_context context(pair_of(own, issuer.certificate_pem()));
    EXPECT_EQ(context.expiries().front().subject, "issuer");
    EXPECT_EQ(days_left(context.expiries().front()), 5);
}

TEST_F(certificate_expiry_test, have_those_of_who_may_sign_for_clients) {
    auto from = pair_of(make_identity({.valid_until = 30 * a_day}));
    const auto first_to_expire =
        make_identity({.common_name = "a", .authority = true, .valid_until = a_day});
    const auto last_to_expire =
        make_identity({.common_name = "b", .authority = true, .valid_until = 9 * a_day});
    from.client_ca = folder.write(
        "ca.crt", last_to_expire.certificate_pem() + first_to_expire.certificate_pem()
    );
    const server_context context(from);
    ASSERT_EQ(context.expiries().size(), 2U);
    EXPECT_EQ(context.expiries().back().key, "client_ca");
    EXPECT_EQ(context.expiries().back().subject, "a");
    EXPECT_EQ(days_left(context.expiries().back()), 1);
}

TEST_F(certificate_expiry_test, are_one_for_each_pair_of_a_directory) {
    write_pair(folder, "a", make_identity());
    write_pair(folder, "b", make_identity());
    const server_context context({.mode = listener_mode::required, .directory = folder.path()});
    ASSERT_EQ(context.expiries().size(), 2U);
    EXPECT_EQ(context.expiries().back().key, "directory");
    EXPECT_EQ(context.expiries().back().file, folder.path() + "/b/tls.crt");
}

TEST_F(certificate_expiry_test, of_the_gates_part_as_a_client_are_there_with_its_certificate) {
    EXPECT_TRUE(client_context({.mode = backend_mode::require}).expiries().empty());
    const auto from = pair_of(make_identity({.valid_until = 3 * a_day}));
    const client_context context(
        {.mode = backend_mode::require, .certificate = from.certificate, .key = from.key}
    );
    ASSERT_EQ(context.expiries().size(), 1U);
    EXPECT_EQ(days_left(context.expiries().front()), 3);
}

TEST_F(certificate_expiry_test, are_objected_to_from_two_weeks_before_their_end) {
    const certificate_expiry term{"certificate", "/tls.crt", "db", end};
    const auto objection = [&term](sys_seconds now) { return describe_expiry(term, now); };
    EXPECT_EQ(objection(end - expiry_warning_period - seconds(1)), "");
    EXPECT_EQ(
        objection(end - expiry_warning_period),
        "/tls.crt: the certificate of \"db\" expires in 14 days (2027-01-15 08:00:00 UTC)"
    );
    EXPECT_THAT(objection(end - std::chrono::hours(30)), HasSubstr("expires in 1 day ("));
    EXPECT_EQ(
        objection(end), "/tls.crt: the certificate of \"db\" has expired (2027-01-15 08:00:00 UTC)"
    );
}

TEST_F(certificate_expiry_test, are_logged_with_whose_they_are_when_they_end) {
    const owned_expiry owned{"listener", "main", {"certificate", "/tls.crt", "db", end}};
    captured_log log;
    log_if_expiring(owned, end - expiry_warning_period - seconds(1));
    log_if_expiring(owned, end - seconds(1));
    log_if_expiring(owned, end);
    const auto text = log.take();
    EXPECT_THAT(text, HasSubstr("warning certificate_expires_soon listener=main key=certificate"));
    EXPECT_THAT(text, HasSubstr("warning certificate_expired listener=main key=certificate"));
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2) << text;
}

} // namespace
} // namespace wakegate::tls
