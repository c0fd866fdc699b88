"""Several clusters behind one proxy: routed by database and listener, independent of each other."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rig.ports import free_port
from rig.postgres import SCRAM_USER, SCRAM_VERIFIER, Postgres
from rig.scram import salt_of
from rig.stack import Stack, local
from rig.wire import WireClient


@pytest.fixture
def neighbour(template: Path, directory: Path) -> Iterator[Postgres]:
    """A second Postgres, which is never stopped."""
    home = directory / "neighbour"
    home.mkdir(mode=0o711)
    postgres = Postgres(template, home)
    postgres.start()
    yield postgres
    postgres.close()


@pytest.fixture
def second_port() -> int:
    return free_port()


@pytest.fixture
def two_clusters(make_stack, postgres: Postgres, neighbour: Postgres, second_port: int) -> Stack:
    """`app` sleeps; `neighbour` has its own listener and a database on the shared one."""
    return make_stack(
        proxy={
            "listeners": {
                "main": {"address": local(free_port())},
                "second": {"address": local(second_port)},
            },
            "clusters": {
                "app": {"backend": local(postgres.port)},
                "neighbour": {"backend": local(neighbour.port)},
            },
            "routes": [
                {"listener": "second", "cluster": "neighbour"},
                {"database": "app_copy", "cluster": "neighbour"},
                {"database": "app*", "cluster": "app"},
            ],
        }
    )


def server_port(client: WireClient) -> int:
    (port,) = client.query("SHOW port")
    return int(port)


def logged_in(port: int, database: str) -> WireClient:
    client = WireClient(port)
    client.send_startup(database=database)
    client.messages_until("Z")
    return client


def test_database_and_listener_decide_whose_session_it_is(
    two_clusters: Stack, neighbour: Postgres, postgres: Postgres, second_port: int
):
    cases = [
        (two_clusters.port(), "app", postgres),
        (two_clusters.port(), "app_copy", neighbour),
        (second_port, "app", neighbour),
        (second_port, "postgres", neighbour),
    ]
    for port, database, expected in cases:
        client = logged_in(port, database)
        assert server_port(client) == expected.port, (port, database)
        client.leave()


def test_waiting_for_one_cluster_keeps_nobody_from_another(two_clusters: Stack, second_port: int):
    latch = two_clusters.hooks.latch("start")
    held = two_clusters.waiting_client()
    neighbours = logged_in(second_port, "app")
    assert neighbours.query("SELECT 1") == ["1"]
    assert two_clusters.sessions("held") == 1
    latch.open()
    held.messages_until("Z")
    neighbours.leave()


def test_a_busy_cluster_keeps_only_itself_awake(two_clusters: Stack, second_port: int):
    two_clusters.psql("SELECT 1")
    neighbours = logged_in(second_port, "app")
    neighbours.query("BEGIN")
    two_clusters.await_asleep()
    assert neighbours.query("SELECT 'unharmed'") == ["unharmed"]
    neighbours.leave()


def test_a_role_that_nobody_has_shows_another_salt_in_each_cluster(
    make_stack, postgres: Postgres, neighbour: Postgres, directory: Path
):
    """Like a known role; the same salt in two clusters would show that the role is unknown."""
    userlist = directory / "userlist.txt"
    userlist.write_text(f'"{SCRAM_USER}" "{SCRAM_VERIFIER}"\n')
    guarded = {"auth": "scram", "userlist": str(userlist)}
    stack = make_stack(
        proxy={
            "clusters": {
                "app": {"backend": local(postgres.port), **guarded},
                "neighbour": {"backend": local(neighbour.port), **guarded},
            },
            "routes": [
                {"database": "app", "cluster": "app"},
                {"database": "other", "cluster": "neighbour"},
            ],
        }
    )

    def salt(database: str) -> str:
        return salt_of(stack.client(), "nobody", database=database)

    assert salt("app") == salt("app")
    assert salt("other") == salt("other")
    assert salt("app") != salt("other")
