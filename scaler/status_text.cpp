#include "scaler/status_text.hpp"

#include "common/text_table.hpp"
#include "common/units.hpp"
#include "scaler/faults.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace wakegate::scaler {
namespace {

using enum text_table::alignment;

std::string whole_seconds(milliseconds span) {
    return format_duration(std::chrono::duration_cast<seconds>(span));
}

std::string age(const std::optional<time_point>& then, time_point now) {
    if (!then) {
        return "never";
    }
    const auto span = std::chrono::duration_cast<milliseconds>(now - *then);
    return whole_seconds(std::max(span, milliseconds(0))) + " ago";
}

/// "in 312s, or up to 30s later, unless a client wants it".
std::string describe(const sleep_forecast& forecast) {
    if (!forecast.sleeps_in) {
        return "not known: " + forecast.reason;
    }
    auto text = "in " + whole_seconds(*forecast.sleeps_in);
    if (forecast.polling_interval > milliseconds(0)) {
        text += " or a poll (" + format_duration(forecast.polling_interval) + ") later";
    }
    return text + " unless a client comes or works";
}

std::string cluster_table(const board_status& status, time_point now) {
    text_table table(
        {{"CLUSTER", left},
         {"STATE", left},
         {"HELD", right},
         {"BUSY", right},
         {"IDLE", right},
         {"ACTIVITY", right},
         {"ANSWER", left},
         {"BECAUSE", left}}
    );
    for (const auto& each : status.clusters) {
        table.add(
            {each.cluster,
             std::string(to_string(each.view.state)),
             fmt::to_string(each.view.held),
             fmt::to_string(each.view.busy),
             fmt::to_string(each.view.idle),
             age(each.view.last_activity, now),
             std::string(to_string(each.decision.answer)),
             each.decision.reason}
        );
    }
    return table.render();
}

std::string asking_table(const board_status& status, time_point now) {
    text_table table(
        {{"CLUSTER", left},
         {"ASKED BY", left},
         {"LAST POLL", right},
         {"TOLD ACTIVE", right},
         {"STREAMS", right},
         {"MAY BE STOPPED", left}}
    );
    for (const auto& each : status.clusters) {
        if (each.scaled_objects.empty()) {
            table.add({each.cluster, "nobody", "", "", "0", describe(each.forecast)});
        }
        for (const auto& object : each.scaled_objects) {
            table.add(
                {each.cluster,
                 object.scaled_object,
                 age(object.last_poll, now),
                 age(object.last_active_answer, now),
                 fmt::to_string(object.streams),
                 describe(each.forecast)}
            );
        }
    }
    return table.render();
}

std::string proxy_table(const board_status& status) {
    text_table table({{"PROXY", left}, {"ID", left}, {"LEASE", left}, {"SNAPSHOT", left}});
    for (const auto& proxy : status.proxies) {
        const bool is_leased = proxy.lease_left > milliseconds(0);
        table.add(
            {proxy.proxy_name.empty() ? "(no name)" : proxy.proxy_name,
             proxy.proxy_id,
             is_leased ? whole_seconds(proxy.lease_left) + " left"
                       : "lapsed " + whole_seconds(-proxy.lease_left) + " ago",
             proxy.has_snapshot ? "yes" : "not yet"}
        );
    }
    return table.render();
}

} // namespace

std::string status_text(const board_status& status, time_point now) {
    std::string page;
    for (const auto& fault : list_faults(status)) {
        page += "WARNING: " + printable(fault) + "\n";
    }
    page += page.empty() ? "" : "\n";
    if (status.clusters.empty()) {
        return page + "No proxy has named a cluster yet, and nobody has asked about one.\n";
    }
    page += cluster_table(status, now) + "\n" + asking_table(status, now) + "\n";
    return page + (status.proxies.empty() ? "No proxy reports.\n" : proxy_table(status));
}

} // namespace wakegate::scaler
