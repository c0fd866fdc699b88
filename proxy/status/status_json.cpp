#include "common/utf8.hpp"
#include "proxy/status/proxy_status.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <chrono>
#include <string_view>

namespace json = boost::json;

namespace wakegate::proxy {
namespace {

json::string text(std::string_view value) {
    return json::string(replace_invalid_utf8(value));
}

json::value text_or_null(std::string_view value) {
    return value.empty() ? json::value(nullptr) : json::value(text(value));
}

std::int64_t whole_ms(duration span) {
    return std::chrono::duration_cast<milliseconds>(span).count();
}

json::value ms_or_null(const std::optional<duration>& span) {
    return span ? json::value(whole_ms(*span)) : json::value(nullptr);
}

/// From now, never negative.
json::value ms_until(const std::optional<time_point>& then, time_point now) {
    return then ? json::value(whole_ms(std::max(*then - now, duration::zero())))
                : json::value(nullptr);
}

json::array describe(const cluster_groups& groups) {
    json::array rows;
    for (const auto& row : groups.rows) {
        rows.push_back(json::object{
            {"state", to_string(row.activity)},
            {"role", text_or_null(row.role)},
            {"application_name", text_or_null(row.application_name)},
            {"source", text_or_null(row.source)},
            {"wake", to_string(row.wake)},
            {"count", row.count},
            {"age_ms", whole_ms(row.age)},
        });
    }
    return rows;
}

json::array describe(const std::vector<other_sessions>& others) {
    json::array rows;
    for (const auto& row : others) {
        rows.push_back(json::object{
            {"state", to_string(row.activity)},
            {"count", row.count},
            {"age_ms", whole_ms(row.age)},
        });
    }
    return rows;
}

/// Null without a status from a scaler.
json::value describe(const sleep_facts& facts) {
    if (facts.contact != scaler_contact::status_known) {
        return nullptr;
    }
    const auto& status = facts.status;
    return json::object{
        {"answer", to_string(status.answer)},
        {"reason", text(status.reason)},
        {"asked", status.scaled_objects},
        {"idle_in_ms", ms_until(status.idle_at, facts.now)},
        {"sleeps_in_ms", ms_until(status.sleeps_at, facts.now)},
    };
}

json::object describe(const cluster_status& cluster) {
    const auto& facts = cluster.facts;
    json::array reasons;
    for (const auto each : awake_reasons(facts)) {
        reasons.push_back(json::string(to_string(each)));
    }
    return {
        {"cluster", text(cluster.name)},
        {"state", to_string(facts.state)},
        {"state_age_ms", whole_ms(cluster.state_age)},
        {"waking", facts.waking},
        {"held", facts.held},
        {"busy", facts.busy},
        {"idle", facts.idle},
        {"idle_counts", facts.count_idle_sessions},
        {"last_activity_age_ms", ms_or_null(facts.activity_age)},
        {"awake_because", std::move(reasons)},
        {"forecast", text(explain_sleep(facts))},
        {"scaler", describe(facts)},
        {"groups", describe(cluster.groups)},
        {"others", describe(cluster.groups.others)},
    };
}

json::object describe(const scaler_status& scaler) {
    return {
        {"address", text(scaler.address)},
        {"connected", scaler.connected},
        {"reason", text_or_null(scaler.reason)},
    };
}

} // namespace

std::string status_json(const proxy_status& status) {
    json::array scalers;
    for (const auto& scaler : status.scalers) {
        scalers.push_back(describe(scaler));
    }
    json::array clusters;
    for (const auto& cluster : status.clusters) {
        clusters.push_back(describe(cluster));
    }
    const json::object page{
        {"name", text_or_null(status.name)},
        {"version", text(status.version)},
        {"uptime_ms", whole_ms(status.uptime)},
        {"draining", status.draining},
        {"clients", status.clients},
        {"max_clients", status.max_clients},
        {"workers", status.workers},
        {"missing_threads", status.missing_threads},
        {"scalers", std::move(scalers)},
        {"clusters", std::move(clusters)},
    };
    return json::serialize(page) + "\n";
}

} // namespace wakegate::proxy
