#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wakegate::proxy {

/// How a client without SNI names its cluster: in its startup message's parameter `options`.
struct cluster_option {
    std::optional<std::string> cluster; ///< of `--cluster=NAME`; may be empty
    bool is_ambiguous = false;          ///< several of them, with different names
    std::string remaining; ///< the options for the server: as the client sent them, less ours
};

/// Splits `options` as Postgres does: at white space, a '\' escapes the next character
/// (pg_split_opts in utils/init/postinit.c). Skips a word that is the argument of the one before it
/// (`-c --cluster=x`), and all words behind `--` (process_postgres_switches in tcop/postgres.c).
/// Leaves `-c cluster=x` to the server.
[[nodiscard]] cluster_option parse_cluster_option(std::string_view options);

} // namespace wakegate::proxy
