#include "proxy/status/status_pages.hpp"

#include "common/program.hpp"

#include <algorithm>
#include <utility>

namespace wakegate::proxy {
namespace {

scaler_contact contact_of(const reporter& reports) {
    if (!reports.has_scalers()) {
        return scaler_contact::none_configured;
    }
    return reports.connected() == 0 ? scaler_contact::none_connected
                                    : scaler_contact::no_status_yet;
}

sleep_facts facts_of(const cluster& described, const reporter& reports, time_point now) {
    const auto demand = described.gate->demand();
    sleep_facts facts{
        .state = demand.state,
        .waking = demand.waking,
        .held = demand.held,
        .busy = demand.busy,
        .idle = demand.idle,
        .count_idle_sessions = described.settings.count_idle_sessions,
        .contact = contact_of(reports),
        .now = now,
    };
    if (demand.last_activity) {
        facts.activity_age = std::max(now - *demand.last_activity, duration::zero());
    }
    if (auto status = reports.view().for_cluster(described.settings.name)) {
        facts.contact = scaler_contact::status_known;
        facts.status = std::move(*status);
    }
    return facts;
}

std::vector<scaler_status> scalers_of(const reporter& reports) {
    std::vector<scaler_status> scalers;
    for (const auto& address : reports.connected_addresses()) {
        scalers.push_back({.address = address, .connected = true, .reason = {}});
    }
    for (const auto& [address, failure] : reports.unreachable()) {
        scalers.push_back({.address = address, .connected = false, .reason = failure.reason});
    }
    return scalers;
}

} // namespace

proxy_status describe_proxy(
    const status_sources& sources, const session_collection& collected, duration uptime
) {
    const auto now = clock::now();
    proxy_status status{
        .name = sources.name,
        .version = std::string(version()),
        .uptime = uptime,
        .draining = sources.draining,
        .scalers = scalers_of(sources.reports),
        .max_clients = sources.max_clients,
        .workers = sources.workers.size(),
        .threads = collected.threads,
        .missing_threads = collected.missing,
    };
    for (const auto& worker : sources.workers) {
        status.clients += worker->load();
    }
    for (const auto& [name, described] : sources.sessions.clusters) {
        status.clusters.push_back({
            .name = name,
            .state_age = now - described->gate->state_since(),
            .facts = facts_of(*described, sources.reports, now),
            .groups = collected.groups.for_cluster(*described, now),
        });
    }
    return status;
}

status_pages::status_pages(status_sources sources)
    : sources_(std::move(sources)),
      collector_(sources_.control, sources_.workers, sources_.sessions.clients) {}

void status_pages::add_to(admin_http::pages& pages) {
    pages["/status"] = [this](const admin_callback& reply) {
        answer(reply, status_text, "text/plain; charset=utf-8");
    };
    pages["/status.json"] = [this](const admin_callback& reply) {
        answer(reply, status_json, "application/json");
    };
}

void status_pages::answer(
    const admin_callback& reply, rendering* render, const char* content_type
) {
    collector_.collect([this, reply, render, content_type](const session_collection& collected) {
        const auto status = describe_proxy(sources_, collected, clock::now() - started_);
        reply({.body = render(status), .content_type = content_type});
    });
}

} // namespace wakegate::proxy
