#include "common/cidr.hpp"
#include "proxy/cancel/keys/sealed_key.hpp"
#include "tests/support/named_endpoints.hpp"

#include <gtest/gtest.h>

#include <string>

namespace wakegate::proxy {
namespace {

using namespace std::string_literals;

const std::string old_secret(32, 'o');
const std::string new_secret(32, 'n');
const cancel_secrets secrets(new_secret);
support::named_endpoints endpoints;

const auto v4 = boost::asio::ip::make_address("10.0.0.7");
const auto v6 = boost::asio::ip::make_address("2001:db8::7");
const auto with_scope = boost::asio::ip::make_address("fe80::7%1");

cancel_target
target_of(const std::string& cluster, const std::string& key, const ip_address& address = v4) {
    return {.endpoint = endpoints.find(cluster), .server = {address, 5432}, .backend_key = key};
}

std::optional<std::string> seal(const cancel_secrets& with, const cancel_target& target) {
    return seal_cancel_key(with, target.endpoint->cluster, target);
}

std::optional<cancel_target> open(const cancel_secrets& with, std::string_view key) {
    return open_cancel_key(with, key, [](std::string_view name) { return endpoints.find(name); });
}

const auto example = target_of("acme-prod", "\0\0\x12\x67"s + std::string(32, 's'));

std::string sealed(const cancel_secrets& with, const cancel_target& target = example) {
    auto key = seal(with, target);
    EXPECT_TRUE(key);
    return key.value_or("");
}

TEST(sealed_key, opens_to_what_was_sealed) {
    for (const auto& target :
         {example,
          target_of(
              "a",
              "\xff\xff\xff\xff"
              "secr"
          ),
          target_of("", "pid!\0\0\0\0"s),
          target_of("a", "pid!secr", v6),
          target_of(std::string(172, 'c'), std::string(36, 'k'), v6)}) {
        EXPECT_EQ(open(secrets, sealed(secrets, target)), target);
    }
}

TEST(sealed_key, of_a_cluster_that_is_unknown_here_has_none) {
    const auto no_endpoint = [](std::string_view) -> const backend_endpoint* { return nullptr; };
    const auto opened = open_cancel_key(secrets, sealed(secrets), no_endpoint);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->endpoint, nullptr);
    EXPECT_EQ(opened->server, example.server);
}

TEST(sealed_key, shows_the_process_id_and_hides_the_rest) {
    const auto key = sealed(secrets);
    EXPECT_EQ(key.substr(0, 4), example.backend_key.substr(0, 4));
    EXPECT_EQ(key.find("acme"), std::string::npos);
    EXPECT_EQ(key.find("ssss"), std::string::npos);
    EXPECT_NE(key, sealed(secrets)) << "the same session is never sealed the same way";
}

TEST(sealed_key, is_as_long_as_the_protocol_allows_and_no_longer) {
    const auto of_size = [](std::size_t name, std::size_t secret) {
        return target_of(std::string(name, 'c'), std::string(4 + secret, 'k'));
    };
    EXPECT_EQ(sealed(secrets, of_size(172, 32)).size(), 260U);
    EXPECT_EQ(sealed(secrets, of_size(0, 204)).size(), 260U);
    EXPECT_FALSE(seal(secrets, of_size(173, 32)));
    EXPECT_FALSE(seal(secrets, of_size(0, 205)));
    EXPECT_FALSE(seal(secrets, of_size(300, 4)));
    EXPECT_FALSE(seal(secrets, target_of("app", "pid!")));
    EXPECT_FALSE(seal(secrets, target_of("app", "")));
}

TEST(sealed_key, is_for_addresses_that_mean_the_same_at_every_replica) {
    EXPECT_FALSE(seal(secrets, target_of("app", "pid!secr", with_scope)));
}

TEST(sealed_key, every_changed_bit_is_noticed) {
    const auto key = sealed(secrets);
    for (std::size_t bit = 0; bit < 8 * key.size(); ++bit) {
        auto changed = key;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
        EXPECT_FALSE(open(secrets, changed)) << bit;
    }
}

TEST(sealed_key, every_cut_and_every_addition_is_noticed) {
    const auto key = sealed(secrets);
    for (std::size_t size = 0; size < key.size(); ++size) {
        EXPECT_FALSE(open(secrets, key.substr(0, size))) << size;
    }
    for (const std::size_t more : {1, 16, 200, 1000}) {
        EXPECT_FALSE(open(secrets, key + std::string(more, '\0'))) << more;
    }
}

TEST(sealed_key, of_another_installation_is_foreign) {
    EXPECT_FALSE(open(secrets, sealed(cancel_secrets(old_secret))));
    auto disguised = sealed(cancel_secrets(old_secret));
    disguised.replace(5, 4, sealed(secrets), 5, 4); // claims to be sealed with our secret
    EXPECT_FALSE(open(secrets, disguised));
}

TEST(sealed_key, outlives_one_change_of_the_secret_and_not_two) {
    const auto key = sealed(cancel_secrets(old_secret));
    EXPECT_EQ(open(cancel_secrets(new_secret, old_secret), key), example);
    EXPECT_FALSE(open(cancel_secrets(new_secret), key));
    EXPECT_FALSE(open(cancel_secrets(std::string(32, 'x'), new_secret), key));

    const auto newer = sealed(cancel_secrets(new_secret, old_secret));
    EXPECT_EQ(open(secrets, newer), example) << "the current secret seals";
}

TEST(sealed_key, parts_of_two_keys_make_none) {
    const auto one = sealed(secrets);
    const auto other = sealed(secrets, target_of("shop-prod", example.backend_key));
    ASSERT_EQ(one.size(), other.size());
    for (std::size_t cut = 1; cut < one.size(); ++cut) {
        const auto mixture = one.substr(0, cut) + other.substr(cut);
        if (mixture != one && mixture != other) {
            EXPECT_FALSE(open(secrets, mixture)) << cut;
        }
    }
}

} // namespace
} // namespace wakegate::proxy
