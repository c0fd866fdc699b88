#include "common/configuration_error.hpp"
#include "common/yaml_map.hpp"
#include "tests/fuzz/require.hpp"

#include <functional>
#include <string>
#include <tuple>

using namespace wakegate;

namespace {

/// A bad file may only throw a configuration_error of one line; anything else is a finding.
void attempt(const std::function<void()>& read) {
    try {
        read();
    } catch (const configuration_error& error) {
        const std::string_view reason = error.what();
        fuzz::require(!reason.empty(), "a configuration error says something");
        fuzz::require(reason.find('\n') == std::string_view::npos, "and says it in one line");
    }
}

/// Reads every kind of value, under keys that the corpus uses.
void read_all(const yaml_map& map) {
    attempt([&] { std::ignore = map.required_text("text"); });
    attempt([&] { std::ignore = map.texts("texts"); });
    attempt([&] { std::ignore = map.flag("flag", false); });
    attempt([&] { std::ignore = map.number("number", 1, 0, 100); });
    attempt([&] { std::ignore = map.period("period", milliseconds(1)); });
    attempt([&] { std::ignore = map.size("size", 1); });
    attempt([&] { std::ignore = map.required_address("address"); });
    attempt([&] { std::ignore = map.addresses("addresses"); });
    attempt([&] { std::ignore = map.choice("choice", "one", {"one", "two"}); });
    attempt([&] { std::ignore = map.named_texts("named_texts"); });
    attempt([&] {
        for (const auto& each : map.maps("maps")) {
            std::ignore = each.text("text", "");
            each.reject_unknown_keys();
        }
    });
    attempt([&] {
        for (const auto& [name, each] : map.named_maps("named_maps")) {
            std::ignore = each.has("text");
            each.reject_unknown_keys();
        }
    });
    attempt([&] { map.map("map").reject_unknown_keys(); });
    attempt([&] { map.reject_unknown_keys(); });
    attempt([&] { map.fail("text", "no"); });
}

} // namespace

/// Input: a YAML file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    attempt([&] { read_all(yaml_map::parse(std::string(fuzz::as_text(data, size)), "fuzz.yaml")); }
    );
    return 0;
}
