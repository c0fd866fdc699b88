#include "proxy/auth/role_table.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace wakegate::auth {
namespace {

const std::string salt(scram_verifier::default_salt_size, 's');

role_table table_of(const role_secrets& secrets) {
    return role_table(secrets, [] { return salt; });
}

TEST(role_table, knows_verifiers_as_they_are) {
    const auto verifier = scram_verifier::derive("secret", "another salt", 5'000);
    const auto table = table_of({{"ann", verifier}});
    const auto* const ann = table.find("ann");
    ASSERT_NE(ann, nullptr);
    EXPECT_EQ(ann->verifier, verifier);
    EXPECT_FALSE(ann->password);
}

TEST(role_table, makes_verifiers_of_passwords_and_keeps_these_for_the_server) {
    const auto table = table_of({{"ann", secret_text("secret")}});
    const auto* const ann = table.find("ann");
    ASSERT_NE(ann, nullptr);
    const auto iterations = scram_verifier::default_iterations;
    EXPECT_EQ(ann->verifier, scram_verifier::derive("secret", salt, iterations));
    ASSERT_TRUE(ann->password);
    EXPECT_EQ(ann->password->view(), "secret");
}

TEST(role_table, keeps_the_verifier_of_a_password_that_is_the_same_as_before) {
    const auto before = table_of({{"ann", secret_text("secret")}, {"ben", secret_text("old")}});
    const role_secrets secrets{{"ann", secret_text("secret")}, {"ben", secret_text("new")}};
    const std::string other_salt(scram_verifier::default_salt_size, 't');
    const role_table after(secrets, [&] { return other_salt; }, &before);
    EXPECT_EQ(after.find("ann")->verifier, before.find("ann")->verifier);
    EXPECT_EQ(after.find("ben")->verifier.salt, other_salt);
    EXPECT_EQ(after.find("ben")->password->view(), "new");
}

TEST(role_table, takes_over_what_a_server_told) {
    const auto verifier = scram_verifier::derive("secret", salt, 4'096);
    const std::chrono::sys_seconds end{std::chrono::seconds(1'800'000'000)};
    const std::vector<cached_verifier> from_server{
        {.cluster = "app", .role = "ann", .verifier = verifier},
        {.cluster = "app", .role = "ben", .verifier = verifier, .valid_until = end},
    };
    const role_table table(from_server);
    ASSERT_EQ(table.size(), 2U);
    EXPECT_EQ(table.find("ann")->verifier, verifier);
    EXPECT_TRUE(table.find("ann")->is_valid_at(end + std::chrono::years(5'000)));
    EXPECT_TRUE(table.find("ben")->is_valid_at(end - std::chrono::seconds(1)));
    EXPECT_FALSE(table.find("ben")->is_valid_at(end));
}

TEST(role_table, finds_names_to_the_letter) {
    const auto table = table_of({{"ann", secret_text("secret")}});
    for (const auto* const name : {"", "an", "anne", "ANN", "ann "}) {
        EXPECT_EQ(table.find(name), nullptr) << name;
    }
}

} // namespace
} // namespace wakegate::auth
