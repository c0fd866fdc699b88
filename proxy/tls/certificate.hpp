#pragma once

#include "proxy/tls/key_pair_files.hpp"
#include "proxy/tls/openssl.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace wakegate::tls {

/// Reads the certificate, its issuers and its key into `context`. Throws `configuration_error` that
/// names the file and what to do.
void load_key_pair(SSL_CTX& context, const key_pair_files& files);

/// Clients must show a certificate that one of these has signed. Throws `configuration_error`.
void require_client_certificate(SSL_CTX& context, const std::string& authorities);

/// Servers must show a certificate that one of these has signed, if it is verified at all. Throws
/// `configuration_error`.
void load_authorities(SSL_CTX& context, const std::string& authorities);

/// The subject's common name; empty without one.
[[nodiscard]] std::string common_name_of(X509& certificate);

/// The DNS names that the certificate is for, in lower case, "*.example.com" among them: those of
/// subjectAltName, or without any the subject's common name.
[[nodiscard]] std::vector<std::string> dns_names_of(X509& certificate);

/// All names in a client's certificate, as they are written there: the subject's common names, the
/// DNS names and e-mail addresses of subjectAltName. Skips names that contain a zero byte.
[[nodiscard]] std::vector<std::string> client_names_of(X509& certificate);

/// The channel binding of a login, `tls-server-end-point` of RFC 5929, 4.1: the certificate's hash,
/// by the hash of its signature, SHA-256 in place of MD5 and SHA-1. Empty when the signature has no
/// hash of its own (Ed25519), for which the RFC defines nothing.
[[nodiscard]] std::string end_point_hash(X509& certificate);

/// The hash of the certificate's DER encoding, 32 bytes; as in `openssl x509 -fingerprint -sha256`.
[[nodiscard]] std::string sha256_of(X509& certificate);

/// Lower-case digits.
[[nodiscard]] std::string to_hex(std::string_view bytes);

/// "Feb 20 12:00:00 2027 GMT".
[[nodiscard]] std::string to_text(const ASN1_TIME* time);

/// RFC 6066, 3: case does not count, and a trailing dot is no part of the name.
[[nodiscard]] std::string normalize_server_name(std::string_view name);

} // namespace wakegate::tls
