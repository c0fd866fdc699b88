#include "scaler/state/order_request.hpp"
#include "tests/fuzz/require.hpp"

using namespace wakegate;

/// Input: the target of a POST, "/clusters/NAME/wake?for=30m".
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto target = fuzz::as_text(data, size);
    const auto path = target.substr(0, target.find('?'));
    const auto query = target.substr(path.size() == size ? size : path.size() + 1);
    const auto parsed = scaler::parse_order(path, query);
    const auto* const order = std::get_if<scaler::manual_order>(&parsed);
    if (order == nullptr) {
        const auto& error = std::get<scaler::order_refusal>(parsed);
        fuzz::require(error.status == 400 || error.status == 404, "the sender's fault");
        fuzz::require(error.text.size() < 256, "of bounded length");
        return 0;
    }
    const auto bounds = scaler::period_bounds(order->kind);
    fuzz::require(!order->cluster.empty() && order->cluster.size() <= 256, "a name within bounds");
    fuzz::require(order->period <= bounds.max_period, "a period within bounds");

    const auto written = scaler::to_target(*order);
    const auto mark = written.find('?');
    const auto second_pass = scaler::parse_order(
        std::string_view(written).substr(0, mark),
        mark == std::string::npos ? std::string_view() : std::string_view(written).substr(mark + 1)
    );
    fuzz::require(
        std::holds_alternative<scaler::manual_order>(second_pass), "what is written is read"
    );
    fuzz::require(std::get<scaler::manual_order>(second_pass) == *order, "as what it was");
    return 0;
}
