"""Each program's messages to systemd: ready, reloading, alive, stopping."""

import signal
from collections.abc import Iterator

import pytest

from rig.notify_socket import NotifySocket


@pytest.fixture
def manager(directory) -> Iterator[NotifySocket]:
    manager = NotifySocket(directory, watchdog=0.2)
    yield manager
    manager.close()


@pytest.mark.parametrize("kind", ["scaler", "proxy", "actuator"])
def test_a_program_tells_how_it_is_doing(stack, manager, kind):
    program = getattr(stack, kind)
    program.stop()
    manager.start(program)
    ready = manager.next_but_alive()
    assert ready["READY"] == "1" and ready["STATUS"]
    for _ in range(3):
        assert manager.next() == {"WATCHDOG": "1"}

    program.signal(signal.SIGHUP)
    assert manager.next_but_alive().keys() == {"RELOADING", "MONOTONIC_USEC"}
    assert manager.next_but_alive() == {"READY": "1"}

    program.signal(signal.SIGTERM)
    stopping = manager.next_but_alive()
    assert stopping["STOPPING"] == "1" and stopping["STATUS"]
    assert int(stopping["EXTEND_TIMEOUT_USEC"]) > 1_000_000
    assert program.wait() == 0


def test_a_draining_proxy_is_alive(make_stack, manager):
    stack = make_stack(proxy={"drain_timeout": "60s"})
    stack.proxy.stop()
    manager.start(stack.proxy)
    assert manager.next_but_alive()["READY"] == "1"
    session = stack.session()
    session.query("BEGIN")
    stack.await_sessions("busy", 1)
    stack.proxy.signal(signal.SIGTERM)
    assert manager.next_but_alive()["STOPPING"] == "1"
    for _ in range(3):
        assert manager.next() == {"WATCHDOG": "1"}
    session.query("COMMIT")
    assert stack.proxy.wait() == 0


def test_a_proxy_listens_when_it_is_ready(stack, manager):
    stack.proxy.stop()
    manager.start(stack.proxy)
    assert manager.next_but_alive()["READY"] == "1"
    assert stack.psql("SELECT 1") == "1"
