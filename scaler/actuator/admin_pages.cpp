#include "scaler/actuator/admin_pages.hpp"

#include "common/log.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace wakegate::actuator {
namespace {

boost::json::object page_of(const object_status& status) {
    boost::json::object page;
    page["namespace"] = status.name_space;
    page["replicas"] = status.replicas;
    page["in_doubt"] = status.in_doubt;
    page["active"] = status.active;
    page["last_active_age_ms"] = nullptr;
    if (status.last_active_age) {
        page["last_active_age_ms"] = status.last_active_age->count();
    }
    page["reconciled"] = status.reconciled;
    page["stream_connected"] = status.stream_connected;
    page["push_waiting"] = status.push_waiting;
    page["hook"] = {{"running", status.hook}, {"last_failure", status.last_hook_failure}};
    return page;
}

admin_answer status_page(const scaled_objects& objects) {
    const auto now = clock::now();
    boost::json::object pages;
    for (const auto& entry : objects) {
        pages[entry.name] = page_of(entry.object->status(now));
    }
    boost::json::object page;
    page["scaled_objects"] = std::move(pages);
    return {
        .status = 200,
        .body = boost::json::serialize(page) + "\n",
        .content_type = "application/json",
    };
}

admin_answer readiness(const scaled_objects& objects, bool stopping) {
    if (stopping) {
        return {.status = 503, .body = "stopping\n"};
    }
    const auto now = clock::now();
    std::string missing;
    for (const auto& entry : objects) {
        const auto status = entry.object->status(now);
        if (!status.reconciled || !status.stream_connected) {
            missing.append(entry.name).append(": no scaler connected\n");
        }
    }
    if (!missing.empty()) {
        return {.status = 503, .body = std::move(missing)};
    }
    return {.status = 200, .body = "ready\n"};
}

} // namespace

admin_http::pages
admin_pages(const metrics& counted, const scaled_objects& objects, const bool& stopping) {
    admin_http::pages pages;
    pages["/metrics"] = [&counted, &objects] {
        for (const auto& entry : objects) {
            entry.object->count();
        }
        return admin_answer{
            .status = 200,
            .body = counted.text(log::dropped_lines()),
            .content_type = "text/plain; version=0.0.4; charset=utf-8",
        };
    };
    pages["/healthz"] = [] { return admin_answer{.status = 200, .body = "ok\n"}; };
    pages["/readyz"] = [&objects, &stopping] { return readiness(objects, stopping); };
    pages["/status"] = [&objects] { return status_page(objects); };
    return pages;
}

} // namespace wakegate::actuator
