"""A gate without a scaler shows that in its log, on its page, and to held clients."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from rig.ports import free_port
from rig.stack import Stack, local
from rig.waiting import wait_until


@pytest.fixture
def report_to(make_stack):
    """A stack whose proxy was restarted with these addresses under `scalers`."""

    def start(*scalers: str, **cluster) -> Stack:
        stack = make_stack(cluster={"hold_timeout": "1s", **cluster})
        stack.proxy.stop()
        stack.proxy.configuration["scalers"] = list(scalers)
        stack.proxy.log.write_text("")
        stack.proxy.start()
        wait_until(lambda: stack.proxy.page("/healthz")[0] == 200, "the proxy runs")
        return stack

    return start


@pytest.fixture
def http_server() -> Iterator[str]:
    """Its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield local(server.server_port)
        server.shutdown()
        thread.join()


def assert_is_told(stack: Stack, address: str, reason: str) -> None:
    event = stack.proxy.await_event("scaler_unreachable", address=address)
    assert event["level"] == "warning"
    assert reason in event["reason"]
    assert event["remedy"]
    status, body = stack.proxy.page("/readyz")
    assert status == 503
    assert f"\n{address}: {event['reason']}\n" in body
    scalers = json.loads(stack.proxy.page("/status.json")[1])["scalers"]
    assert scalers == [{"address": address, "connected": False, "reason": event["reason"]}]


def refusal_of_one_who_waits(stack: Stack, **parameters: str) -> dict:
    client = stack.client()
    client.send_startup(**parameters)
    return client.refusal()


def test_a_scaler_that_was_never_there_is_told_to_operator_and_client(report_to):
    port = free_port()
    stack = report_to(local(port))
    assert_is_told(stack, local(port), "Connection refused")
    error = refusal_of_one_who_waits(stack)
    assert error["C"] == "57P03"
    assert "No scaler is connected" in error["H"]
    assert stack.proxy.events("session_held")[0]["cause"] == "no_scaler"
    assert len(stack.proxy.events("scaler_unreachable")) == 1, "once a minute"
    assert not stack.proxy.events("scaler_lost"), "it was never there"
    assert stack.hooks.calls("start") == 0


def test_a_name_without_an_address_is_told(report_to):
    name = "no-such-scaler.invalid:9411"
    stack = report_to(name)
    assert_is_told(stack, name, "")
    assert "No scaler is connected" in refusal_of_one_who_waits(stack)["H"]


def test_another_service_at_the_scalers_port_is_told(report_to, http_server):
    stack = report_to(http_server)
    assert_is_told(stack, http_server, "no gRPC server")


def test_one_that_comes_late_is_heard_of(report_to):
    stack = report_to(local(free_port()), hold_timeout="60s")
    client = stack.waiting_client()
    stack.proxy.await_event("scaler_unreachable")
    stack.scaler.kill()
    stack.scaler.configuration["listen"] = stack.proxy.configuration["scalers"][0]
    stack.scaler.start()
    stack.proxy.await_event("scaler_connected")
    stack.proxy.await_ready()
    client.hang_up()


def test_no_scalers_at_all_are_as_none_that_hears(report_to):
    stack = report_to()
    stack.proxy.await_event("no_scalers")
    assert "No scaler is connected" in refusal_of_one_who_waits(stack)["H"]


def test_a_cluster_that_no_scaled_object_asks_about_is_told_until_one_does(make_stack):
    hasty = [{"application_name": "hasty", "hold_timeout": "1s"}]
    stack = make_stack(cluster={"hold_timeouts": hasty})
    stack.actuator.stop()
    stack.scaler.restart()  # it remembers triggers for a while
    stack.proxy.await_event("scaler_connected", 2)
    patient = stack.waiting_client()
    error = refusal_of_one_who_waits(stack, application_name="hasty")
    assert error["C"] == "57P03"
    assert "No ScaledObject asks" in error["H"] and '"cluster: app"' in error["H"]
    event = stack.proxy.await_event("cluster_unasked", cluster="app")
    assert event["level"] == "warning" and event["remedy"]
    stack.actuator.start()
    patient.messages_until("Z")
    assert not stack.proxy.events("scaler_unreachable")


def test_a_proxy_is_called_by_its_name_and_by_default_by_its_hosts(make_stack):
    stack = make_stack(proxies=2, proxy=lambda number: {"name": "gate-a"} if number else {})
    assert stack.proxies[1].await_event("proxy_listening")["name"] == "gate-a"
    assert stack.proxies[0].await_event("proxy_listening")["name"] == socket.gethostname()
    assert json.loads(stack.proxies[1].page("/status.json")[1])["name"] == "gate-a"

    def at_the_scaler() -> set[str]:
        proxies = json.loads(stack.scaler.page("/status.json")[1])["proxies"]
        return {proxy["name"] for proxy in proxies}

    wait_until(lambda: at_the_scaler() == {"gate-a", socket.gethostname()}, "the scaler knows them")
