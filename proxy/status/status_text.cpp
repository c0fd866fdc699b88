#include "common/text_table.hpp"
#include "proxy/status/proxy_status.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <string_view>
#include <utility>

namespace wakegate::proxy {
namespace {

using enum text_table::alignment;

/// In its two largest units: "3d4h", "2m5s", "0s".
std::string format_brief(duration span) {
    constexpr std::array<std::pair<std::int64_t, char>, 4> units{
        {{86'400, 'd'}, {3'600, 'h'}, {60, 'm'}, {1, 's'}}
    };
    const std::int64_t whole = std::chrono::duration_cast<seconds>(span).count();
    auto left = whole;
    std::string text;
    for (const auto& [size, letter] : units) {
        const auto count = left / size;
        left -= count * size;
        if (!text.empty()) {
            return count > 0 ? text + fmt::format("{}{}", count, letter) : text;
        }
        if (count > 0) {
            text = fmt::format("{}{}", count, letter);
        }
    }
    return text.empty() ? "0s" : text;
}

std::string or_unknown(const std::string& text) {
    return text.empty() ? "-" : text;
}

std::string head(const proxy_status& status) {
    auto text = fmt::format(
        "wakegate-proxy {}{} up {}, {}\n{} of {} clients, {} {}\n",
        status.name.empty() ? "" : printable(status.name) + " ",
        status.version,
        format_brief(status.uptime),
        status.draining ? "draining" : "serving",
        status.clients,
        status.max_clients,
        status.workers,
        status.workers == 1 ? "worker" : "workers"
    );
    if (status.scalers.empty()) {
        text += "no scaler\n";
    }
    for (const auto& scaler : status.scalers) {
        text += scaler.connected
                    ? fmt::format("scaler {}: connected\n", scaler.address)
                    : fmt::format(
                          "scaler {}: not connected: {}\n", scaler.address, printable(scaler.reason)
                      );
    }
    if (status.missing_threads > 0) {
        text += fmt::format(
            "{} of {} threads did not answer in time; their clients are not listed below\n",
            status.missing_threads,
            status.threads
        );
    }
    return text;
}

std::string table_of(const cluster_groups& groups) {
    text_table table(
        {{"STATE", left},
         {"FOR", right},
         {"CLIENTS", right},
         {"ROLE", left},
         {"APPLICATION", left},
         {"SOURCE", left},
         {"WAKE", left}}
    );
    for (const auto& row : groups.rows) {
        table.add(
            {std::string(to_string(row.activity)),
             format_brief(row.age),
             fmt::to_string(row.count),
             or_unknown(row.role),
             or_unknown(row.application_name),
             or_unknown(row.source),
             row.wake == wake_class::always ? "" : std::string(to_string(row.wake))}
        );
    }
    for (const auto& row : groups.others) {
        table.add(
            {std::string(to_string(row.activity)),
             format_brief(row.age),
             fmt::to_string(row.count),
             "(others)"}
        );
    }
    return table.empty() ? "" : table.render(2);
}

std::string describe(const cluster_status& cluster) {
    const auto& facts = cluster.facts;
    auto text = fmt::format(
        "\ncluster {}: {} for {}; {} held, {} busy, {} idle",
        printable(cluster.name),
        to_string(facts.state),
        format_brief(cluster.state_age),
        facts.held,
        facts.busy,
        facts.idle
    );
    if (facts.activity_age) {
        text += fmt::format("; last activity {} ago", format_brief(*facts.activity_age));
    }
    const auto because = explain_awake(facts);
    if (!because.empty()) {
        text += "\n  kept awake: " + printable(because);
    }
    text += "\n  " + printable(explain_sleep(facts)) + "\n";
    return text + table_of(cluster.groups);
}

} // namespace

std::string status_text(const proxy_status& status) {
    auto text = head(status);
    for (const auto& cluster : status.clusters) {
        text += describe(cluster);
    }
    return text;
}

} // namespace wakegate::proxy
