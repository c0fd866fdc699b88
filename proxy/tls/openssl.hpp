#pragma once

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

/// Owning pointers for OpenSSL's objects, and its error texts.
namespace wakegate::tls {

template <auto Free> struct freed_with {
    template <typename T> void operator()(T* owned) const noexcept { Free(owned); }
};

using bio_pointer = std::unique_ptr<BIO, freed_with<BIO_free_all>>;
using context_pointer = std::unique_ptr<SSL_CTX, freed_with<SSL_CTX_free>>;
using certificate_pointer = std::unique_ptr<X509, freed_with<X509_free>>;

/// The reason of this thread's oldest error ("key values mismatch"). Empties the queue, since
/// errors left there would be taken for a later call's.
[[nodiscard]] std::string take_openssl_error();

} // namespace wakegate::tls
