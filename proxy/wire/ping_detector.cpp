#include "proxy/wire/ping_detector.hpp"

#include <optional>

namespace wakegate::wire {

namespace {

const ping_texts no_texts;

/// Takes the text before the first zero byte, and both from `body`; nothing when there is none.
std::optional<std::string_view> take_text(std::string_view& body) noexcept {
    const auto end = body.find('\0');
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    const auto text = body.substr(0, end);
    body.remove_prefix(end + 1);
    return text;
}

} // namespace

ping_detector::ping_detector(const ping_texts* texts) noexcept
    : texts_(texts != nullptr ? *texts : no_texts) {}

bool ping_detector::is_ping_query(std::string_view body) const noexcept {
    const auto sql = take_text(body);
    return sql && body.empty() && (texts_.contains(*sql) || is_deallocate(*sql));
}

bool ping_detector::parse(std::string_view body, bool may_learn) {
    const auto name = take_text(body);
    if (!name) {
        return false; // longer than any known one
    }
    if (statements_) {
        statements_->forget(*name);
    }
    const auto sql = take_text(body);
    if (!may_learn || !sql || !texts_.contains(*sql)) {
        return false;
    }
    if (!statements_) {
        statements_ = std::make_unique<ping_statements>();
    }
    statements_->learn(*name);
    return true;
}

bool ping_detector::binds_ping(std::string_view prefix) const noexcept {
    const auto portal = take_text(prefix);
    return portal && portal->empty() && is_known(prefix);
}

bool ping_detector::describes_ping_statement(std::string_view prefix) const noexcept {
    return prefix.starts_with('S') && is_known(prefix.substr(1));
}

void ping_detector::close(std::string_view prefix) noexcept {
    if (!statements_ || !prefix.starts_with('S')) {
        return;
    }
    prefix.remove_prefix(1);
    if (const auto name = take_text(prefix)) {
        statements_->forget(*name);
    }
}

bool ping_detector::is_known(std::string_view name_and_more) const noexcept {
    const auto name = take_text(name_and_more);
    return name && statements_ && statements_->contains(*name);
}

void ping_detector::confirm() noexcept {
    if (statements_) {
        statements_->confirm();
    }
}

void ping_detector::forget_unconfirmed() noexcept {
    if (statements_) {
        statements_->forget_unconfirmed();
    }
}

void ping_detector::forget_all() noexcept {
    if (statements_) {
        statements_->forget_all();
    }
}

} // namespace wakegate::wire
