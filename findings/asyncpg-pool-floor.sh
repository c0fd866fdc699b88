#!/usr/bin/env bash
# asyncpg 0.32.0: a pool logs in again, unasked, when the server ends its idle sessions.
#
# `min_size` of create_pool() is how many connections the pool is initialized with. Since 0.32 it is
# a floor as well: connections that the server has ended are replaced at once, though nobody wants
# one. 0.31.0 opened the next connection for the next caller. So an idle pool keeps a server awake
# that is stopped for want of work. `min_size=0` is quiet.
#
# as found: asyncpg 0.31.0: 2 logins, then 0 unasked; 0.32.0: 2 logins, then 2 unasked
set -euo pipefail
# shellcheck source=findings/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

require python3 psql
install_python old asyncpg==0.31.0
install_python new asyncpg==0.32.0
start_postgres log_connections=on

cat >"$work/pool.py" <<'PYTHON'
import asyncio
import sys

import asyncpg


async def main(port: int) -> None:
    where = {"host": "127.0.0.1", "port": port, "user": "postgres", "database": "postgres"}
    async with asyncpg.create_pool(**where, ssl=False, min_size=2, max_size=2):
        print("open", flush=True)
        await asyncio.to_thread(sys.stdin.readline)


asyncio.run(main(int(sys.argv[1])))
PYTHON

others="pid <> pg_backend_pid() AND backend_type = 'client backend'"
sql() {
    psql -XqAt -h 127.0.0.1 -p "$port" -U postgres -d postgres -c "$1"
}
# shellcheck disable=SC2317  # wait_until calls it
nobody_is_there() {
    [[ $(sql "SELECT count(*) FROM pg_stat_activity WHERE $others") == 0 ]]
}
asyncpg_logins() { # psql tells its name
    grep 'connection authorized' "$work/postgres/log" | grep -vc application_name=psql || true
}

idle_pool() { # VENV
    local before pool
    before=$(asyncpg_logins)
    coproc "$work/$1/bin/python" "$work/pool.py" "$port" 2>"$work/errors"
    pool=("${COPROC[@]}")
    read -r _ <&"${pool[0]}"
    local first=$(($(asyncpg_logins) - before))
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE $others" >/dev/null
    # What is asserted of 0.31 is that nothing happens; 0.32 does it in well under a second.
    sleep 3
    echo "$first logins, then $(($(asyncpg_logins) - before - first)) unasked"
    echo >&"${pool[1]}"
    wait "$COPROC_PID"
    wait_until nobody_is_there
}

old=$(idle_pool old)
new=$(idle_pool new)
expect "asyncpg 0.31.0: 2 logins, then 0 unasked; 0.32.0: 2 logins, then 2 unasked" \
    "asyncpg 0.31.0: $old; 0.32.0: $new"
