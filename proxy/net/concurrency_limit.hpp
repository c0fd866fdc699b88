#pragma once

#include <compare>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace wakegate::proxy {

/// Where there is nothing to tell apart.
struct no_key {
    friend auto operator<=>(const no_key&, const no_key&) = default;
};

/// How many there are of each `Key` at one time: up to `most`, and whoever comes then gets no
/// place. Costs a lock when one comes and when it goes; without a bound nothing is counted. Its
/// memory is that of the keys which have somebody. Any thread; outlives its places.
template <typename Key> class concurrency_limit {
    using count_by_key = std::map<Key, std::size_t>; // of names that clients choose: no hash

public:
    /// Counted for as long as it lives; one made without a count stands for nothing.
    class place {
    public:
        place() = default;

        place(place&& other) noexcept
            : count_(std::exchange(other.count_, nullptr)), entry_(other.entry_) {}

        place& operator=(place&& other) noexcept {
            std::swap(count_, other.count_);
            std::swap(entry_, other.entry_);
            return *this;
        }

        ~place() {
            if (count_ != nullptr) {
                count_->give_back(entry_);
            }
        }

        [[nodiscard]] bool taken() const noexcept { return count_ != nullptr; }

    private:
        friend concurrency_limit;
        using entry = typename count_by_key::iterator;

        place(concurrency_limit& count, entry counted) : count_(&count), entry_(counted) {}

        concurrency_limit* count_ = nullptr;
        entry entry_{};
    };

    /// Absent: without bound.
    explicit concurrency_limit(std::optional<std::size_t> most = std::nullopt) : most_(most) {}

    concurrency_limit(const concurrency_limit&) = delete;
    concurrency_limit& operator=(const concurrency_limit&) = delete;

    /// Nothing when all places are taken.
    [[nodiscard]] std::optional<place> take(const Key& key) {
        if (!most_) {
            return place();
        }
        const std::lock_guard lock(mutex_);
        const auto entry = counts_.try_emplace(key, 0).first;
        if (entry->second >= *most_) {
            return std::nullopt;
        }
        ++entry->second;
        return place(*this, entry);
    }

    /// Of all keys; for reports.
    [[nodiscard]] std::size_t keys() const {
        const std::lock_guard lock(mutex_);
        return counts_.size();
    }

    [[nodiscard]] std::size_t of(const Key& key) const {
        const std::lock_guard lock(mutex_);
        const auto found = counts_.find(key);
        return found == counts_.end() ? 0 : found->second;
    }

private:
    void give_back(typename count_by_key::iterator entry) noexcept {
        const std::lock_guard lock(mutex_);
        if (--entry->second == 0) {
            counts_.erase(entry);
        }
    }

    const std::optional<std::size_t> most_;
    mutable std::mutex mutex_;
    count_by_key counts_;
};

} // namespace wakegate::proxy
