#include "proxy/route/cluster_option.hpp"

namespace wakegate::proxy {
namespace {

constexpr std::string_view spelling = "--cluster=";

/// The switches with an argument, in the same word or the next: the string that
/// process_postgres_switches gives to getopt (Postgres 15), without switches that take none.
constexpr std::string_view with_argument = "BCDNSWcdfhkprtv-";

/// isspace() in the "C" locale, the postmaster's when it splits.
bool is_space(char byte) noexcept {
    return std::string_view(" \t\n\v\f\r").find(byte) != std::string_view::npos;
}

std::size_t skip_space(std::string_view options, std::size_t at) noexcept {
    while (at < options.size() && is_space(options[at])) {
        ++at;
    }
    return at;
}

struct word {
    std::string text; ///< without its escapes
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// Precondition: a word begins at `begin`.
word word_at(std::string_view options, std::size_t begin) {
    word found{.begin = begin};
    bool escaped = false;
    auto at = begin;
    for (; at < options.size() && (escaped || !is_space(options[at])); ++at) {
        const bool escapes = !escaped && options[at] == '\\';
        if (!escapes) {
            found.text.push_back(options[at]);
        }
        escaped = escapes;
    }
    found.end = at;
    return found;
}

/// True for "-c" and "-ec", whose argument is the next word; false for "-cwork_mem=1" and "-e".
bool wants_next_word(std::string_view text) noexcept {
    if (text.size() < 2 || text.front() != '-' || text[1] == '-') {
        return false;
    }
    const auto at = text.find_first_of(with_argument, 1);
    return at == text.size() - 1;
}

void note(cluster_option& found, std::string_view name) {
    if (found.cluster && *found.cluster != name) {
        found.is_ambiguous = true;
    }
    found.cluster = name;
}

} // namespace

cluster_option parse_cluster_option(std::string_view options) {
    cluster_option found;
    std::size_t copied_end = 0; // end of what was copied to `remaining`
    bool is_argument = false;
    for (auto at = skip_space(options, 0); at < options.size();) {
        const auto next = word_at(options, at);
        at = skip_space(options, next.end);
        if (!is_argument && next.text == "--") {
            break;
        }
        if (!is_argument && next.text.starts_with(spelling)) {
            note(found, std::string_view(next.text).substr(spelling.size()));
            found.remaining += options.substr(copied_end, next.begin - copied_end);
            copied_end = at;
        }
        is_argument = !is_argument && wants_next_word(next.text);
    }
    found.remaining += options.substr(copied_end);
    return found;
}

} // namespace wakegate::proxy
