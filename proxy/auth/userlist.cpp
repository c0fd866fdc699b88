#include "proxy/auth/userlist.hpp"

#include "common/configuration_error.hpp"
#include "proxy/wire/postgres_name.hpp"

#include <algorithm>

namespace wakegate::auth {

namespace {

// PgBouncer's MAX_USERNAME; names beyond Postgres' 63 bytes are truncated.
constexpr std::size_t max_role_size = 127;
constexpr std::string_view blanks = " \t\r\f\v";

/// Reads the file and counts its lines.
class userlist_reader {
public:
    userlist_reader(std::string_view text, const std::string& file) : rest_(text), file_(file) {}

    /// Skips empty lines and comments; false at the end of the file.
    [[nodiscard]] bool at_entry() {
        while (true) {
            skip_blanks();
            if (rest_.empty()) {
                return false;
            }
            if (rest_.front() != '\n' && rest_.front() != ';') {
                return true;
            }
            skip_line();
        }
    }

    void skip_blanks() {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(blanks), rest_.size()));
    }

    void skip_line() {
        const auto end = rest_.find('\n');
        rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
        ++line_;
    }

    /// A quoted text; quotes inside are doubled. It may contain line ends.
    [[nodiscard]] secret_text take_quoted(const char* field) {
        if (!rest_.starts_with('"')) {
            fail(std::string("expected the ") + field + " in double quotes");
        }
        rest_.remove_prefix(1);
        std::vector<char, cleansing_allocator<char>> text;
        std::size_t lines = 0;
        while (true) {
            const auto quote = rest_.find('"');
            if (quote == std::string_view::npos) {
                fail(std::string("the ") + field + " has no closing quote");
            }
            const auto piece = rest_.substr(0, quote);
            text.insert(text.end(), piece.begin(), piece.end());
            lines += static_cast<std::size_t>(std::count(piece.begin(), piece.end(), '\n'));
            rest_.remove_prefix(quote + 1);
            if (!rest_.starts_with('"')) {
                break;
            }
            text.push_back('"');
            rest_.remove_prefix(1);
        }
        line_ += lines;
        const std::string_view whole(text.data(), text.size());
        if (whole.find('\0') != std::string_view::npos) {
            fail(std::string("the ") + field + " holds a zero byte");
        }
        return secret_text(whole);
    }

    [[nodiscard]] std::size_t line() const noexcept { return line_; }

    [[noreturn]] void fail(const std::string& reason) const {
        throw configuration_error(file_ + ":" + std::to_string(line_) + ": " + reason);
    }

private:
    std::string_view rest_;
    const std::string& file_;
    std::size_t line_ = 1;
};

/// Calls `take(role, secret, line)` for each line that has one.
template <typename Taker>
void for_each_entry(std::string_view text, const std::string& file, const Taker& take) {
    userlist_reader reader(text, file);
    while (reader.at_entry()) {
        const auto line = reader.line();
        const auto role = reader.take_quoted("role");
        if (role.view().empty() || role.view().size() > max_role_size) {
            reader.fail("a role's name is 1 to " + std::to_string(max_role_size) + " bytes long");
        }
        reader.skip_blanks();
        const auto secret = reader.take_quoted("secret");
        take(role.view(), secret.view(), line);
        reader.skip_line();
    }
}

} // namespace

role_secrets parse_userlist(std::string_view text, const std::string& file) {
    role_secrets secrets;
    for_each_entry(
        text,
        file,
        [&](std::string_view role, std::string_view secret, std::size_t line) {
            const auto place = file + ":" + std::to_string(line);
            secrets.insert_or_assign(
                std::string(wire::truncate_name(role)), read_role_secret(secret, role, place)
            );
        }
    );
    return secrets;
}

std::vector<repeated_role> repeated_roles(std::string_view text, const std::string& file) {
    std::map<std::string, repeated_role> lines;
    for_each_entry(text, file, [&](std::string_view role, std::string_view, std::size_t line) {
        const std::string name(wire::truncate_name(role));
        lines.try_emplace(name, repeated_role{name, line, line}).first->second.last_line = line;
    });
    std::vector<repeated_role> repeated;
    for (const auto& [name, lines_of_role] : lines) {
        if (lines_of_role.first_line != lines_of_role.last_line) {
            repeated.push_back(lines_of_role);
        }
    }
    return repeated;
}

role_secrets read_secret_files(
    const std::map<std::string, std::string>& contents, const std::string& directory
) {
    role_secrets secrets;
    for (const auto& [role, content] : contents) {
        const auto place = directory + "/" + role;
        auto text = std::string_view(content);
        if (text.ends_with('\n')) {
            text.remove_suffix(text.ends_with("\r\n") ? 2 : 1);
        }
        if (text.find_first_of(std::string_view("\n\0", 2)) != std::string_view::npos) {
            throw configuration_error(place + ": the file is to hold one line, the role's secret");
        }
        const std::string name(wire::truncate_name(role));
        if (!secrets.emplace(name, read_role_secret(text, role, place)).second) {
            throw configuration_error(
                place + ": another file is this role's, too: its name ends after " +
                std::to_string(wire::max_name_size) + " bytes"
            );
        }
    }
    return secrets;
}

} // namespace wakegate::auth
