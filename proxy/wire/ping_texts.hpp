#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace wakegate::wire {

/// Statements by which pools check that a session is alive, and which make the server do nothing
/// else. Blank ones, of space, comments and semicolons alone, always count as such.
///
/// Texts are equal when they differ in nothing but space, comments, semicolons around them, and the
/// case of ASCII letters outside quotes (PostgreSQL, "Lexical Structure"). What this can't read for
/// sure (dollar signs, backslashes in quotes, quotes or comments without an end) equals nothing.
///
/// Immutable once filled; then any thread may ask.
class ping_texts {
public:
    /// In bytes, comments and space included. Longer statements are not compared.
    static constexpr std::size_t max_size = 64;

    /// False for a text that no statement could equal: blank, too long, or unreadable as above.
    [[nodiscard]] bool add(std::string_view text);
    /// `sql`: a statement of at most `max_size` bytes. Cost: up to the first byte that differs.
    [[nodiscard]] bool contains(std::string_view sql) const noexcept;

private:
    std::vector<std::string> texts_; // as the reader gives them, sorted
};

/// DEALLOCATE of one statement or of all, which runs nothing, as Close. psqlODBC sends it behind
/// each statement it has prepared, a ping's among them.
[[nodiscard]] bool is_deallocate(std::string_view sql) noexcept;

} // namespace wakegate::wire
