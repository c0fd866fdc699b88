#pragma once

#include <openssl/crypto.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace wakegate::auth {

/// Overwrites memory before freeing it. (A std::string keeps short texts inside itself and leaves
/// them there when it is moved.)
template <typename Value> struct cleansing_allocator {
    using value_type = Value;

    cleansing_allocator() = default;

    template <typename Other>
    cleansing_allocator(const cleansing_allocator<Other>& /*other*/) noexcept {}

    [[nodiscard]] Value* allocate(std::size_t count) {
        return std::allocator<Value>().allocate(count);
    }

    void deallocate(Value* memory, std::size_t count) noexcept {
        OPENSSL_cleanse(memory, count * sizeof(Value));
        std::allocator<Value>().deallocate(memory, count);
    }

    friend bool operator==(const cleansing_allocator&, const cleansing_allocator&) = default;
};

/// A password: leaves no copy in freed memory. Passwords are never compared, only keys.
class secret_text {
public:
    secret_text() = default;

    explicit secret_text(std::string_view text) : bytes_(text.begin(), text.end()) {}

    [[nodiscard]] std::string_view view() const noexcept { return {bytes_.data(), bytes_.size()}; }

private:
    std::vector<char, cleansing_allocator<char>> bytes_;
};

/// A key of SCRAM-SHA-256, overwritten when destroyed.
class scram_key {
public:
    static constexpr std::size_t size = 32; // SHA-256's output

    scram_key() = default;

    /// Precondition: `bytes` are 32.
    explicit scram_key(std::string_view bytes) noexcept { bytes.copy(text(), size); }

    scram_key(const scram_key&) = default;
    scram_key& operator=(const scram_key&) = default;

    ~scram_key() { OPENSSL_cleanse(bytes_.data(), size); }

    [[nodiscard]] unsigned char* data() noexcept { return bytes_.data(); }

    [[nodiscard]] std::string_view view() const noexcept {
        return {reinterpret_cast<const char*>(bytes_.data()), size};
    }

    /// Takes the same time wherever they differ.
    friend bool operator==(const scram_key& one, const scram_key& other) noexcept {
        return CRYPTO_memcmp(one.bytes_.data(), other.bytes_.data(), size) == 0;
    }

private:
    [[nodiscard]] char* text() noexcept { return reinterpret_cast<char*>(bytes_.data()); }

    std::array<unsigned char, size> bytes_{};
};

} // namespace wakegate::auth
