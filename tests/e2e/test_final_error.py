"""A client whose session the draining gate ends after its transaction gets the reason: 57P01.

libpq treats an error that it reads together with the ReadyForQuery before it as a notice.
"""

import asyncio
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from rig.stack import Stack
from rig.waiting import wait_until
from rig.wire import WireClient
from test_node_postgres import HERE, NODE
from test_pings import JDBC

LOCK = "SELECT pg_advisory_lock(7)"
BLOCKED = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"

# Runs its second argument, then after reading a line another query.
PSYCOPG = """
import sys, psycopg
with psycopg.connect(sys.argv[1], autocommit=True) as connection:
    connection.execute(sys.argv[2])
    sys.stdin.readline()
    try:
        connection.execute("SELECT 2")
        print("no error")
    except psycopg.Error as error:
        print(error.sqlstate)
"""


@contextmanager
def queries_under_way(stack: Stack, count: int = 1) -> Iterator[None]:
    """Queries that are started inside end only once the gate drains."""
    bystander = stack.session()
    holder = WireClient(stack.postgres.port)
    holder.login()
    holder.query(LOCK)
    yield
    wait_until(lambda: stack.postgres.query(BLOCKED) == str(count), "the queries wait")
    stack.proxy.signal(signal.SIGTERM)
    # All sessions are of one worker, whose relay starts to drain a moment after the log says so.
    assert bystander.refusal()["C"] == "57P01"
    holder.leave()


def driver(stack: Stack, name: str) -> tuple[list, dict]:
    """A command that runs LOCK, and its environment."""
    if name == "pgjdbc":
        url = f"jdbc:postgresql://127.0.0.1:{stack.port()}/app?user=postgres"
        return ["java", "-cp", JDBC, HERE / "java" / "FinalError.java", url, LOCK], {}
    if name == "node-postgres":
        if not (NODE / "node_modules" / "pg").is_dir() or not shutil.which("node"):
            pytest.skip("no node-postgres")
        modules = {"NODE_PATH": str(NODE / "node_modules")}
        return ["node", HERE / "node" / "final_error.js", stack.dsn(), LOCK], modules
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("PyPI was not reachable")
    # psycopg's wheel contains a libpq; pure Python psycopg uses Debian's.
    implementation = {"libpq 18": "binary", "libpq 15": "python"}[name]
    return [sys.executable, "-c", PSYCOPG, stack.dsn(), LOCK], {"PSYCOPG_IMPL": implementation}


def awake_for_long(make_stack) -> Stack:
    """For drivers whose start may take longer than the rig's cooldown."""
    return make_stack(
        proxy={"drain_timeout": "30s", "threads": 1}, scaled_object={"cooldown_period": "60s"}
    )


DRIVERS = ["libpq 15", "libpq 18", "pgjdbc", "node-postgres"]


@pytest.mark.parametrize("name", DRIVERS)
@pytest.mark.parametrize("asks", ["at_once", "later"])
def test_it_is_read_by(make_stack, name, asks):
    stack = awake_for_long(make_stack)
    command, environment = driver(stack, name)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with queries_under_way(stack):
        child = subprocess.Popen([*map(str, command)], env={**os.environ, **environment}, **pipes)
        if asks == "at_once":
            child.stdin.write("\n")
            child.stdin.flush()
    assert stack.proxy.wait() == 0
    output, _ = child.communicate("\n" if asks == "later" else None, timeout=60)
    assert output.strip() == "57P01"


def test_it_is_read_by_asyncpg_as_an_answer(make_stack):
    """With many sessions, since one that queries too late gets the error before its query."""
    asyncpg = pytest.importorskip("asyncpg", reason="PyPI was not reachable")
    stack = awake_for_long(make_stack)
    count = 5

    async def ask() -> str | None:
        connection = await asyncpg.connect(stack.dsn())
        await connection.execute(LOCK.replace("lock", "lock_shared"))
        try:
            await connection.execute("SELECT 2")
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            return getattr(error.__cause__, "sqlstate", None)
        return "no error"

    async def ask_all() -> list:
        return await asyncio.gather(*(ask() for _ in range(count)))

    with ThreadPoolExecutor(1) as thread:
        with queries_under_way(stack, count):
            asked = thread.submit(lambda: asyncio.run(ask_all()))
        assert "57P01" in asked.result()
