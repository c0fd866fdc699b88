"""The admin pages of the three programs: health, readiness, metrics and status."""

import json
import re
import signal
import socket

from rig.waiting import wait_until

METRICS = {
    "proxy": {
        "wakegate_proxy_cluster_ready",
        "wakegate_proxy_held_seconds",
        "wakegate_proxy_log_lines_dropped_total",
        "wakegate_proxy_refusals_total",
        "wakegate_proxy_scaler_streams",
        "wakegate_proxy_sessions",
        "wakegate_proxy_wake_seconds",
        "wakegate_proxy_wakes_total",
    },
    "scaler": {
        "wakegate_scaler_active",
        "wakegate_scaler_answers_total",
        "wakegate_scaler_busy",
        "wakegate_scaler_held",
        "wakegate_scaler_idle",
        "wakegate_scaler_log_lines_dropped_total",
        "wakegate_scaler_proxies",
        "wakegate_scaler_pushes_total",
        "wakegate_scaler_streams",
        "wakegate_scaler_unheard_demand",
    },
    "actuator": {
        "wakegate_actuator_activations_total",
        "wakegate_actuator_hook_failures_total",
        "wakegate_actuator_hook_seconds",
        "wakegate_actuator_log_lines_dropped_total",
        "wakegate_actuator_poll_failures_total",
        "wakegate_actuator_replicas",
        "wakegate_actuator_stream_connected",
    },
}


def status(program) -> dict:
    code, body = program.page("/status.json")
    assert code == 200
    return json.loads(body)


def test_dashboards_find_the_metrics_they_know(make_stack):
    stack = make_stack(cluster={"max_waiting": 1})
    latch = stack.hooks.latch("start")
    held = stack.waiting_client()
    refused = stack.client()
    refused.send_startup()
    refused.refusal()
    latch.open()
    held.messages_until("Z")
    for program in stack.programs:
        text = program.page("/metrics")[1]
        assert set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE)) == METRICS[program.kind]


def test_health_and_unknown_pages(stack):
    for program in stack.programs:
        assert program.page("/healthz")[0] == 200
        assert program.page("/readyz")[0] == 200
        assert program.page("/nowhere")[0] == 404


def test_a_proxy_without_a_scaler_is_not_ready(stack):
    stack.scaler.kill()
    stack.proxy.await_event("scaler_lost")
    assert stack.proxy.page("/readyz")[0] == 503
    assert stack.proxy.page("/healthz")[0] == 200
    stack.scaler.start()
    stack.proxy.await_ready()


def test_a_silent_connection_to_the_pages_delays_no_end(stack):
    for program in reversed(stack.programs):
        host, port = program.configuration["admin"]["address"].rsplit(":", 1)
        with socket.create_connection((host, int(port))):
            assert program.page("/healthz")[0] == 200, "so the connection has been accepted"
            program.signal(signal.SIGTERM)
            # A request may take 10 s; this is well below.
            assert program.wait(deadline=5) == 0


def test_a_wake_shows_on_the_status_pages(stack):
    session = stack.session()
    session.query("BEGIN")
    stack.await_sessions("busy", 1)
    stack.await_polls(1)

    def story() -> tuple:
        (cluster,) = status(stack.scaler)["clusters"]
        return cluster["cluster"], cluster["state"], cluster["busy"]

    wait_until(lambda: story() == ("app", "ready", 1), "the scaler has heard of it")
    scaled_object = status(stack.actuator)["scaled_objects"]["app"]
    assert (scaled_object["replicas"], scaled_object["active"]) == (1, True)
    code, page = stack.scaler.page("/status")
    assert code == 200
    assert re.search(r"^app +ready +0 +1 ", page, re.MULTILINE), page
    assert stack.proxy.metric("wakegate_proxy_wakes_total", cluster="app") == 1
    assert stack.proxy.metric("wakegate_proxy_wake_seconds_count", cluster="app") == 1
    assert stack.proxy.metric("wakegate_proxy_cluster_ready", cluster="app") == 1


def test_the_scaler_says_what_it_tells_the_actuator(make_stack):
    """By the trigger's activityWindow, which is a second here, not by the scaler's default."""
    stack = make_stack(scaler={"activity_window": "10m"})
    stack.session().hang_up()

    def answer() -> str:
        (cluster,) = status(stack.scaler)["clusters"]
        return cluster["answer"]

    stack.await_asleep()
    assert answer() == "idle"
    assert stack.scaler.metric("wakegate_scaler_active", cluster="app") == 0
    assert stack.scaler.page("/metrics")[1].count("wakegate_scaler_active{") == 1, "not absent"


def test_a_bad_trigger_is_told_by_object_and_key(stack):
    stack.actuator.stop()
    scaled_object = stack.actuator.configuration["scaled_objects"]["app"]
    scaled_object["metadata"]["timezone"] = "UTC"  # which the actuator leaves to the scaler
    stack.actuator.start()
    which = {"scaled_object": "local/app", "key": "timezone"}
    told = stack.scaler.await_event("trigger_refused", **which)
    assert told["level"] == "warning"
    assert "timezone: 'UTC': schedules are not built yet" in told["reason"]
    errors = "wakegate_scaler_trigger_errors_total"
    wait_until(lambda: stack.scaler.metric(errors, **which) >= 3, "it is asked again")
    assert len(stack.scaler.events("trigger_refused", level="warning")) == 1
