#pragma once

#include "common/cidr.hpp"
#include "common/clock.hpp"

#include <compare>
#include <cstddef>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace wakegate::auth {

/// A role of a cluster. Truncated to 63 bytes as in Postgres (NAMEDATALEN), which also bounds the
/// memory that a client's name takes.
class role_name {
public:
    role_name(std::string_view cluster, std::string_view role);

    friend auto operator<=>(const role_name&, const role_name&) = default;

private:
    std::string cluster_;
    std::string role_;
};

/// How failures slow down further attempts: after `free_failures` the next attempt is refused for
/// `first_delay`, and with each further failure twice as long, up to `longest_delay`. Each
/// `halve_after` without a failure halves the count.
struct throttle_policy {
    unsigned free_failures;
    milliseconds first_delay;
    milliseconds longest_delay;
    milliseconds halve_after;
};

struct throttle_settings {
    /// Shared by all users behind one address, such as an office's.
    throttle_policy network{
        .free_failures = 10,
        .first_delay = milliseconds(500),
        .longest_delay = milliseconds(60'000),
        .halve_after = milliseconds(300'000),
    };
    /// Against guesses at one role from many networks. Short, since anybody can cause it: it must
    /// slow down guessing without locking the role's user out.
    throttle_policy role{
        .free_failures = 20,
        .first_delay = milliseconds(250),
        .longest_delay = milliseconds(2'000),
        .halve_after = milliseconds(300'000),
    };
    std::size_t max_entries = 65'536; ///< networks, and as many roles; when full, the one
                                      ///< whose last failure is oldest is dropped
};

/// Counts failures by `Key`, within a fixed number of entries.
template <typename Key> class failure_counts {
public:
    failure_counts(const throttle_policy& policy, std::size_t max_entries)
        : policy_(policy), max_entries_(max_entries) {}

    [[nodiscard]] time_point allowed_at(const Key& key, time_point now) const;
    void failed(const Key& key, time_point now);
    void reset(const Key& key);

    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

private:
    struct entry {
        unsigned failures = 0;
        time_point last{};
        typename std::list<Key>::iterator age;
    };

    [[nodiscard]] unsigned decayed_failures(const entry& found, time_point now) const noexcept;

    throttle_policy policy_;
    std::size_t max_entries_;
    // Ordered by comparison: names that a client chooses must not be able to collide in a hash.
    std::map<Key, entry> entries_;
    std::list<Key> by_age_; ///< the oldest last failure in front
};

/// Slows down password guessing before a guess costs anything. Query it after the startup message
/// and before a proof is checked; report how each login ended. Pure; lives on one thread.
class login_throttle {
public:
    explicit login_throttle(const throttle_settings& settings);

    /// Until when to refuse every attempt (53300); nothing: let it through.
    [[nodiscard]] std::optional<time_point>
    throttled_until(const source_network& network, const role_name& role, time_point now) const;

    /// A wrong proof, or a role that does not exist: both count the same, since a client must not
    /// tell them apart. A refusal by this throttle is not counted.
    void failed(const source_network& network, const role_name& role, time_point now);
    /// Resets the network's count, but not the role's: logins of its user would reset it for an
    /// attacker elsewhere.
    void succeeded(const source_network& network);

    [[nodiscard]] std::size_t entries() const noexcept { return networks_.size() + roles_.size(); }

private:
    failure_counts<source_network> networks_;
    failure_counts<role_name> roles_;
};

} // namespace wakegate::auth
