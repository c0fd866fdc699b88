"""A probe with credentials logs in and queries; no client is admitted before its answer."""

import threading

import pytest

from rig.waiting import wait_until
from rig.wire import query_message

ROLE = "gate_probe"
REFUSED = "login refused with 28P01; check probe.user, probe.password_file and probe.database"

# The rig itself, and the clients here, log in as postgres.
HBA = """\
host all postgres 127.0.0.1/32 trust
host all all 127.0.0.1/32 scram-sha-256
"""


@pytest.fixture
def password(directory):
    return directory / "password"


@pytest.fixture
def start(make_stack, postgres, password):
    """Starts a stack whose probe logs in; the arguments change the probe and the cluster."""

    def run(probe: dict | None = None, **cluster):
        (postgres.data / "pg_hba.conf").write_text(HBA)
        postgres.start()
        postgres.query(f"CREATE ROLE {ROLE} LOGIN PASSWORD 'the first'")
        postgres.stop()
        password.write_text("the first\n")
        login = {"user": ROLE, "password_file": str(password)}
        return make_stack(cluster={"probe": {**login, **(probe or {})}, **cluster})

    return run


def test_a_new_password_in_the_file_is_used_without_a_restart(start, password):
    stack = start()
    assert stack.psql("SELECT 'awake'") == "awake"
    stack.postgres.query(f"ALTER ROLE {ROLE} PASSWORD 'the second'")
    password.write_text("the second\n")
    stack.await_asleep()
    assert stack.psql("SELECT 'awake again'") == "awake again"


def test_an_awake_server_that_refuses_the_probe_still_serves(start):
    stack = start({"ready_interval": "200ms", "timeout": "30s"}, idle_sessions="count")
    stack.session()  # keeps it awake
    stack.postgres.query(f"ALTER ROLE {ROLE} PASSWORD 'the second'")

    def refused() -> int:
        text = stack.postgres.log.read_text()
        return text.count(f'password authentication failed for user "{ROLE}"')

    stack.proxy.await_event("probe_failed", reason=REFUSED)
    wait_until(lambda: refused() >= 5, "the probe was refused again and again")
    assert stack.psql("SELECT 'served'") == "served"
    assert len(stack.proxy.events("session_held")) == 1, "nobody was held but the first"
    assert len(stack.proxy.events("probe_failed", reason=REFUSED)) == 1


def test_sessions_go_on_when_only_the_probe_fails(start):
    unready = "SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'unready')"
    stack = start({"ready_interval": "100ms", "ready_query": unready})
    idle, sleeping, blocked = (stack.session() for _ in range(3))
    holder = stack.session()
    idle.query("CREATE TABLE locked (line text)")
    holder.query("BEGIN")
    holder.query("LOCK TABLE locked")
    # The server waits for the lock and does not read what else the client sends: more than the
    # kernel's buffers hold.
    padding = " " * (64 << 20)
    pipeline = query_message("SELECT count(*) FROM locked") + query_message(f"SELECT 1{padding}")
    sender = threading.Thread(target=blocked.send, args=[pipeline], daemon=True)
    sender.start()
    waits = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    wait_until(lambda: stack.postgres.query(waits) == "1", "one session waits for the lock")
    stack.postgres.query("CREATE ROLE unready")
    stack.proxy.await_event("cluster_asleep", 2)  # the first at its start
    # Longer than the probe's timeout.
    assert sleeping.query("SELECT 'slept', pg_sleep(6)") == ["slept"]
    assert idle.query("SELECT 'idled'") == ["idled"]
    holder.query("COMMIT")
    sender.join()
    assert blocked.rows() == ["0"]
    assert blocked.rows() == ["1"]
