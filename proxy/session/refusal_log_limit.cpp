#include "proxy/session/refusal_log_limit.hpp"

#include "common/log.hpp"

#include <utility>

namespace wakegate::proxy {
namespace {

std::string network_of(const ip_address& address) {
    const auto plain = canonical_address(address);
    constexpr unsigned short of_v4 = 24; // as in `source_network`
    constexpr unsigned short of_v6 = 64;
    return cidr::containing(plain, plain.is_v4() ? of_v4 : of_v6).text();
}

} // namespace

bool refusal_log_limit::takes_line(const ip_address& from, time_point now) {
    const auto network = source_network_of(from);
    const std::lock_guard lock(mutex_);
    begin_period_if_due(now);
    auto found = sources_.find(network);
    if (found == sources_.end() && sources_.size() < most_sources) {
        found = sources_.emplace(network, source{from}).first;
    }
    if (found == sources_.end()) {
        ++unlogged_;
        return false;
    }
    auto& counted = found->second;
    if (counted.lines < lines_per_source && lines_ < most_lines) {
        ++counted.lines;
        ++lines_;
        return true;
    }
    ++counted.unlogged;
    ++unlogged_;
    return false;
}

std::optional<unlogged_login_failures> refusal_log_limit::take_report(time_point now) {
    const std::lock_guard lock(mutex_);
    begin_period_if_due(now);
    return std::exchange(report_, std::nullopt);
}

void refusal_log_limit::begin_period_if_due(time_point now) {
    if (period_began_ && now - *period_began_ < period) {
        return;
    }
    period_began_ = now;
    lines_ = 0;
    const auto sources = std::exchange(sources_, {});
    const auto unlogged = std::exchange(unlogged_, 0);
    if (unlogged == 0) {
        return;
    }
    // Adds to a report that was not taken yet, except its sources.
    unlogged_login_failures report{.count = unlogged + (report_ ? report_->count : 0)};
    for (const auto& [network, counted] : sources) {
        report.sources += counted.unlogged > 0 ? 1 : 0;
        if (counted.unlogged > report.busiest_count) {
            report.busiest_count = counted.unlogged;
            report.busiest = network_of(counted.address);
        }
    }
    report_ = std::move(report);
}

void report_unlogged_refusals(refusal_log_limit& limit) {
    if (const auto report = limit.take_report(clock::now())) {
        log::warning("login_refusals_unlogged")
            .with("count", report->count)
            .with("sources", report->sources)
            .with("busiest", report->busiest)
            .with("busiest_count", report->busiest_count);
    }
}

} // namespace wakegate::proxy
