#include "scaler/order_endpoint.hpp"

#include "common/text_table.hpp"
#include "common/utf8.hpp"
#include "scaler/admin_token.hpp"
#include "scaler/state/order_answer.hpp"
#include "scaler/state/order_request.hpp"

#include <optional>
#include <string_view>
#include <utility>
#include <variant>

namespace wakegate::scaler {
namespace {

/// nullopt: the token is right.
std::optional<order_refusal> check_token(const std::string& token_file, std::string_view shown) {
    if (token_file.empty()) {
        return order_refusal{
            .status = 403,
            .label = "no_token_file",
            .text = "orders by hand are off: set admin.token_file in the scaler's configuration",
        };
    }
    const auto read = admin_token::read_file(token_file);
    if (const auto* const error = std::get_if<token_error>(&read)) {
        return order_refusal{
            .status = 503,
            .label = "token_file_unusable",
            .text = "admin.token_file: " + error->reason,
        };
    }
    if (!std::get<admin_token>(read).matches(shown)) {
        return order_refusal{
            .status = 401,
            .label = "unauthorized",
            .text = shown.empty()
                        ? "a token is needed: Authorization: Bearer TOKEN, the content of "
                          "the scaler's admin.token_file"
                        : "the token is not that of the scaler's admin.token_file",
        };
    }
    return std::nullopt;
}

/// Printable: names in it come from the network, and it goes to a terminal.
std::string one_line(std::string_view text) {
    return printable(replace_invalid_utf8(text)) + "\n";
}

admin_response to_answer(const order_refusal& refusal) {
    return {.status = refusal.status, .body = one_line(refusal.text)};
}

} // namespace

order_endpoint::order_endpoint(demand_board& board, event_log& log, std::string token_file)
    : board_(board), event_log_(log), token_file_(std::move(token_file)) {}

admin_response order_endpoint::answer(const admin_request& request, time_point now) {
    if (const auto refusal = check_token(token_file_, request.bearer)) {
        event_log_.order_unauthorized(*refusal, request.peer, now);
        return to_answer(*refusal);
    }
    const auto parsed = parse_order(request.path, request.query);
    if (const auto* const refusal = std::get_if<order_refusal>(&parsed)) {
        event_log_.order_refused(*refusal, request.peer);
        return to_answer(*refusal);
    }
    return carry_out(std::get<manual_order>(parsed), request.peer, now);
}

admin_response
order_endpoint::carry_out(const manual_order& order, const std::string& peer, time_point now) {
    const auto outcome = board_.apply(order, now);
    if (!outcome.status) {
        const order_refusal refusal{
            .status = 404, .label = "unknown_cluster", .text = describe_unknown(order, outcome)
        };
        event_log_.order_refused(refusal, peer);
        return to_answer(refusal);
    }
    event_log_.order_taken(order, peer);
    event_log_.record(outcome.changes);
    return {.status = 200, .body = one_line(describe_taken(order, outcome))};
}

} // namespace wakegate::scaler
