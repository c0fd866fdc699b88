"""Sessions with a query under way, their cancel keys, and what a CancelRequest does to them."""

import pytest

from rig.postgres import SCRAM_PASSWORD, SCRAM_USER
from rig.scram import log_in
from rig.waiting import wait_until
from rig.wire import PROTOCOL_3_0, PROTOCOL_3_2, WireClient, cancel_request, query_message

QUERY_CANCELED = "57014"
LONG = "SELECT pg_sleep(600)"
NAMES = ["3.0", "3.2"]
EACH_VERSION = pytest.mark.parametrize("version", [PROTOCOL_3_0, PROTOCOL_3_2], ids=NAMES)


def guarded_session(stack, version: int, proxy: int = 0) -> tuple[WireClient, bytes]:
    """A session and its cancel key."""
    client = stack.client(proxy)
    said = log_in(client, SCRAM_USER, SCRAM_PASSWORD, version=version)
    (key,) = [message.body for message in said if message.kind == "K"]
    return client, key


def plain_session(stack, proxy: int = 0) -> tuple[WireClient, bytes]:
    client = stack.client(proxy)
    (key,) = [message.body for message in client.login() if message.kind == "K"]
    return client, key


def outcomes(stack, proxy: int) -> dict[str, int]:
    """This proxy's cancels by outcome."""
    metric = "wakegate_proxy_cancels_total"
    program = stack.proxies[proxy]
    counts = {
        outcome: int(program.metric(metric, outcome=outcome))
        for outcome in ("forwarded", "hopped", "dropped")
    }
    return {outcome: count for outcome, count in counts.items() if count}


def run_long(stack, client: WireClient) -> None:
    """Starts a long query of the session, and waits until it is the only one."""
    client.send(query_message(LONG))
    await_long(stack)


def await_long(stack, queries: int = 1) -> None:
    running = f"SELECT count(*) FROM pg_stat_activity WHERE query = '{LONG}' AND state = 'active'"
    wait_until(lambda: stack.postgres.query(running) == str(queries), f"{queries} run")


def cancel(stack, key: bytes, proxy: int = 0, port: int | None = None) -> None:
    """Sends a CancelRequest and waits until it has been processed."""
    client = WireClient(port or stack.port(proxy))
    client.send(cancel_request(key))
    assert client.receive(1) == b"", "a CancelRequest is never answered"
    client.hang_up()


def assert_canceled(client: WireClient) -> None:
    assert client.messages_until("E")[-1].fields()["C"] == QUERY_CANCELED
    client.messages_until("Z")
    assert client.query("SELECT 'alive'") == ["alive"]


def assert_still_runs(stack, client: WireClient) -> None:
    """Asserts that earlier requests have not stopped its query."""
    client.socket.settimeout(0.3)
    with pytest.raises(TimeoutError):
        client.receive(1)
    client.hang_up()


def cancel_all_at_once(stack, keys: list[bytes], proxy: int = 0) -> None:
    """Connects all of them before the first sends its request."""
    clients = [WireClient(stack.port(proxy)) for _ in keys]
    for client, key in zip(clients, keys, strict=True):
        client.send(cancel_request(key))
    for client in clients:
        assert client.receive(1) == b""
        client.hang_up()


def assert_a_storm_stops_all(stack, open_session, proxy: int = 0) -> None:
    sessions = [open_session() for _ in range(100)]
    for client, _ in sessions:
        client.send(query_message(LONG))
    await_long(stack, len(sessions))
    cancel_all_at_once(stack, [key for _, key in sessions], proxy)
    for client, _ in sessions:
        assert_canceled(client)
