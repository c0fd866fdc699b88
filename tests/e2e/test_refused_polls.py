"""An actuator whose polls are refused, or reach no scaler, reports that and why."""

import json

from rig.ports import free_port
from rig.stack import Stack, local
from rig.waiting import wait_until


def restart_actuator(stack: Stack, *, scalers: list | None = None, **metadata: str) -> None:
    stack.actuator.stop()
    configuration = stack.actuator.configuration
    configuration["scaled_objects"]["app"]["metadata"].update(metadata)
    configuration["scalers"] = scalers or configuration["scalers"]
    stack.actuator.start()


def await_unready(stack: Stack, *reasons: str) -> str:
    """Waits until /readyz names the object and these reasons, and returns its text."""

    def body() -> str:
        code, text = stack.actuator.page("/readyz")
        found = code == 503 and all(reason in text for reason in ("app: ", *reasons))
        return text if found else ""

    return wait_until(body, f"the actuator is not ready: {reasons}")


def last_poll(stack: Stack) -> dict:
    page = json.loads(stack.actuator.page("/status.json")[1])
    return page["scaled_objects"]["app"]["last_poll"]


def test_a_cluster_that_no_proxy_names_is_told(stack):
    restart_actuator(stack, cluster="ap")
    await_unready(stack, "no proxy", "'ap'")
    error = last_poll(stack)["error"]
    assert error["code"] == "UNAVAILABLE"
    assert "'ap'" in error["text"]
    assert "'ap'" in stack.actuator.page("/status")[1]
    warning = stack.actuator.await_event("poll_failed", level="warning")
    assert "'ap'" in warning["reason"]
    assert "scaled_objects.app.metadata" in warning["remedy"]
    stack.actuator.await_event("poll_failed", 3)
    assert len(stack.actuator.events("poll_failed", level="warning")) == 1, "once, then each minute"


def test_metadata_that_the_scaler_refuses_is_told(stack):
    restart_actuator(stack, timezone="UTC")
    await_unready(stack, "metadata refused: ", "timezone")
    assert last_poll(stack)["error"]["code"] == "INVALID_ARGUMENT"


def test_a_scaler_that_does_not_answer_is_told_and_found_when_it_does(stack):
    stack.scaler.kill()
    await_unready(stack, "no scaler connected: ")
    stack.actuator.await_event("poll_failed")
    stack.scaler.start()
    stack.actuator.await_ready()
    stack.actuator.await_event("poll_answered_again")


def test_an_address_where_nobody_listens_is_told(stack):
    restart_actuator(stack, scalers=[local(free_port())])
    await_unready(stack, "no scaler connected: ")


def test_an_address_that_does_not_resolve_is_told(stack):
    restart_actuator(stack, scalers=["scaler.invalid:9411"])
    await_unready(stack, "the address of no scaler resolves: ", "scaler.invalid")
