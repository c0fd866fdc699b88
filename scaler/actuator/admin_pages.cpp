#include "scaler/actuator/admin_pages.hpp"

#include "common/log.hpp"
#include "common/text_table.hpp"
#include "scaler/actuator/status_page.hpp"

#include <fmt/format.h>

namespace wakegate::actuator {
namespace {

object_statuses statuses(const scaled_objects& objects, time_point now) {
    object_statuses all;
    for (const auto& entry : objects) {
        all.emplace(entry.name, entry.object->status(now));
    }
    return all;
}

admin_response readiness(const scaled_objects& objects, bool stopping) {
    if (stopping) {
        return {.status = 503, .body = "stopping\n"};
    }
    std::string missing;
    for (const auto& [name, status] : statuses(objects, clock::now())) {
        const auto ready = check_ready(status);
        if (!ready) {
            missing += fmt::format("{}: {}\n", printable(name), printable(ready.error().reason));
        }
    }
    if (!missing.empty()) {
        return {.status = 503, .body = std::move(missing)};
    }
    return {.status = 200, .body = "ready\n"};
}

} // namespace

admin_http::pages
admin_pages(const metrics& registry, const scaled_objects& objects, const bool& stopping) {
    admin_http::pages pages;
    pages["/metrics"] = [&registry, &objects] {
        for (const auto& entry : objects) {
            entry.object->update_gauges();
        }
        return admin_response{
            .status = 200,
            .body = registry.text(log::dropped_lines()),
            .content_type = "text/plain; version=0.0.4; charset=utf-8",
        };
    };
    pages["/healthz"] = [] { return admin_response{.status = 200, .body = "ok\n"}; };
    pages["/readyz"] = [&objects, &stopping] { return readiness(objects, stopping); };
    pages["/status"] = [&objects] {
        const auto now = clock::now();
        return admin_response{.status = 200, .body = status_text(statuses(objects, now), now)};
    };
    pages["/status.json"] = [&objects] {
        const auto now = clock::now();
        return admin_response{
            .status = 200,
            .body = status_json(statuses(objects, now), now),
            .content_type = "application/json",
        };
    };
    return pages;
}

} // namespace wakegate::actuator
