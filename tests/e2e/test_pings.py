"""The queries with which pools check sessions keep no database awake; work does."""

import asyncio
import os
import shutil
import signal
import struct
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rig.stack import TIME_TO_SLEEP, Stack
from rig.waiting import wait_until
from rig.wire import query_message

HERE = Path(__file__).parent
NODE = Path(os.environ.get("WAKEGATE_NODE", HERE.parents[1] / "build/e2e/node"))
JDBC = Path("/usr/share/java/postgresql.jar")

SYNC = b"S\0\0\0\4"
FLUSH = b"H\0\0\0\4"

Ping = Callable[[], None]


def frame(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def parse(sql: str, name: str = "") -> bytes:
    return frame(b"P", f"{name}\0{sql}\0".encode() + b"\0\0")


def run(name: str = "") -> bytes:
    """Bind, Describe, Execute."""
    bind = frame(b"B", f"\0{name}\0".encode() + bytes(6))
    return bind + frame(b"D", b"P\0") + frame(b"E", bytes(5))


def assert_sleeps_while(stack: Stack, ping: Ping) -> None:
    """Asserts that the stop hook runs although the pool goes on pinging."""
    latch = stack.hooks.latch("stop")  # a stop is counted before it ends any session
    pings = 0

    def has_stopped() -> bool:
        nonlocal pings
        if stack.hooks.calls("stop") == 0:
            ping()
            pings += 1
        return stack.hooks.calls("stop") == 1

    wait_until(has_stopped, "the cluster is stopped while the pool asks on")
    assert pings > TIME_TO_SLEEP, "it was asked more than once a second"
    latch.open()


def assert_stays_awake_while(stack: Stack, work: Ping) -> None:
    for _ in range(TIME_TO_SLEEP):
        work()
        stack.await_polls(1)
    assert stack.hooks.calls("stop") == 0


# --- bytes ---

# Byte for byte as captured.
SIMPLE = [
    "",  # HikariCP with pgjdbc, psycopg_pool, deadpool, r2d2
    "-- ping",  # pgx
    "/* DBD::Pg ping test v3.16.0 */",
    ";",  # lib/pq, Rails
    "SELECT 1",
    "select 1;",
    "SELECT NULL",  # Sequel
    "SELECT 'x'",  # Druid
    "select version()",
]


def test_pings_of_simple_queries(stack):
    session = stack.session()

    def ping() -> None:
        for sql in SIMPLE:
            session.query(sql)

    assert_sleeps_while(stack, ping)


def test_pings_of_the_extended_protocol(stack):
    session = stack.session()
    session.send(parse(";", "__asyncpg_stmt_1__") + frame(b"D", b"S__asyncpg_stmt_1__\0") + SYNC)
    session.messages_until("Z")

    def ping() -> None:
        for messages in (
            SYNC,  # Postgrex once a second, sqlx
            parse("") + run() + SYNC,
            run("__asyncpg_stmt_1__") + SYNC,
            parse("SELECT 1", "_PLAN0x1") + SYNC,  # psqlODBC
            frame(b"D", b"S_PLAN0x1\0") + SYNC,
            run("_PLAN0x1") + SYNC,
            query_message('DEALLOCATE "_PLAN0x1"'),
            parse("SELECT 1", "S_1") + run("S_1") + FLUSH + frame(b"C", b"SS_1\0") + SYNC,
        ):
            session.send(messages)
            session.messages_until("Z")

    assert_sleeps_while(stack, ping)


def test_a_ping_in_flight_is_neither_busy_nor_cut_by_a_drain(make_stack):
    """The server is stopped (SIGSTOP) while the ping is in flight."""
    stack = make_stack(proxy={"drain_timeout": "60s"})
    session = stack.session()
    backend = int(session.query("SELECT pg_backend_pid()")[0])
    stack.await_sessions("busy", 0)
    os.kill(backend, signal.SIGSTOP)
    try:
        session.send(query_message("SELECT 1"))
        stack.await_polls(2)
        assert (stack.sessions("busy"), stack.sessions("idle")) == (0, 1)
        stack.proxy.signal(signal.SIGTERM)
        stack.proxy.await_event("proxy_draining")
        assert not session.is_closed()
    finally:
        os.kill(backend, signal.SIGCONT)
    assert session.rows() == ["1"]
    assert session.refusal()["C"] == "57P01"
    assert stack.proxy.wait() == 0


@pytest.mark.parametrize("sql", ["SELECT 2", "SELECT 1 FROM pg_class LIMIT 1", "SHOW search_path"])
def test_other_statements_keep_it_awake(stack, sql):
    session = stack.session()
    assert_stays_awake_while(stack, lambda: session.query(sql))


def test_a_ping_in_a_transaction_keeps_it_awake(stack):
    session = stack.session()
    session.query("BEGIN")
    assert_stays_awake_while(stack, lambda: session.query("SELECT 1"))
    session.query("ROLLBACK")
    stack.await_asleep()


def test_a_prepared_name_that_is_no_pings_any_more_keeps_it_awake(stack):
    session = stack.session()
    session.send(parse("SELECT 1", "ping") + SYNC)
    session.messages_until("Z")
    session.query("DEALLOCATE ping")
    session.query("PREPARE ping AS SELECT 2")

    def work() -> None:
        session.send(run("ping") + SYNC)
        assert session.rows() == ["2"]

    assert_stays_awake_while(stack, work)


def test_the_operator_says_which_statements_are_pings(make_stack):
    stack = make_stack(cluster={"pings": ["SELECT 'are you there?'"]})
    session = stack.session()
    assert_stays_awake_while(stack, lambda: session.query("SELECT 1"))
    assert_sleeps_while(stack, lambda: session.query("select 'are you there?' ;"))


# --- drivers ---


@contextmanager
def pinger(*command: str | Path, **options) -> Iterator[Ping]:
    """A program that pings for each line it reads, and prints "alive"."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([*map(str, command)], **pipes, **options) as child:

        def ping() -> None:
            child.stdin.write("\n")
            child.stdin.flush()
            assert child.stdout.readline().strip() == "alive"

        try:
            ping()
            yield ping
        finally:
            child.kill()


def test_pgjdbc(stack):
    url = f"jdbc:postgresql://127.0.0.1:{stack.port()}/app"
    with pinger("java", "-cp", JDBC, HERE / "java" / "Ping.java", url, "postgres") as ping:
        assert_sleeps_while(stack, ping)


@pytest.mark.skipif(not (NODE / "node_modules" / "pg").is_dir(), reason="no node-postgres")
@pytest.mark.skipif(not shutil.which("node"), reason="no node")
def test_node_postgres(stack):
    environment = {**os.environ, "NODE_PATH": str(NODE / "node_modules")}
    with pinger("node", HERE / "node" / "ping.js", stack.dsn(), env=environment) as ping:
        assert_sleeps_while(stack, ping)


def test_psycopg(stack):
    psycopg = pytest.importorskip("psycopg", reason="PyPI was not reachable")
    with psycopg.connect(stack.dsn(), autocommit=True) as connection:

        def ping() -> None:  # as psycopg_pool's and Django's checks; prepared from the sixth on
            connection.execute("")
            assert connection.execute("SELECT 1").fetchone() == (1,)

        assert_sleeps_while(stack, ping)


def test_asyncpg(stack):
    asyncpg = pytest.importorskip("asyncpg", reason="PyPI was not reachable")
    with asyncio.Runner() as runner:
        connection = runner.run(asyncpg.connect(stack.dsn()))

        async def check() -> None:
            await connection.fetchrow(";")  # as SQLAlchemy's pre_ping in autocommit
            await connection.execute("SELECT 1")
            assert await connection.fetchval("SELECT 1") == 1

        assert_sleeps_while(stack, lambda: runner.run(check()))
        connection.terminate()
