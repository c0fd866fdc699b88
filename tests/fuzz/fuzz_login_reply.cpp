#include "proxy/wire/backend_key.hpp"
#include "proxy/wire/login_reply.hpp"
#include "proxy/wire/messages.hpp"
#include "tests/fuzz/require.hpp"

using namespace wakegate;

namespace {

void check_verdicts(std::string_view reply, std::size_t step) {
    const auto whole = wire::classify_login_reply(reply);
    for (std::size_t size = 0; size < reply.size(); size += step) {
        const auto early = wire::classify_login_reply(reply.substr(0, size));
        fuzz::require(
            early == wire::login_reply::incomplete || early == whole,
            "a verdict never changes with more bytes"
        );
    }
    fuzz::require(
        whole != wire::login_reply::incomplete || reply.size() <= wire::max_login_reply,
        "no reply is waited for without an end"
    );
}

void check_refusal(std::string_view reply) {
    if (wire::classify_login_reply(reply) != wire::login_reply::refused) {
        return;
    }
    const auto response = wire::as_error_response(std::string(reply));
    fuzz::require(
        wire::classify_login_reply(response) == wire::login_reply::refused, "a refusal stays one"
    );
    fuzz::require(wire::as_error_response(response) == response, "it has its length by then");
}

void check_error_field(std::string_view body, char field) {
    const auto value = wire::error_field(body, field);
    if (value.empty()) {
        return;
    }
    fuzz::require(value.find('\0') == std::string_view::npos, "a value ends at its zero byte");
    fuzz::require(*(value.data() - 1) == field, "a value stands behind its letter");
    fuzz::require(value.data() + value.size() < body.data() + body.size(), "a value is whole");
}

void check_server_key(std::string_view reply) {
    const auto split = wire::split_at_backend_key(reply);
    const auto rest = split.before + split.after;
    fuzz::require(
        split.key.empty() || (split.key.size() >= 8 && split.key.size() <= 260),
        "a key fits into a CancelRequest"
    );
    fuzz::require(rest.size() + split.key.size() <= reply.size(), "nothing is added");
    const auto second_pass = wire::split_at_backend_key(rest);
    fuzz::require(second_pass.key.empty() && second_pass.before == rest, "no key is left");
}

} // namespace

/// Input: one byte for the distance of the cuts, then what a server answers.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const auto reply = fuzz::as_text(data + 1, size - 1);
    check_verdicts(reply, 1 + data[0] % 16U);
    check_refusal(reply);
    check_server_key(reply);
    for (const char field : {'S', 'V', 'C', 'M'}) {
        check_error_field(reply, field);
    }
    return 0;
}
