"""auth: scram: when AuthenticationOk is sent. On an error instead clients try the next host."""

import os

import pytest

from rig.postgres import SCRAM_PASSWORD, SCRAM_USER, SCRAM_VERIFIER, Postgres
from rig.scram import log_in, prove
from rig.wire import Message, WireClient

AUTHENTICATION_OK = Message("R", bytes(4))
SASL_FINAL = 12
WHICH_PORT = "SELECT inet_server_port()"


@pytest.fixture
def make_guarded(make_stack, directory):
    def start(**cluster):
        userlist = directory / "userlist.txt"
        userlist.write_text(f'"{SCRAM_USER}" "{SCRAM_VERIFIER}"\n')
        return make_stack(cluster={"auth": "scram", "userlist": str(userlist), **cluster})

    return start


def proved(stack, **startup) -> WireClient:
    """A client that has received AuthenticationSASLFinal and nothing more yet."""
    client = stack.client()
    prove(client, SCRAM_USER, SCRAM_PASSWORD, **startup)
    final = client.message()
    assert (final.kind, final.body[:4]) == ("R", SASL_FINAL.to_bytes(4, "big"))
    return client


def refusal(client: WireClient, after: list[str]) -> dict[str, str]:
    """The error that ends the session, after messages of exactly these kinds."""
    messages = client.messages_until("E")
    assert [each.kind for each in messages[:-1]] == after
    assert client.message() is None
    return messages[-1].fields()


def assert_logs_in(messages: list[Message], behind: list[Message]) -> None:
    """AuthenticationOk comes first, and of kinds R and N only `behind` follows."""
    assert messages.count(AUTHENTICATION_OK) == 1
    assert [each for each in messages if each.kind in "RN"] == [AUTHENTICATION_OK, *behind]
    assert messages[0] == AUTHENTICATION_OK


def test_an_awake_cluster_logs_in_behind_one(make_guarded):
    stack = make_guarded()
    log_in(stack.client(), SCRAM_USER, SCRAM_PASSWORD)
    assert_logs_in(proved(stack).messages_until("Z"), [])


@pytest.mark.parametrize("wake_class", ["defer", "never"])
def test_who_may_not_wake_a_sleeping_cluster_is_refused_instead(make_guarded, wake_class):
    stack = make_guarded(wake=[{"class": wake_class}])
    assert refusal(proved(stack), after=[])["C"] == "57P03"


def test_a_bound_that_is_reached_refuses_instead(make_guarded):
    stack = make_guarded(max_clients_per_role=1)
    log_in(stack.client(), SCRAM_USER, SCRAM_PASSWORD)
    assert refusal(proved(stack), after=[])["C"] == "53300"


def test_too_long_a_queue_refuses_instead(make_guarded):
    stack = make_guarded(max_waiting=1)
    stack.hooks.latch("start")
    proved(stack)
    stack.proxy.await_event("session_held")
    assert refusal(proved(stack), after=[])["C"] == "53300"


def test_it_comes_with_the_notice(make_guarded):
    stack = make_guarded(notice_after="100ms")
    latch = stack.hooks.latch("start")
    client = proved(stack)
    assert client.message() == AUTHENTICATION_OK
    notice = client.message()
    assert notice.kind == "N"
    latch.open()
    rest = client.messages_until("Z")
    assert not [each for each in rest if each.kind in "RN"], "both once"


def test_giving_up_comes_behind_it_when_the_notice_has(make_guarded):
    stack = make_guarded(notice_after="100ms", hold_timeout="1s")
    stack.hooks.latch("start")
    assert refusal(proved(stack), after=["R", "N"])["C"] == "57P03"


@pytest.mark.parametrize("notice_after", ["0s", "1h"])
def test_without_a_notice_it_waits_for_the_servers(make_guarded, notice_after):
    stack = make_guarded(notice_after=notice_after)
    latch = stack.hooks.latch("start")
    client = proved(stack)
    stack.proxy.await_event("session_held")
    latch.open()
    assert_logs_in(client.messages_until("Z"), [])


def test_without_a_notice_giving_up_comes_instead(make_guarded):
    stack = make_guarded(notice_after="0s", hold_timeout="1s")
    stack.hooks.latch("start")
    assert refusal(proved(stack), after=[])["C"] == "57P03"


def test_a_server_that_refuses_before_its_own_is_passed_on_instead(make_guarded, postgres):
    hba = postgres.data / "pg_hba.conf"
    hba.write_text(f"host all {SCRAM_USER} 127.0.0.1/32 reject\n" + hba.read_text())
    error = refusal(proved(make_guarded()), after=[])
    assert error["C"] == "28000"
    assert "pg_hba.conf rejects connection" in error["M"]


def test_a_server_that_refuses_after_its_own_is_passed_on_behind_it(make_guarded):
    client = proved(make_guarded(), database="app_nowhere")
    assert refusal(client, after=["R"])["C"] == "3D000"


@pytest.fixture
def next_host(template, directory):
    """Another server that is up and knows the same role."""
    folder = directory / "next"
    folder.mkdir(mode=0o711)
    server = Postgres(template, folder)
    server.start()
    yield server
    server.close()


CASES = {
    "class defer": {"wake": [{"class": "defer"}]},
    "no notice": {"notice_after": "0s", "hold_timeout": "1s"},
    "hold_timeout below notice_after": {"hold_timeout": "1s"},
}


@pytest.mark.parametrize("cluster", CASES.values(), ids=CASES)
def test_psql_goes_on_to_its_next_host(make_guarded, next_host, cluster):
    stack = make_guarded(**cluster)
    stack.hooks.latch("start")
    words = f"host=127.0.0.1,127.0.0.1 port={stack.port()},{next_host.port} dbname=app"
    environment = {**os.environ, "PGPASSWORD": SCRAM_PASSWORD}
    child = stack.tool("psql", "-XqAtc", WHICH_PORT, f"{words} user={SCRAM_USER}", env=environment)
    output, errors = child.communicate(timeout=120)
    assert (child.returncode, output.strip(), errors) == (0, str(next_host.port), "")
    assert stack.proxy.metric("wakegate_proxy_refusals_total", sqlstate="57P03") == 1


def test_asyncpg_goes_on_to_its_next_host(make_guarded, next_host):
    asyncpg = pytest.importorskip("asyncpg")
    import asyncio

    stack = make_guarded(wake=[{"class": "defer"}])

    async def ask() -> int:
        connection = await asyncpg.connect(
            host=["127.0.0.1", "127.0.0.1"],
            port=[stack.port(), next_host.port],
            user=SCRAM_USER,
            password=SCRAM_PASSWORD,
            database="app",
        )
        try:
            return await connection.fetchval(WHICH_PORT)
        finally:
            await connection.close()

    assert asyncio.run(ask()) == next_host.port
