#include "proxy/tls/certificate_expiry.hpp"

#include "common/log.hpp"
#include "proxy/tls/certificate.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/asn1.h>

#include <ctime>

namespace wakegate::tls {
namespace {

using std::chrono::sys_seconds;

sys_seconds end_of(const X509& certificate) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &parts) != 1) {
        return {};
    }
    return sys_seconds(std::chrono::seconds(::timegm(&parts)));
}

void take_if_earlier(certificate_expiry& first, X509* certificate, bool& found) {
    const auto end = end_of(*certificate);
    if (!found || end < first.not_after) {
        first.not_after = end;
        first.subject = common_name_of(*certificate);
    }
    found = true;
}

std::string text_of(sys_seconds time) {
    return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(time));
}

} // namespace

certificate_expiry own_expiry(SSL_CTX& context, std::string_view key, const std::string& file) {
    certificate_expiry first{.key = key, .file = file, .subject = {}};
    bool found = false;
    take_if_earlier(first, SSL_CTX_get0_certificate(&context), found);
    STACK_OF(X509)* issuers = nullptr;
    SSL_CTX_get0_chain_certs(&context, &issuers);
    for (int i = 0; i < sk_X509_num(issuers); ++i) {
        take_if_earlier(first, sk_X509_value(issuers, i), found);
    }
    return first;
}

certificate_expiry
authorities_expiry(SSL_CTX& context, std::string_view key, const std::string& file) {
    certificate_expiry first{.key = key, .file = file, .subject = {}};
    bool found = false;
    auto* const trusted = X509_STORE_get0_objects(SSL_CTX_get_cert_store(&context));
    for (int i = 0; i < sk_X509_OBJECT_num(trusted); ++i) {
        auto* const certificate = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(trusted, i));
        if (certificate != nullptr) { // else a revocation list
            take_if_earlier(first, certificate, found);
        }
    }
    return first;
}

std::string describe_expiry(const certificate_expiry& expiry, sys_seconds now) {
    const auto left = expiry.not_after - now;
    if (left > expiry_warning_period) {
        return {};
    }
    const auto whose = fmt::format("{}: the certificate of \"{}\"", expiry.file, expiry.subject);
    const auto end = text_of(expiry.not_after);
    if (left <= std::chrono::seconds(0)) {
        return fmt::format("{} has expired ({})", whose, end);
    }
    const auto days = std::chrono::floor<std::chrono::days>(left).count();
    return fmt::format("{} expires in {} day{} ({})", whose, days, days == 1 ? "" : "s", end);
}

void log_if_expiring(const owned_expiry& owned, sys_seconds now) {
    const auto& expiry = owned.expiry;
    const auto warning = describe_expiry(expiry, now);
    if (warning.empty()) {
        return;
    }
    log::warning(expiry.not_after <= now ? "certificate_expired" : "certificate_expires_soon")
        .with(owned.kind, owned.name)
        .with("key", expiry.key)
        .with("reason", warning)
        .with("remedy", "replace the file; it is read anew within five seconds");
}

} // namespace wakegate::tls
