#include "scaler/actuator/repeated_failure.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace wakegate::actuator {
namespace {

std::string without_digits(std::string_view text) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    std::string rest;
    std::remove_copy_if(text.begin(), text.end(), std::back_inserter(rest), is_digit);
    return rest;
}

} // namespace

std::optional<std::uint64_t> repeated_failure::record(std::string_view reason, time_point now) {
    ++total_;
    ++unreported_;
    auto comparable = without_digits(reason);
    const bool is_same = reported_ && comparable == reason_;
    if (is_same && now - *reported_ < period) {
        return std::nullopt;
    }
    reason_ = std::move(comparable);
    reported_ = now;
    return std::exchange(unreported_, 0);
}

std::uint64_t repeated_failure::reset() noexcept {
    reported_.reset();
    unreported_ = 0;
    return std::exchange(total_, 0);
}

} // namespace wakegate::actuator
