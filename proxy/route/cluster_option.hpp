#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wakegate::proxy {

/// What a client without SNI says of its cluster in the `options` parameter of its startup message.
struct cluster_option {
    std::optional<std::string> cluster; ///< of `--cluster=NAME`; may be empty
    bool is_ambiguous = false;          ///< several of them, with different names
    std::string remaining; ///< the options for the server: what the client wrote, without ours
};

/// Splits `options` as Postgres does: at white space, a '\' takes the next character as it is
/// (pg_split_opts in utils/init/postinit.c). A word that is the argument of the one before it
/// (`-c --cluster=x`) is none of ours, and behind `--` there are no options
/// (process_postgres_switches in tcop/postgres.c). `-c cluster=x` stays the server's affair.
[[nodiscard]] cluster_option parse_cluster_option(std::string_view options);

} // namespace wakegate::proxy
