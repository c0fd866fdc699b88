#include "scaler/journal.hpp"

#include "common/log.hpp"

namespace wakegate::scaler {
namespace {

void log_change(const proxy_change& change) {
    switch (change.what) {
    case proxy_change::kind::joined:
        log::info("proxy_joined").with("proxy", change.proxy_id);
        return;
    case proxy_change::kind::left:
        log::info("proxy_left").with("proxy", change.proxy_id);
        return;
    case proxy_change::kind::lapsed:
        log::warning("proxy_lapsed").with("proxy", change.proxy_id);
        return;
    case proxy_change::kind::forgotten:
        log::warning("proxy_forgotten").with("proxy", change.proxy_id);
        return;
    }
}

} // namespace

void journal::record(const board_changes& changes) {
    for (const auto& change : changes.proxies) {
        log_change(change);
    }
    for (const auto& cluster : changes.pushed) {
        counters_.count_push(cluster);
        log::info("activation_pushed").with("cluster", cluster);
    }
}

void journal::answered(std::string_view rpc, const std::string& cluster, std::string_view answer) {
    counters_.count_answer(rpc, answer);
    log::debug("answered").with("rpc", rpc).with("cluster", cluster).with("answer", answer);
}

void journal::refused(std::string_view rpc, std::string_view status, std::string_view reason) {
    counters_.count_answer(rpc, status);
    log::info("refused").with("rpc", rpc).with("status", status).with("reason", reason);
}

void journal::refused_trigger(
    std::string_view rpc,
    const std::string& scaled_object,
    const metadata_error& error,
    time_point now
) {
    std::string label;
    bool is_due = false;
    {
        const std::lock_guard lock(mutex_);
        label = trigger_errors_.label_of(scaled_object);
        is_due = trigger_errors_.is_due(scaled_object, error.text, now);
    }
    counters_.count_answer(rpc, "invalid_argument");
    counters_.count_trigger_error(label, error.key);
    log::event(is_due ? log::level::warning : log::level::debug, "trigger_refused")
        .with("scaled_object", scaled_object)
        .with("key", error.key)
        .with("reason", error.text)
        .with("rpc", rpc);
}

void journal::stream_opened(const std::string& cluster, std::string_view scaled_object) {
    log::info("stream_opened").with("cluster", cluster).with("scaled_object", scaled_object);
}

void journal::stream_closed(const std::string& cluster, std::string_view scaled_object) {
    log::info("stream_closed").with("cluster", cluster).with("scaled_object", scaled_object);
}

} // namespace wakegate::scaler
