#pragma once

#include "common/cidr.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wakegate::proxy {

/// What a client may do.
enum class wake_class {
    always, ///< wakes the cluster, and is held until it is ready
    defer,  ///< uses the cluster while it is awake; 57P03 at once while it is not
    never,  ///< as `defer`, and its work does not keep the cluster awake: exporters, pings
};

[[nodiscard]] constexpr bool may_wake(wake_class wake) noexcept {
    return wake == wake_class::always;
}

[[nodiscard]] constexpr bool keeps_awake(wake_class wake) noexcept {
    return wake != wake_class::never;
}

/// One line of `wake`. Fits clients that fit all its fields; an empty field fits all clients.
struct wake_rule {
    std::string role = {};             ///< a pattern, see `matches`
    std::string application_name = {}; ///< a pattern; clients choose it freely: no defence
    std::vector<cidr> networks = {};   ///< one of them contains the client
    wake_class result = wake_class::always;
};

/// The client. Without a source it fits no rule with networks.
struct wake_request {
    std::string_view role;
    std::string_view application_name = {};
    std::optional<ip_address> source = {};
};

/// The first rule that fits decides, so the order of the file is the precedence. Immutable; any
/// thread.
class wake_rules {
public:
    explicit wake_rules(
        std::vector<wake_rule> rules = {}, wake_class default_class = wake_class::always
    )
        : rules_(std::move(rules)), default_class_(default_class) {}

    [[nodiscard]] wake_class classify(const wake_request& client) const;

private:
    std::vector<wake_rule> rules_;
    wake_class default_class_;
};

} // namespace wakegate::proxy
