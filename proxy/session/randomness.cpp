#include "proxy/session/randomness.hpp"

#include "proxy/auth/base64.hpp"

#include <openssl/rand.h>

#include <stdexcept>

namespace wakegate::proxy {

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    auto* const data = reinterpret_cast<unsigned char*>(bytes.data());
    if (::RAND_bytes(data, static_cast<int>(count)) != 1) {
        throw std::runtime_error("OpenSSL has no random bytes to give");
    }
    return bytes;
}

std::string fresh_nonce() {
    constexpr std::size_t raw_size = 18;
    return auth::encode_base64(random_bytes(raw_size));
}

} // namespace wakegate::proxy
