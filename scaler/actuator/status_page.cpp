#include "scaler/actuator/status_page.hpp"

#include "common/text_table.hpp"
#include "common/units.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace wakegate::actuator {
namespace {

std::string in_seconds(milliseconds value) {
    const auto whole = std::chrono::duration_cast<seconds>(value);
    return fmt::format("{} s", std::max(whole, seconds(0)).count());
}

milliseconds age(time_point moment, time_point now) {
    return std::chrono::duration_cast<milliseconds>(now - moment);
}

std::string last_poll_cell(const object_status& object, time_point now) {
    if (!object.last_poll) {
        return "none yet";
    }
    const auto& poll = *object.last_poll;
    const std::string_view answer = poll.active ? "active" : "inactive";
    return fmt::format(
        "{} {} ago", poll.error ? "failed" : answer, in_seconds(age(poll.when, now))
    );
}

/// What the next polls and pushes may do.
std::string next_step(const object_status& object) {
    if (!object.last_poll || object.last_poll->error) {
        return "stays as it is until a scaler answers, but for pushes";
    }
    if (object.replicas == 0 && !object.state_unknown) {
        return object.stream_connected ? "starts when a client comes"
                                       : "starts when a poll finds a client";
    }
    if (!object.stops_in) {
        return "runs on: min_replicas keeps it";
    }
    if (object.active) {
        return fmt::format("in use; stops in {} at the earliest", in_seconds(*object.stops_in));
    }
    return fmt::format("stops in {} unless a client comes", in_seconds(*object.stops_in));
}

std::string hook_cell(const object_status& object) {
    if (object.hook != "none") {
        return fmt::format("{} runs", object.hook);
    }
    return object.last_hook_failure.empty() ? "-" : "failed";
}

std::string replicas_cell(const object_status& object) {
    return fmt::format("{}{}", object.replicas, object.state_unknown ? "?" : "");
}

std::string problems(const std::string& name, const object_status& object) {
    std::string text;
    const auto add = [&](std::string_view label, const std::string& reason) {
        text += fmt::format("{}: {}: {}\n", printable(name), label, printable(reason));
    };
    if (object.last_poll && object.last_poll->error) {
        add("last poll", cause_of(*object.last_poll->error));
    }
    if (object.reconciled && !object.stream_connected) {
        add("pushes", object.stream_error ? cause_of(*object.stream_error) : "not connected");
    }
    if (!object.last_hook_failure.empty()) {
        add("last hook", object.last_hook_failure);
    }
    if (object.state_unknown) {
        add("replicas", "in doubt: a hook failed, and no status hook tells what runs");
    }
    return text;
}

boost::json::value count_or_null(const std::optional<milliseconds>& value) {
    return value ? boost::json::value(value->count()) : boost::json::value(nullptr);
}

boost::json::value json_of(const std::optional<call_error>& error) {
    if (!error) {
        return nullptr;
    }
    return boost::json::object{
        {"rpc", error->rpc},
        {"code", name_of(error->code)},
        {"text", printable(error->text)},
        {"cause", printable(cause_of(*error))},
    };
}

boost::json::value json_of(const std::optional<poll_result>& poll, time_point now) {
    if (!poll) {
        return nullptr;
    }
    return boost::json::object{
        {"age_ms", age(poll->when, now).count()},
        {"active", poll->active},
        {"error", json_of(poll->error)},
    };
}

boost::json::object json_of(const object_status& object, time_point now) {
    return {
        {"namespace", object.name_space},
        {"replicas", object.replicas},
        {"in_doubt", object.state_unknown},
        {"active", object.active},
        {"last_active_age_ms", count_or_null(object.last_active_age)},
        {"reconciled", object.reconciled},
        {"last_poll", json_of(object.last_poll, now)},
        {"stops_in_ms", count_or_null(object.stops_in)},
        {"stream_connected", object.stream_connected},
        {"stream_error", json_of(object.stream_error)},
        {"push_waiting", object.push_waiting},
        {"hook", {{"running", object.hook}, {"last_failure", printable(object.last_hook_failure)}}},
    };
}

} // namespace

std::string status_text(const object_statuses& objects, time_point now) {
    text_table table({
        {"OBJECT"},
        {"REPLICAS", text_table::alignment::right},
        {"LAST POLL"},
        {"PUSHES"},
        {"HOOK"},
        {"NEXT"},
    });
    std::string below;
    for (const auto& [name, object] : objects) {
        table.add({
            name,
            replicas_cell(object),
            last_poll_cell(object, now),
            object.stream_connected ? "connected" : "lost",
            hook_cell(object),
            next_step(object),
        });
        below += problems(name, object);
    }
    return table.render() + (below.empty() ? "" : "\n" + below);
}

std::string status_json(const object_statuses& objects, time_point now) {
    boost::json::object pages;
    for (const auto& [name, object] : objects) {
        pages[name] = json_of(object, now);
    }
    const boost::json::object page{{"scaled_objects", std::move(pages)}};
    return boost::json::serialize(page) + "\n";
}

boost::system::result<void, unready_error> check_ready(const object_status& object) {
    if (!object.last_poll) {
        return unready_error{"no scaler has answered yet"};
    }
    if (object.last_poll->error) {
        return unready_error{cause_of(*object.last_poll->error)};
    }
    if (object.stream_connected) {
        return {};
    }
    if (object.stream_error) {
        return unready_error{"no pushes: " + cause_of(*object.stream_error)};
    }
    return unready_error{"no pushes: the stream is not connected yet"};
}

} // namespace wakegate::actuator
