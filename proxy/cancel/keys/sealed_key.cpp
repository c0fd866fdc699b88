#include "proxy/cancel/keys/sealed_key.hpp"

#include "common/cidr.hpp"
#include "common/random.hpp"
#include "proxy/wire/bytes.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <limits>
#include <memory>

namespace wakegate::proxy {
namespace {

constexpr std::size_t process_id_size = 4;
constexpr std::size_t address_size = 16;
constexpr std::size_t port_size = 2;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr std::size_t secret_id_at = process_id_size + 1;
constexpr std::size_t nonce_at = secret_id_at + sizeof(cancel_secret::id);
constexpr std::size_t sealed_at = nonce_at + nonce_size;
constexpr std::size_t max_key_size = process_id_size + 256;
constexpr char version = 2;
constexpr std::string_view label = "wakegate sealed cancel key"; ///< begins the associated data

struct free_cipher {
    void operator()(EVP_CIPHER_CTX* owned) const noexcept { EVP_CIPHER_CTX_free(owned); }
};

using cipher = std::unique_ptr<EVP_CIPHER_CTX, free_cipher>;

const unsigned char* octets(std::string_view bytes) noexcept {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

unsigned char* octets(std::string& bytes) noexcept {
    return reinterpret_cast<unsigned char*>(bytes.data());
}

int length(std::string_view bytes) noexcept {
    return static_cast<int>(bytes.size()); // a few hundred at most
}

std::string_view id_of(const cancel_secret& secret) noexcept {
    return {reinterpret_cast<const char*>(secret.id.data()), secret.id.size()};
}

/// The associated data: the label, and the unencrypted part of the key except the nonce, which the
/// cipher authenticates by itself.
std::string associated(std::string_view key) {
    return std::string(label) + std::string(key.substr(0, nonce_at));
}

/// Nothing when OpenSSL fails. `head` is the key up to the nonce, inclusive.
std::optional<std::string>
encrypt(const cancel_secret& secret, std::string_view head, std::string_view clear) {
    const cipher context(EVP_CIPHER_CTX_new());
    const auto data = associated(head);
    std::string sealed(clear.size(), '\0');
    std::string tag(tag_size, '\0');
    int done = 0;
    const bool good =
        context != nullptr &&
        EVP_EncryptInit_ex2(
            context.get(),
            EVP_aes_256_gcm(),
            secret.sealing.data(),
            octets(head.substr(nonce_at)),
            nullptr
        ) == 1 &&
        EVP_EncryptUpdate(context.get(), nullptr, &done, octets(data), length(data)) == 1 &&
        EVP_EncryptUpdate(context.get(), octets(sealed), &done, octets(clear), length(clear)) ==
            1 &&
        EVP_EncryptFinal_ex(context.get(), octets(sealed) + done, &done) == 1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, int{tag_size}, tag.data()) == 1;
    return good ? std::optional(sealed + tag) : std::nullopt;
}

/// What was sealed, or nothing. Precondition: `key` is long enough to have a tag.
std::optional<std::string> decrypt(const cancel_secret& secret, std::string_view key) {
    const cipher context(EVP_CIPHER_CTX_new());
    const auto data = associated(key);
    const auto sealed = key.substr(sealed_at, key.size() - sealed_at - tag_size);
    std::string tag(key.substr(key.size() - tag_size));
    std::string clear(sealed.size(), '\0');
    int done = 0;
    const bool good =
        context != nullptr &&
        EVP_DecryptInit_ex2(
            context.get(),
            EVP_aes_256_gcm(),
            secret.sealing.data(),
            octets(key.substr(nonce_at)),
            nullptr
        ) == 1 &&
        EVP_DecryptUpdate(context.get(), nullptr, &done, octets(data), length(data)) == 1 &&
        EVP_DecryptUpdate(context.get(), octets(clear), &done, octets(sealed), length(sealed)) ==
            1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, int{tag_size}, tag.data()) == 1 &&
        EVP_DecryptFinal_ex(context.get(), octets(clear) + done, &done) == 1;
    return good ? std::optional(std::move(clear)) : std::nullopt;
}

/// 16 bytes, an IPv4 address wrapped in an IPv6 one.
std::string address_bytes(const ip_address& address) {
    namespace ip = boost::asio::ip;
    const auto wide =
        address.is_v4() ? ip::make_address_v6(ip::v4_mapped, address.to_v4()) : address.to_v6();
    const auto bytes = wide.to_bytes();
    return {bytes.begin(), bytes.end()};
}

ip_address address_in(std::string_view bytes) {
    boost::asio::ip::address_v6::bytes_type wide{};
    std::copy_n(bytes.begin(), wide.size(), wide.begin());
    return canonical_address(boost::asio::ip::address_v6(wide));
}

std::string clear_text(std::string_view cluster, const cancel_target& target) {
    auto clear = static_cast<char>(cluster.size()) + std::string(cluster);
    clear += address_bytes(target.server.address());
    wire::append_uint16(clear, target.server.port());
    return clear + target.backend_key.substr(process_id_size);
}

/// Nothing when a part is missing.
std::optional<cancel_target>
target_in(std::string_view process_id, std::string_view clear, const endpoint_finder& find) {
    const std::size_t name_size = static_cast<unsigned char>(clear.front());
    const auto address_at = 1 + name_size;
    const auto port_at = address_at + address_size;
    const auto secret_at = port_at + port_size;
    if (secret_at >= clear.size()) {
        return std::nullopt;
    }
    return cancel_target{
        .endpoint = find(clear.substr(1, name_size)),
        .server =
            {address_in(clear.substr(address_at, address_size)), wire::load_uint16(clear, port_at)},
        .backend_key = std::string(process_id) + std::string(clear.substr(secret_at)),
    };
}

/// Its address means the same on every machine.
bool has_plain_address(const cancel_target& target) {
    const auto address = target.server.address();
    return address.is_v4() || address.to_v6().scope_id() == 0;
}

} // namespace

std::optional<std::string> seal_cancel_key(
    const cancel_secrets& secrets, std::string_view cluster, const cancel_target& target
) {
    const auto& backend_key = target.backend_key;
    if (backend_key.size() <= process_id_size || !has_plain_address(target) ||
        cluster.size() > std::numeric_limits<unsigned char>::max()) {
        return std::nullopt;
    }
    std::string nonce(nonce_size, '\0');
    if (!fill_with_random_bytes(nonce)) {
        return std::nullopt;
    }
    auto key = backend_key.substr(0, process_id_size) + version;
    key += id_of(secrets.current());
    key += nonce;
    const auto clear = clear_text(cluster, target);
    if (key.size() + clear.size() + tag_size > max_key_size) {
        return std::nullopt;
    }
    const auto sealed = encrypt(secrets.current(), key, clear);
    return sealed ? std::optional(key + *sealed) : std::nullopt;
}

std::optional<cancel_target>
open_cancel_key(const cancel_secrets& secrets, std::string_view key, const endpoint_finder& find) {
    if (key.size() <= sealed_at + tag_size || key.size() > max_key_size ||
        key[process_id_size] != version) {
        return std::nullopt;
    }
    for (const auto& secret : secrets.all()) {
        if (key.substr(secret_id_at, secret.id.size()) != id_of(secret)) {
            continue;
        }
        if (auto clear = decrypt(secret, key)) {
            auto target = target_in(key.substr(0, process_id_size), *clear, find);
            OPENSSL_cleanse(clear->data(), clear->size());
            return target;
        }
    }
    return std::nullopt;
}

} // namespace wakegate::proxy
