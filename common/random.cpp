#include "common/random.hpp"

#include "common/base64.hpp"

#include <openssl/rand.h>

#include <stdexcept>

namespace wakegate {

bool fill_with_random_bytes(std::span<char> bytes) noexcept {
    auto* const data = reinterpret_cast<unsigned char*>(bytes.data());
    return ::RAND_bytes(data, static_cast<int>(bytes.size())) == 1;
}

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    if (!fill_with_random_bytes(bytes)) {
        throw std::runtime_error("OpenSSL has no random bytes to give");
    }
    return bytes;
}

std::string random_base64(std::size_t count) {
    return encode_base64(random_bytes(count));
}

} // namespace wakegate
