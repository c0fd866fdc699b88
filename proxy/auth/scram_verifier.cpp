#include "proxy/auth/scram_verifier.hpp"

#include "common/base64.hpp"
#include "proxy/auth/saslprep.hpp"
#include "proxy/auth/scram_keys.hpp"

#include <charconv>

namespace wakegate::auth {

namespace {

constexpr std::string_view prefix = "SCRAM-SHA-256$";

/// Takes the text before `end`, and `end` itself; nothing when there is no `end`.
std::optional<std::string_view> take_until(std::string_view& rest, char end) {
    const auto at = rest.find(end);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    const auto field = rest.substr(0, at);
    rest.remove_prefix(at + 1);
    return field;
}

std::optional<std::uint32_t> parse_iterations(std::string_view digits) {
    std::uint32_t value = 0;
    const auto* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value);
    const bool plain = error == std::errc() && stop == end && digits.front() != '0';
    if (!plain || value > scram_verifier::max_iterations) {
        return std::nullopt;
    }
    return value;
}

std::optional<scram_key> parse_key(std::string_view text) {
    auto bytes = decode_base64(text);
    if (!bytes || bytes->size() != scram_key::size) {
        return std::nullopt;
    }
    scram_key key(*bytes);
    OPENSSL_cleanse(bytes->data(), bytes->size());
    return key;
}

} // namespace

bool scram_verifier::has_scram_prefix(std::string_view text) noexcept {
    return text.starts_with(prefix);
}

std::optional<scram_verifier> scram_verifier::parse(std::string_view text) {
    if (!has_scram_prefix(text)) {
        return std::nullopt;
    }
    auto rest = text.substr(prefix.size());
    const auto digits = take_until(rest, ':');
    const auto encoded_salt = digits ? take_until(rest, '$') : std::nullopt;
    const auto encoded_key = encoded_salt ? take_until(rest, ':') : std::nullopt;
    if (!encoded_key) {
        return std::nullopt;
    }
    const auto iterations = parse_iterations(*digits);
    auto salt = decode_base64(*encoded_salt);
    const auto stored_key = parse_key(*encoded_key);
    const auto server_key = parse_key(rest);
    if (!iterations || !salt || salt->empty() || salt->size() > max_salt_size || !stored_key ||
        !server_key) {
        return std::nullopt;
    }
    return scram_verifier{*iterations, *std::move(salt), *stored_key, *server_key};
}

scram_verifier
scram_verifier::derive(std::string_view password, std::string_view salt, std::uint32_t iterations) {
    const auto salted = salted_password(saslprep(password).view(), salt, iterations);
    return {
        iterations, std::string(salt), hash(client_key_of(salted).view()), server_key_of(salted)
    };
}

std::string scram_verifier::text() const {
    return std::string(prefix) + std::to_string(iterations) + ":" + encode_base64(salt) + "$" +
           encode_base64(stored_key.view()) + ":" + encode_base64(server_key.view());
}

} // namespace wakegate::auth
