"""Postgres's own programs and features work through the gate as they do without it."""

import signal
import subprocess
from pathlib import Path

from rig.stack import TIME_TO_SLEEP
from rig.waiting import wait_until

SEED = """
CREATE TABLE item (id int PRIMARY KEY, word text, amount numeric, at timestamptz);
INSERT INTO item SELECT n, md5(n::text), n / 7.0, 'epoch'::timestamptz + n * interval '1 hour'
FROM generate_series(1, 20000) AS n;
CREATE INDEX ON item (word);
CREATE VIEW dear AS SELECT * FROM item WHERE amount > 1000;
"""
CHECKSUM = "SELECT md5(string_agg(item::text, '' ORDER BY id)) FROM item"


def finish(child: subprocess.Popen) -> str:
    output, errors = child.communicate(timeout=120)
    assert child.returncode == 0, errors
    return output


def test_pg_dump_and_pg_restore(stack, directory):
    stack.psql(SEED)
    dump = str(Path(directory) / "app.dump")
    finish(stack.tool("pg_dump", "-Fc", "-f", dump, stack.dsn()))
    copy = stack.dsn(database="app_copy")
    finish(stack.tool("pg_restore", "-j", "2", "-d", copy, dump))
    assert stack.postgres.query(CHECKSUM, "app_copy") == stack.postgres.query(CHECKSUM)
    assert stack.postgres.query("SELECT count(*) FROM dear", "app_copy") == "13000"


def test_listen_and_notify(stack):
    listener, speaker = stack.session(), stack.session()
    listener.query("LISTEN news")
    for word in ("first", "second"):
        speaker.query(f"NOTIFY news, '{word}'")
        notification = listener.messages_until("A")[-1]
        assert notification.body[4:].split(b"\0")[:2] == [b"news", word.encode()]


def test_control_c_cancels_the_query_and_nothing_else(stack):
    bystander = stack.session()
    child = stack.tool("psql", "-Xc", "SELECT pg_sleep(300)", stack.dsn())
    sleeping = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(300)'"
    wait_until(lambda: stack.proxy.events("cluster_ready"), "Postgres is awake")
    wait_until(lambda: stack.postgres.query(sleeping) == "1", "the query runs")
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=30)
    assert child.returncode != 0
    assert "canceling statement due to user request" in errors
    assert bystander.query("SELECT 1") == ["1"]


def test_a_cancel_request_with_a_key_nobody_has_does_nothing(stack):
    session = stack.session()
    stranger = stack.client()
    stranger.send(b"\0\0\0\x10\x04\xd2\x16\x2e" + b"\0\0\0\1" + b"\xde\xad\xbe\xef")
    assert stranger.receive(1) == b"", "a CancelRequest is never answered"
    assert session.query("SELECT 1") == ["1"]


def test_pg_receivewal_follows_and_keeps_it_awake(stack, directory):
    wal = Path(directory) / "wal"
    wal.mkdir()
    stack.psql("CREATE TABLE item (word text)")
    where = ["-h", "127.0.0.1", "-p", str(stack.port()), "-U", "postgres"]
    child = stack.tool("pg_receivewal", "-D", str(wal), "--no-loop", "--synchronous", *where)
    wait_until(lambda: list(wal.glob("*.partial")), "WAL arrives")
    stack.await_polls(TIME_TO_SLEEP)
    assert stack.hooks.calls("stop") == 0, "replication is work under way"

    stack.psql("INSERT INTO item SELECT md5(n::text) FROM generate_series(1, 100000) AS n")
    end = stack.postgres.query("SELECT pg_current_wal_insert_lsn()")
    caught_up = f"SELECT bool_and(flush_lsn >= '{end}') FROM pg_stat_replication"
    stack.postgres.query("SELECT pg_switch_wal()")
    wait_until(lambda: stack.postgres.query(caught_up) == "t", "pg_receivewal has caught up")
    child.send_signal(signal.SIGINT)
    finish(child)
    first = next(file for file in sorted(wal.iterdir()) if not file.name.endswith(".partial"))
    original = stack.postgres.data / "pg_wal" / first.name
    assert first.read_bytes() == original.read_bytes()


def test_pgbench_in_every_query_mode(stack):
    stack.psql("SELECT 1")
    where = ["-h", "127.0.0.1", "-p", str(stack.port()), "-U", "postgres", "app"]
    finish(stack.tool("pgbench", "-i", "-q", "-s", "1", *where))
    for mode in ("simple", "extended", "prepared"):
        finish(stack.tool("pgbench", "-n", "-c", "8", "-j", "2", "-t", "50", "-M", mode, *where))
    # A connection for each transaction.
    finish(stack.tool("pgbench", "-n", "-S", "-C", "-c", "4", "-t", "50", *where))
    assert stack.postgres.query("SELECT count(*) FROM pgbench_history") == "1200"
