#!/usr/bin/env bash
# psycopg 3.3.9: an error of connect() has no SQLSTATE, though the server sent one.
#
# libpq keeps only the text of what it was told while it connected. So a program that wants to retry
# on 57P03 ("starting up"), and not on 28P01 (wrong password), has nothing but the text, which the
# server may have translated. asyncpg 0.32.0, which speaks the protocol itself, has the SQLSTATE.
#
# as found: psycopg OperationalError None; asyncpg CannotConnectNowError 57P03
set -euo pipefail
# shellcheck source=findings/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

require python3
install_python venv psycopg==3.3.9 psycopg-binary==3.3.9 typing_extensions==4.16.0 asyncpg==0.32.0
start_refusing_server server

seen=$(
    "$work/venv/bin/python" - "$refusing_port" 2>"$work/errors" <<'PYTHON'
import asyncio
import sys

import asyncpg
import psycopg

where = {"host": "127.0.0.1", "port": int(sys.argv[1]), "user": "user"}


def connect_psycopg() -> None:
    psycopg.connect(**where)


def connect_asyncpg() -> None:
    asyncio.run(asyncpg.connect(**where))


for name, connect in {"psycopg": connect_psycopg, "asyncpg": connect_asyncpg}.items():
    try:
        connect()
    except (psycopg.Error, asyncpg.PostgresError) as error:
        print(name, type(error).__name__, error.sqlstate)
PYTHON
)
expect "psycopg OperationalError None
asyncpg CannotConnectNowError 57P03" "$seen"
