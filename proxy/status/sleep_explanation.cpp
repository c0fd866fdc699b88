#include "proxy/status/sleep_explanation.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace wakegate::proxy {
namespace {

constexpr std::string_view unless = " unless a client comes or a session works";

std::string sessions(std::size_t count, std::string_view singular, std::string_view plural) {
    return fmt::format("{} {}", count, count == 1 ? singular : plural);
}

/// Rounded up, never negative.
std::string whole_seconds(duration span) {
    const auto left = std::max(span, duration::zero());
    return fmt::format("{} s", std::chrono::ceil<seconds>(left).count());
}

/// With the age of the text, since the periods in it count from then.
std::string quote_scaler(const sleep_facts& facts) {
    const auto age = whole_seconds(facts.now - facts.status.received_at);
    return fmt::format("the scaler said {} ago: {}", age, facts.status.reason);
}

bool is_own_demand(awake_reason reason) {
    return reason != awake_reason::recent_activity && reason != awake_reason::scaler;
}

std::string describe(awake_reason reason, const sleep_facts& facts) {
    switch (reason) {
    case awake_reason::held:
        return sessions(facts.held, "client is held", "clients are held");
    case awake_reason::waking:
        return "it is being woken";
    case awake_reason::busy:
        return sessions(facts.busy, "session is busy", "sessions are busy");
    case awake_reason::idle_sessions:
        return sessions(facts.idle, "idle session counts", "idle sessions count");
    case awake_reason::recent_activity:
    case awake_reason::scaler:
        return quote_scaler(facts);
    }
    return "unknown";
}

std::string enumerate(const std::vector<awake_reason>& reasons, const sleep_facts& facts) {
    std::vector<std::string> words;
    words.reserve(reasons.size());
    for (const auto each : reasons) {
        words.push_back(describe(each, facts));
    }
    return fmt::format("{}", fmt::join(words, ", "));
}

std::string mention_uncounted_idle(const sleep_facts& facts) {
    if (facts.idle == 0 || facts.count_idle_sessions) {
        return "";
    }
    return "; " + sessions(facts.idle, "idle session does not count", "idle sessions do not count");
}

/// From the status that a scaler has sent.
std::string explain_by_scaler(const sleep_facts& facts) {
    const auto& status = facts.status;
    if (status.scaled_objects == 0) {
        return "may be stopped by nobody: no ScaledObject asks the scaler about this cluster; "
               "check "
               "the cluster's name in its trigger";
    }
    if (status.answer == scaler_answer::unknown) {
        return "does not sleep while it is not known what is wanted; " + quote_scaler(facts);
    }
    if (status.sleeps_at) {
        return "sleeps in " + whole_seconds(*status.sleeps_at - facts.now) + std::string(unless) +
               mention_uncounted_idle(facts);
    }
    constexpr std::string_view cooldown =
        "KEDA's cooldownPeriod, which the trigger's metadata does not tell";
    if (status.idle_at) {
        return fmt::format(
            "no demand in {}{}; then {}",
            whole_seconds(*status.idle_at - facts.now),
            unless,
            cooldown
        );
    }
    if (status.answer == scaler_answer::idle) {
        return fmt::format("sleeps at the end of {}", cooldown) + std::string(unless);
    }
    return "does not sleep as long as that lasts; " + quote_scaler(facts);
}

} // namespace

std::string_view to_string(awake_reason reason) noexcept {
    switch (reason) {
    case awake_reason::held:
        return "held";
    case awake_reason::waking:
        return "waking";
    case awake_reason::busy:
        return "busy";
    case awake_reason::idle_sessions:
        return "idle_sessions";
    case awake_reason::recent_activity:
        return "recent_activity";
    case awake_reason::scaler:
        return "scaler";
    }
    return "unknown";
}

std::vector<awake_reason> awake_reasons(const sleep_facts& facts) {
    std::vector<awake_reason> reasons;
    const auto add_if = [&reasons](bool holds, awake_reason reason) {
        if (holds) {
            reasons.push_back(reason);
        }
    };
    add_if(facts.held > 0, awake_reason::held);
    add_if(facts.waking && facts.held == 0, awake_reason::waking);
    add_if(facts.busy > 0, awake_reason::busy);
    add_if(facts.idle > 0 && facts.count_idle_sessions, awake_reason::idle_sessions);
    if (!reasons.empty() || facts.contact != scaler_contact::status_known) {
        return reasons;
    }
    const auto& status = facts.status;
    if (status.answer == scaler_answer::active) {
        // An operator's order has a known end, too; only the text tells which it is.
        const bool is_activity = status.idle_at && status.reason.starts_with("last activity");
        reasons.push_back(is_activity ? awake_reason::recent_activity : awake_reason::scaler);
    }
    return reasons;
}

std::string explain_awake(const sleep_facts& facts) {
    return enumerate(awake_reasons(facts), facts);
}

std::string explain_sleep(const sleep_facts& facts) {
    const auto reasons = awake_reasons(facts);
    if (!reasons.empty() && is_own_demand(reasons.front())) {
        return "does not sleep while " + enumerate(reasons, facts);
    }
    const bool is_known = facts.contact == scaler_contact::status_known;
    const bool is_active = is_known && facts.status.answer == scaler_answer::active;
    if (facts.state == gate_state::asleep && !is_active) {
        return "asleep, as far as this proxy knows";
    }
    switch (facts.contact) {
    case scaler_contact::none_configured:
        return "not known when it sleeps: no scalers are configured";
    case scaler_contact::none_connected:
        return "not known when it sleeps: no scaler is connected";
    case scaler_contact::no_status_yet:
        return "not known when it sleeps: the scaler has not said so yet";
    case scaler_contact::status_known:
        break;
    }
    return explain_by_scaler(facts);
}

} // namespace wakegate::proxy
