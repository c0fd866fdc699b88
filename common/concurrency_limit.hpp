#pragma once

#include <compare>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace wakegate {

/// The key of a limit that counts everything together.
struct no_key {
    friend auto operator<=>(const no_key&, const no_key&) = default;
};

/// Bounds how many guards of each `Key` exist at one time. Takes a lock to acquire and to release;
/// without a bound nothing is counted. Memory: one entry for each key that is in use. Any thread;
/// outlives its guards.
template <typename Key> class concurrency_limit {
    using count_by_key = std::map<Key, std::size_t>; // not hashed: clients could collide names

public:
    /// Counts until it is destroyed. A default-constructed one, or one of a limit without a bound,
    /// is not counted.
    class guard {
    public:
        guard() = default;

        guard(guard&& other) noexcept
            : limit_(std::exchange(other.limit_, nullptr)), entry_(other.entry_) {}

        guard& operator=(guard&& other) noexcept {
            std::swap(limit_, other.limit_);
            std::swap(entry_, other.entry_);
            return *this;
        }

        ~guard() {
            if (limit_ != nullptr) {
                limit_->release(entry_);
            }
        }

        [[nodiscard]] bool is_counted() const noexcept { return limit_ != nullptr; }

    private:
        friend concurrency_limit;
        using entry = typename count_by_key::iterator;

        guard(concurrency_limit& limit, entry counted) : limit_(&limit), entry_(counted) {}

        concurrency_limit* limit_ = nullptr;
        entry entry_{};
    };

    /// Absent: no bound.
    explicit concurrency_limit(std::optional<std::size_t> bound = std::nullopt) : bound_(bound) {}

    concurrency_limit(const concurrency_limit&) = delete;
    concurrency_limit& operator=(const concurrency_limit&) = delete;

    /// Nothing when the key is at its bound.
    [[nodiscard]] std::optional<guard> try_acquire(const Key& key) {
        if (!bound_) {
            return guard();
        }
        const std::lock_guard lock(mutex_);
        const auto entry = counts_.try_emplace(key, 0).first;
        if (entry->second >= *bound_) {
            return std::nullopt;
        }
        ++entry->second;
        return guard(*this, entry);
    }

    /// How many keys are in use; for reports.
    [[nodiscard]] std::size_t keys() const {
        const std::lock_guard lock(mutex_);
        return counts_.size();
    }

    [[nodiscard]] std::size_t count(const Key& key) const {
        const std::lock_guard lock(mutex_);
        const auto found = counts_.find(key);
        return found == counts_.end() ? 0 : found->second;
    }

private:
    void release(typename count_by_key::iterator entry) noexcept {
        const std::lock_guard lock(mutex_);
        if (--entry->second == 0) {
            counts_.erase(entry);
        }
    }

    const std::optional<std::size_t> bound_;
    mutable std::mutex mutex_;
    count_by_key counts_;
};

} // namespace wakegate
