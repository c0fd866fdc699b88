#!/usr/bin/env bash
# pgjdbc 42.7.14: ApplicationName is no part of the startup message.
#
# It comes by SET after the login, so whatever judges a client by its startup message (a log line at
# login, a pooler's or a gate's rule) does not see it. With assumeMinServerVersion=9.0, the first
# version that knew application_name, it is in the startup message.
#
# as found: login shows no name; SET application_name = 'report'; login shows report
# (the first two by default, the last with assumeMinServerVersion=9.0)
set -euo pipefail
# shellcheck source=findings/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

install_jars org.postgresql:postgresql:42.7.14
start_postgres log_connections=on log_statement=all

cat >"$work/Login.java" <<'JAVA'
import java.sql.DriverManager;

public class Login {
    public static void main(String[] arguments) throws Exception {
        DriverManager.getConnection(arguments[0], "postgres", "").close();
    }
}
JAVA

log_of() { # OPTION: what the server's log says of the name
    local url="jdbc:postgresql://127.0.0.1:$port/postgres?ApplicationName=report$1"
    : >"$work/postgres/log"
    java -cp "$work/jars/*" "$work/Login.java" "$url" 2>"$work/errors"
    sed -nE "s/.*connection authorized.*application_name=(.*)/login shows \\1/p
             s/.*connection authorized.*/login shows no name/p
             s/.*(SET application_name = '[a-z]*').*/\\1/p" "$work/postgres/log"
}

by_default=$(log_of "")
assuming=$(log_of "&assumeMinServerVersion=9.0")
expect "login shows no name
SET application_name = 'report'
login shows report" "$by_default
$assuming"
