#include "proxy/tls/certificate.hpp"
#include "tests/support/certificates.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <string>

namespace wakegate::tls {
namespace {

using namespace support;

/// The fingerprint by the program `openssl`, in lower-case hexadecimal digits.
std::string fingerprint_by_openssl(const identity& subject, const std::string& digest) {
    const temporary_folder folder;
    const auto file = folder.write("it.crt", subject.certificate_pem());
    const auto command = "openssl x509 -noout -fingerprint -" + digest + " -in " + file;
    auto* const pipe = ::popen(command.c_str(), "r");
    std::array<char, 512> line{};
    const bool got = pipe != nullptr && std::fgets(line.data(), line.size(), pipe) != nullptr;
    require(got && ::pclose(pipe) == 0, "openssl x509 failed");
    std::string digits; // "sha256 Fingerprint=AB:CD:…"
    for (const char each :
         std::string(line.data()).substr(std::string(line.data()).find('=') + 1)) {
        if (std::isxdigit(static_cast<unsigned char>(each)) != 0) {
            digits += static_cast<char>(std::tolower(static_cast<unsigned char>(each)));
        }
    }
    return digits;
}

struct signature {
    const char* name;
    const char* key;
    const EVP_MD* digest;
    const char* expected; ///< the hash, for openssl x509
};

class end_point_hash_algorithms : public testing::TestWithParam<signature> {};

TEST_P(end_point_hash_algorithms, are_hashed_as_openssl_hashes_them) {
    const auto& tested = GetParam();
    const auto subject = make_identity({.key = tested.key, .digest = tested.digest});
    EXPECT_EQ(
        to_hex(end_point_hash(*subject.certificate)),
        fingerprint_by_openssl(subject, tested.expected)
    );
}

INSTANTIATE_TEST_SUITE_P(
    end_point_hash_tls,
    end_point_hash_algorithms,
    testing::Values(
        signature{"ecdsa_sha256", "P-256", EVP_sha256(), "sha256"},
        signature{"ecdsa_sha384", "P-256", EVP_sha384(), "sha384"},
        signature{"rsa_sha512", "RSA", EVP_sha512(), "sha512"},
        signature{"rsa_sha224", "RSA", EVP_sha224(), "sha224"},
        signature{"rsa_sha1_counts_as_sha256", "RSA", EVP_sha1(), "sha256"},
        signature{"rsa_md5_counts_as_sha256", "RSA", EVP_md5(), "sha256"}
    ),
    [](const auto& tested) { return tested.param.name; }
);

TEST(end_point_hash, has_no_hash_when_its_signature_has_none) {
    const auto subject = make_identity({.key = "ED25519", .digest = nullptr});
    EXPECT_EQ(end_point_hash(*subject.certificate), "");
}

} // namespace
} // namespace wakegate::tls
