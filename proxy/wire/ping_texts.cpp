#include "proxy/wire/ping_texts.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace wakegate::wire {

namespace {

constexpr auto not_found = std::string_view::npos;

bool is_space(char byte) noexcept {
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

char to_lower(char byte) noexcept {
    return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
}

/// In lower case: a byte of an unquoted identifier.
bool is_word(char byte) noexcept {
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '_' ||
           (static_cast<unsigned char>(byte) & 0x80U) != 0;
}

/// Gives a statement byte by byte in a normal form: letters in lower case, one space for any space
/// and comments between words, one semicolon between statements.
class statement_reader {
public:
    explicit statement_reader(std::string_view sql) noexcept : rest_(sql) {}

    /// Empty at the end, and where it becomes unreadable.
    std::optional<char> next() noexcept {
        if (quoted_ > 0) {
            --quoted_;
            return take();
        }
        skip_to_word();
        if (rest_.empty() || !readable_) {
            return std::nullopt;
        }
        // A separator goes before what it separates, so that none begins or ends a statement.
        if (const char separator = std::exchange(separator_, '\0'); separator != 0 && begun_) {
            return separator;
        }
        begun_ = true;
        if (rest_.front() == '\'' || rest_.front() == '"') {
            enter_quotes();
        }
        readable_ = readable_ && rest_.front() != '$'; // perhaps $$quoted$$
        return readable_ ? std::optional(to_lower(take())) : std::nullopt;
    }

    [[nodiscard]] bool readable() const noexcept { return readable_; }

private:
    char take() noexcept {
        const char byte = rest_.front();
        rest_.remove_prefix(1);
        return byte;
    }

    void skip_to_word() noexcept {
        while (!rest_.empty() && readable_) {
            if (is_space(rest_.front())) {
                separate(' ', 1);
            } else if (rest_.front() == ';') {
                separate(';', 1);
            } else if (rest_.starts_with("--")) {
                separate(' ', std::min(rest_.find_first_of("\r\n"), rest_.size()));
            } else if (rest_.starts_with("/*")) {
                separate(' ', comment_size());
            } else {
                return;
            }
        }
    }

    void separate(char separator, std::size_t size) noexcept {
        separator_ = separator_ == ';' ? ';' : separator;
        rest_.remove_prefix(size);
    }

    /// Comments nest.
    std::size_t comment_size() noexcept {
        std::size_t depth = 0;
        for (std::size_t at = 0; at + 1 < rest_.size(); ++at) {
            const auto two = rest_.substr(at, 2);
            if (two == "/*") {
                ++depth;
                ++at;
            } else if (two == "*/") {
                --depth;
                ++at;
            }
            if (depth == 0) {
                return at + 1;
            }
        }
        readable_ = false;
        return rest_.size();
    }

    /// From the opening quote to the closing one everything counts as it is. A doubled quote inside
    /// reads as the end of one literal and the begin of the next, which gives the same bytes.
    void enter_quotes() noexcept {
        const auto end = rest_.find(rest_.front(), 1);
        // A backslash may escape the quote, or not: standard_conforming_strings, E'...'.
        readable_ = end != not_found && rest_.substr(0, end).find('\\') == not_found;
        quoted_ = readable_ ? end : 0;
    }

    std::string_view rest_;
    std::size_t quoted_ = 0; // bytes that follow the opening quote
    char separator_ = '\0';
    bool begun_ = false;
    bool readable_ = true;
};

} // namespace

bool ping_texts::add(std::string_view text) {
    statement_reader reader(text);
    std::string plain;
    while (const auto byte = reader.next()) {
        plain += *byte;
    }
    if (text.size() > max_size || plain.empty() || !reader.readable()) {
        return false;
    }
    const auto place = std::lower_bound(texts_.begin(), texts_.end(), plain);
    if (place == texts_.end() || *place != plain) {
        texts_.insert(place, std::move(plain));
    }
    return true;
}

bool ping_texts::contains(std::string_view sql) const noexcept {
    statement_reader reader(sql);
    // Those that begin as the statement does; sorted, they lie side by side.
    auto first = texts_.begin();
    auto last = texts_.end();
    std::size_t size = 0;
    for (; const auto byte = reader.next(); ++size) {
        const auto goes_on = [size, byte](const std::string& text) {
            return text.size() > size && text[size] == *byte;
        };
        first = std::find_if(first, last, goes_on);
        last = std::find_if_not(first, last, goes_on);
        if (first == last) {
            return false;
        }
    }
    return reader.readable() && (size == 0 || first->size() == size);
}

bool is_deallocate(std::string_view sql) noexcept {
    constexpr std::string_view command = "deallocate ";
    statement_reader reader(sql);
    for (const char expected : command) {
        if (reader.next() != expected) {
            return false;
        }
    }
    bool quoted = false;
    std::size_t size = 0;
    for (; const auto byte = reader.next(); ++size) {
        quoted = (*byte == '"') != quoted;
        if (!quoted && *byte != '"' && !is_word(*byte)) {
            return false;
        }
    }
    return reader.readable() && size > 0;
}

} // namespace wakegate::wire
