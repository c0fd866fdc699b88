#include "scaler/status_json.hpp"

#include "scaler/faults.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>

namespace json = boost::json;

namespace wakegate::scaler {
namespace {

json::value age_ms(const std::optional<time_point>& then, time_point now) {
    if (!then) {
        return nullptr;
    }
    return std::chrono::duration_cast<milliseconds>(now - *then).count();
}

json::value in_ms(const std::optional<milliseconds>& span) {
    return span ? json::value(span->count()) : json::value(nullptr);
}

json::string text(std::string_view value) {
    return json::string(value);
}

json::object describe(const scaled_object_status& object, time_point now) {
    return {
        {"scaled_object", text(object.scaled_object)},
        {"last_poll_age_ms", age_ms(object.last_poll, now)},
        {"told_active_age_ms", age_ms(object.last_active_answer, now)},
        {"streams", object.streams},
    };
}

json::object describe(const cluster_status& status, time_point now) {
    json::array objects;
    for (const auto& object : status.scaled_objects) {
        objects.push_back(describe(object, now));
    }
    const auto& view = status.view;
    return {
        {"cluster", text(status.cluster)},
        {"state", text(to_string(view.state))},
        {"held", view.held},
        {"busy", view.busy},
        {"idle", view.idle},
        {"last_activity_age_ms", age_ms(view.last_activity, now)},
        {"answer", text(to_string(status.decision.answer))},
        {"reason", text(status.decision.reason)},
        {"streams", status.streams},
        {"asked_by", std::move(objects)},
        {"idle_in_ms", in_ms(status.forecast.idle_in)},
        {"sleeps_in_ms", in_ms(status.forecast.sleeps_in)},
        {"sleeps_not_known_because", text(status.forecast.reason)},
    };
}

json::object describe(const proxy_view& proxy) {
    return {
        {"proxy", text(proxy.proxy_id)},
        {"name", text(proxy.proxy_name)},
        {"state", proxy.lease_left > milliseconds(0) ? "leased" : "lapsed"},
        {"reported", proxy.has_snapshot},
        {"lease_left_ms", proxy.lease_left.count()},
        {"sequence", proxy.sequence},
    };
}

} // namespace

std::string status_json(const board_status& status, time_point now) {
    json::array clusters;
    for (const auto& cluster : status.clusters) {
        clusters.push_back(describe(cluster, now));
    }
    json::array proxies;
    for (const auto& proxy : status.proxies) {
        proxies.push_back(describe(proxy));
    }
    json::array faults;
    for (const auto& fault : list_faults(status)) {
        faults.push_back(text(fault));
    }
    const json::object page{
        {"warnings", std::move(faults)},
        {"clusters", std::move(clusters)},
        {"proxies", std::move(proxies)},
    };
    return json::serialize(page) + "\n";
}

} // namespace wakegate::scaler
