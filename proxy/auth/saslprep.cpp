#include "proxy/auth/saslprep.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <stringprep.h>

namespace wakegate::auth {

namespace {

using profile = std::vector<Stringprep_profile>;
using code_points = std::vector<std::uint32_t, cleansing_allocator<std::uint32_t>>;

// Unicode 3.2 has no longer compatibility decomposition than that of U+FDFA.
constexpr std::size_t longest_decomposition = 18;

// Unicode's Corrigendum 4 corrected five decompositions after 3.2; Postgres has the corrected ones.
constexpr Stringprep_table_element corrections[] = {
    {0x2f868, 0x2f868, {0x36fc}},
    {0x2f874, 0x2f874, {0x5f53}},
    {0x2f91f, 0x2f91f, {0x243ab}},
    {0x2f95f, 0x2f95f, {0x7aee}},
    {0x2f9bf, 0x2f9bf, {0x45d7}},
};

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char byte) {
        return static_cast<unsigned char>(byte) < 0x80;
    });
}

/// libidn's SASLprep, with normalisation moved to the end: Postgres tests the mapped text.
profile make_profile() {
    profile steps;
    Stringprep_profile normalise{};
    for (const auto* step = stringprep_saslprep; step->operation != 0; ++step) {
        if (step->operation == STRINGPREP_NFKC) {
            normalise = *step;
        } else {
            steps.push_back(*step);
        }
    }
    steps.push_back({STRINGPREP_MAP_TABLE, {}, corrections, std::size(corrections)});
    steps.push_back(normalise);
    steps.push_back({}); // operation 0 ends a profile
    return steps;
}

/// Copies what libidn has allocated, then overwrites and frees it.
template <typename Result, typename Value> Result take(Value* memory, std::size_t count) {
    Result result(memory, memory + count);
    OPENSSL_cleanse(memory, count * sizeof(Value));
    std::free(memory);
    return result;
}

std::optional<code_points> decode_utf8(std::string_view text) {
    std::size_t count = 0;
    auto* const decoded =
        stringprep_utf8_to_ucs4(text.data(), static_cast<ssize_t>(text.size()), &count);
    if (decoded == nullptr) {
        return std::nullopt;
    }
    return take<code_points>(decoded, count);
}

std::optional<secret_text> encode_utf8(const code_points& text, std::size_t count) {
    std::size_t size = 0;
    auto* const encoded =
        stringprep_ucs4_to_utf8(text.data(), static_cast<ssize_t>(count), nullptr, &size);
    if (encoded == nullptr) {
        return std::nullopt;
    }
    secret_text result(std::string_view(encoded, size));
    OPENSSL_cleanse(encoded, size);
    std::free(encoded);
    return result;
}

std::optional<secret_text> prepare(std::string_view password) {
    static const profile steps = make_profile();

    auto text = decode_utf8(password);
    if (!text) {
        return std::nullopt;
    }
    auto count = text->size();
    text->resize(count * longest_decomposition + 1);
    const int outcome =
        stringprep_4i(text->data(), &count, text->size(), STRINGPREP_NO_UNASSIGNED, steps.data());
    if (outcome != STRINGPREP_OK || count == 0) { // Postgres allows no password to become empty
        return std::nullopt;
    }
    return encode_utf8(*text, count);
}

} // namespace

secret_text saslprep(std::string_view password) {
    if (is_ascii(password)) { // control characters too: Postgres does not look at ASCII
        return secret_text(password);
    }
    auto prepared = prepare(password);
    return prepared ? *std::move(prepared) : secret_text(password);
}

} // namespace wakegate::auth
