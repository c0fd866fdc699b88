#include "proxy/route/wake_class.hpp"

#include "proxy/route/glob.hpp"

#include <algorithm>

namespace wakegate::proxy {
namespace {

bool fits(const wake_rule& rule, const wake_request& client) {
    if (!rule.role.empty() && !matches(rule.role, client.role)) {
        return false;
    }
    if (!rule.application_name.empty() &&
        !matches(rule.application_name, client.application_name)) {
        return false;
    }
    const auto holds_client = [&client](const cidr& network) {
        return client.source && network.contains(*client.source);
    };
    return rule.networks.empty() ||
           std::any_of(rule.networks.begin(), rule.networks.end(), holds_client);
}

} // namespace

wake_class wake_rules::classify(const wake_request& client) const {
    const auto decisive = std::find_if(rules_.begin(), rules_.end(), [&](const wake_rule& rule) {
        return fits(rule, client);
    });
    return decisive == rules_.end() ? default_class_ : decisive->result;
}

} // namespace wakegate::proxy
