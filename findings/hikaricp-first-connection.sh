#!/usr/bin/env bash
# HikariCP 7.1.0: connectionTimeout does not bound a pool's first connection.
#
# With the default initializationFailTimeout (1) the constructor of HikariDataSource opens one
# connection to fail early, and waits for it as long as the driver does; pgjdbc waits for ever. So
# an application's start may take any time where connectionTimeout says 1 s. With
# initializationFailTimeout=-1 nothing is opened in the constructor, and getConnection() gives up
# after connectionTimeout.
#
# as found: pool after 4 s; connection; pool at once; SQLTransientConnectionException
# (connectionTimeout is 1 s; the last two with initializationFailTimeout=-1)
set -euo pipefail
# shellcheck source=findings/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

install_jars com.zaxxer:HikariCP:7.1.0 org.postgresql:postgresql:42.7.14 \
    org.slf4j:slf4j-api:2.0.17 org.slf4j:slf4j-nop:2.0.17
start_postgres pre_auth_delay=4s

cat >"$work/Pool.java" <<'JAVA'
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

public class Pool {
    public static void main(String[] arguments) throws Exception {
        var config = new HikariConfig();
        config.setJdbcUrl(arguments[0]);
        config.setConnectionTimeout(1000);
        config.setInitializationFailTimeout(Long.parseLong(arguments[1]));
        final var began = System.nanoTime();
        try (var pool = new HikariDataSource(config)) {
            var slow = System.nanoTime() - began >= 4_000_000_000L;
            System.out.println(slow ? "pool after 4 s" : "pool at once");
            pool.getConnection().close();
            System.out.println("connection");
        } catch (java.sql.SQLTransientConnectionException error) {
            System.out.println("SQLTransientConnectionException");
        }
    }
}
JAVA

open_pool() { # INITIALIZATION_FAIL_TIMEOUT
    local url="jdbc:postgresql://127.0.0.1:$port/postgres?user=postgres&sslmode=disable"
    java -cp "$work/jars/*" "$work/Pool.java" "$url" "$1" 2>"$work/errors"
}

by_default=$(open_pool 1)
without_first=$(open_pool -1)
expect "pool after 4 s
connection
pool at once
SQLTransientConnectionException" "$by_default
$without_first"
