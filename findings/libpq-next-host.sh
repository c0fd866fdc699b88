#!/usr/bin/env bash
# libpq 18: whether the next host of a list is tried on 57P03 depends on when 57P03 comes.
#
# Given several hosts, libpq goes on to the next when a server says 57P03, "the database system is
# starting up", instead of asking for authentication. When the server says so after
# AuthenticationOk, as a proxy may have to, the connection fails, and the next host is not tried.
#
# as found: before AuthenticationOk: next host; after AuthenticationOk: FATAL
set -euo pipefail
# shellcheck source=findings/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

require python3
install_python venv psycopg==3.3.9 psycopg-binary==3.3.9 typing_extensions==4.16.0
start_postgres log_connections=on

cat >"$work/connect.py" <<'PYTHON'
import sys

import psycopg

assert psycopg.pq.version() // 10000 == 18, psycopg.pq.version()
first, second = sys.argv[1:]
# psycopg would go through the hosts by itself; what is asked here is libpq.
connection = psycopg.pq.PGconn.connect(
    f"host=127.0.0.1,127.0.0.1 port={first},{second} user=postgres dbname=postgres".encode()
)
if connection.status == psycopg.pq.ConnStatus.OK and connection.port.decode() == second:
    print("next host")
else:
    print(connection.error_message.decode().split("failed: ")[-1].split(":")[0])
PYTHON

try_hosts() { # FIRST_PORT
    "$work/venv/bin/python" "$work/connect.py" "$1" "$port" 2>"$work/errors"
}

start_refusing_server before
before=$(try_hosts "$refusing_port")
start_refusing_server after --after-authentication
after=$(try_hosts "$refusing_port")
expect "before AuthenticationOk: next host; after AuthenticationOk: FATAL" \
    "before AuthenticationOk: $before; after AuthenticationOk: $after"
