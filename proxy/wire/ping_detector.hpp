#pragma once

#include "proxy/wire/ping_statements.hpp"
#include "proxy/wire/ping_texts.hpp"

#include <cstdint>
#include <memory>
#include <string_view>

namespace wakegate::wire {

/// Decides whether a session's client messages belong to a ping, by the beginning of their bodies,
/// and remembers which of its prepared statements are pings. Knows nothing of what else is under
/// way: `protocol_tracker` asks only where a ping may stand.
class ping_detector {
public:
    /// `texts` outlives this; null: blank statements alone are pings.
    explicit ping_detector(const ping_texts* texts) noexcept;

    /// Of Bind, Describe and Close: what comes before a statement's name, and the longest name.
    static constexpr std::uint16_t name_prefix = 1 + ping_statements::max_name_size + 1;
    static constexpr std::uint32_t max_query_size = ping_texts::max_size + 1;
    /// Of a Parse: name, text, number of parameter types.
    static constexpr std::uint32_t max_parse_size =
        ping_statements::max_name_size + 1 + ping_texts::max_size + 1 + 2;

    /// Or a DEALLOCATE, which like Close may follow one.
    [[nodiscard]] bool is_ping_query(std::string_view body) const noexcept;
    /// Of a Parse, whose name is another statement's from now on: true when it is seen to be a ping
    /// and `may_learn`; then its name is remembered. `body`: at least the first `name_prefix`
    /// bytes.
    [[nodiscard]] bool parse(std::string_view body, bool may_learn);
    /// A statement known as a ping is bound to the unnamed portal.
    [[nodiscard]] bool binds_ping(std::string_view prefix) const noexcept;
    /// The prefix of a Describe is that of a statement known as a ping.
    [[nodiscard]] bool describes_ping_statement(std::string_view prefix) const noexcept;
    void close(std::string_view prefix) noexcept;

    /// Some statement is known as a ping.
    [[nodiscard]] bool any_prepared() const noexcept {
        return statements_ && !statements_->empty();
    }

    /// What was sent last has been answered, without an error since the answer before.
    void confirm() noexcept;
    void forget_unconfirmed() noexcept;
    void forget_all() noexcept;

private:
    [[nodiscard]] bool is_known(std::string_view name_and_more) const noexcept;

    const ping_texts& texts_;
    std::unique_ptr<ping_statements> statements_; // null as long as none was known
};

} // namespace wakegate::wire
