#include "proxy/admin_pages.hpp"

#include "common/log.hpp"

#include <fmt/format.h>

#include <optional>
#include <string>

namespace wakegate::proxy {
namespace {

/// Each unreachable address with its reason.
std::string unreached_scalers(const reporter& reports) {
    std::string body = "no scaler hears this proxy; check scalers\n";
    for (const auto& [address, failure] : reports.unreachable()) {
        body += fmt::format("{}: {}\n", address, failure.reason);
    }
    return body;
}

admin_response readiness(const admin_sources& sources) {
    if (sources.draining) {
        return {.status = 503, .body = "draining\n"};
    }
    if (sources.reports.has_scalers() && sources.reports.connected() == 0) {
        return {.status = 503, .body = unreached_scalers(sources.reports)};
    }
    return {.body = "ready\n"};
}

admin_response metrics_page(const admin_sources& sources) {
    auto& counters = sources.counters;
    for (const auto& [name, cluster] : sources.clusters) {
        counters.set_demand(name, cluster->gate->demand());
        const auto& verifiers = cluster->verifiers;
        if (const auto stats = verifiers ? verifiers->stats() : std::nullopt) {
            counters.set_verifiers(name, *stats);
        }
    }
    counters.set_certificates(sources.files.certificate_terms());
    if (sources.verifiers != nullptr) {
        counters.set_verifier_cache(sources.verifiers->stored_at());
    }
    counters.set_scaler_streams(sources.reports.connected());
    counters.set_log_lines_dropped(log::dropped_lines());
    return {.body = counters.exposition(), .content_type = "text/plain; version=0.0.4"};
}

} // namespace

admin_http::pages admin_pages(const admin_sources& sources) {
    admin_http::pages pages;
    pages["/healthz"] = [] { return admin_response{.body = "ok\n"}; };
    pages["/readyz"] = [sources] { return readiness(sources); };
    pages["/metrics"] = [sources] { return metrics_page(sources); };
    return pages;
}

} // namespace wakegate::proxy
