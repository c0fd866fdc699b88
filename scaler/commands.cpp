#include "scaler/commands.hpp"

#include "common/configuration_error.hpp"
#include "common/log.hpp"
#include "common/units.hpp"
#include "scaler/config.hpp"
#include "scaler/order_client.hpp"
#include "scaler/state/order_request.hpp"

#include <boost/program_options.hpp>

#include <fmt/format.h>

#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace wakegate::scaler {
namespace {

namespace options = boost::program_options;

constexpr milliseconds replica_timeout{10'000};

/// The replicas' admin address, and the token that authorises orders.
struct order_access {
    host_port admin;
    std::string token_file;
};

bool lasts(order_kind kind) {
    return period_bounds(kind).max_period > milliseconds(0);
}

options::options_description flags_of(order_kind kind) {
    options::options_description flags("Flags");
    auto add = flags.add_options();
    if (lasts(kind)) {
        const auto bounds = period_bounds(kind);
        const auto help = fmt::format(
            "how long, at most {}; {} without it",
            format_duration(bounds.max_period),
            format_duration(bounds.default_period)
        );
        add("for", options::value<std::string>()->value_name("DURATION"), help.c_str());
    }
    add("config",
        options::value<std::string>()->value_name("FILE"),
        "the scaler's configuration: its admin.address and admin.token_file");
    add("admin",
        options::value<std::string>()->value_name("HOST:PORT"),
        "instead of admin.address; each address of a name is a replica and is told");
    add("token-file",
        options::value<std::string>()->value_name("FILE"),
        "instead of admin.token_file");
    add("help", "print this and exit");
    return flags;
}

options::variables_map parse(order_kind kind, const std::vector<std::string>& arguments) {
    options::options_description all = flags_of(kind);
    all.add_options()("cluster", options::value<std::string>());
    options::positional_options_description positions;
    positions.add("cluster", 1);
    options::variables_map values;
    options::command_line_parser parser(arguments);
    options::store(parser.options(all).positional(positions).run(), values);
    options::notify(values);
    return values;
}

std::string text_of(const options::variables_map& values, const char* flag) {
    return values.contains(flag) ? values[flag].as<std::string>() : std::string();
}

manual_order read_order(order_kind kind, const options::variables_map& values) {
    manual_order order{
        .kind = kind,
        .cluster = text_of(values, "cluster"),
        .period = period_bounds(kind).default_period
    };
    if (order.cluster.empty()) {
        throw configuration_error(
            fmt::format("{0}: a cluster's name is missing: {0} CLUSTER", to_string(kind))
        );
    }
    if (values.contains("for")) {
        auto period = parse_order_period(kind, text_of(values, "for"));
        if (const auto* const wrong = std::get_if<std::string>(&period)) {
            throw configuration_error(fmt::format("--for '{}': {}", text_of(values, "for"), *wrong)
            );
        }
        order.period = std::get<milliseconds>(period);
    }
    return order;
}

order_access read_access(const options::variables_map& values) {
    std::optional<admin_settings> configured;
    if (values.contains("config")) {
        configured = load_config(text_of(values, "config")).admin;
    }
    order_access access;
    access.token_file = text_of(values, "token-file");
    if (access.token_file.empty() && configured) {
        access.token_file = configured->token_file;
    }
    if (values.contains("admin")) {
        const auto text = text_of(values, "admin");
        const auto address = parse_host_port(text);
        if (!address || address->port == 0) {
            throw configuration_error(
                fmt::format("--admin '{}': must be HOST:PORT, like scaler.db:9412", text)
            );
        }
        access.admin = *address;
    } else if (configured) {
        access.admin = configured->address;
    } else {
        throw configuration_error(
            "where the scaler is: give its --config FILE, with admin.address in it, or --admin "
            "HOST:PORT"
        );
    }
    if (access.token_file.empty()) {
        throw configuration_error(
            "what lets you give orders: give --token-file FILE, or a --config FILE with "
            "admin.token_file in it"
        );
    }
    return access;
}

admin_token read_token(const std::string& path) {
    auto read = admin_token::read_file(path);
    if (const auto* const error = std::get_if<token_error>(&read)) {
        throw configuration_error("token file: " + error->reason);
    }
    return std::get<admin_token>(std::move(read));
}

int report(const std::vector<order_response>& replies) {
    int exit_code = 0;
    for (const auto& reply : replies) {
        const auto line = fmt::format("{}: {}", reply.replica, reply.text);
        if (reply.is_taken) {
            std::cout << line << '\n';
        } else {
            log::plain(line);
            exit_code = 1;
        }
    }
    return exit_code;
}

int run(order_kind kind, const std::vector<std::string>& arguments) {
    const auto values = parse(kind, arguments);
    if (values.contains("help")) {
        std::cout << "wakegate-scaler " << to_string(kind) << " CLUSTER\n\n" << flags_of(kind);
        return 0;
    }
    const auto order = read_order(kind, values);
    const auto access = read_access(values);
    const auto token = read_token(access.token_file);
    return report(send_order(access.admin, token, order, replica_timeout));
}

program_command command(order_kind kind, std::string_view summary) {
    return {
        .name = to_string(kind),
        .arguments = lasts(kind) ? "CLUSTER [--for DURATION]" : "CLUSTER",
        .summary = summary,
        .run = [kind](const std::vector<std::string>& arguments) { return run(kind, arguments); },
    };
}

} // namespace

std::vector<program_command> order_commands() {
    return {
        command(order_kind::wake, "start it now and keep it awake, for 30m if not told otherwise"),
        command(
            order_kind::keep_awake, "while it is awake don't let it sleep, for 8h; starts nothing"
        ),
        command(order_kind::sleep_now, "end both, and forget activity until now"),
    };
}

} // namespace wakegate::scaler
