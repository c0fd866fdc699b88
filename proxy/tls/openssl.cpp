#include "proxy/tls/openssl.hpp"

#include <openssl/err.h>

namespace wakegate::tls {

std::string take_openssl_error() {
    const auto code = ERR_get_error();
    ERR_clear_error();
    const char* const reason = ERR_reason_error_string(code);
    return reason == nullptr ? "no reason given" : reason;
}

} // namespace wakegate::tls
