#!/usr/bin/env bash
# adbc-driver-postgresql 1.13.0: connect() logs in twice.
#
# The first login is the database object's, which reads the server's types and leaves; the second is
# the connection's. Each may wait, and be refused, on its own, so that a client that is held may be
# held twice. Further connections of the same database object take one login each.
#
# as found: 1 connect(), 2 logins
set -euo pipefail
# shellcheck source=findings/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

require python3
install_python venv adbc-driver-postgresql==1.13.0 adbc-driver-manager==1.13.0 pyarrow==24.0.0
start_postgres log_connections=on

"$work/venv/bin/python" - "postgresql://postgres@127.0.0.1:$port/postgres" <<'PYTHON'
import sys

from adbc_driver_postgresql import dbapi

with dbapi.connect(sys.argv[1]) as connection, connection.cursor() as cursor:
    cursor.execute("SELECT 1")
    assert cursor.fetchone() == (1,)
PYTHON

expect "1 connect(), 2 logins" "1 connect(), $(logins) logins"
