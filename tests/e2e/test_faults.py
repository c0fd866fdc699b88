"""Faults between proxies, scaler and KEDA or actuator are shown in logs, pages and metrics."""

import json

from rig.waiting import wait_until


def warnings(scaler) -> list[str]:
    return json.loads(scaler.page("/status.json")[1])["warnings"]


def test_a_wrong_cluster_name_in_a_trigger(stack):
    metadata = stack.actuator.configuration["scaled_objects"]["app"]["metadata"]
    stack.actuator.stop()
    metadata["cluster"] = "ap"
    # Forgets that the right cluster was asked about.
    stack.scaler.restart()
    stack.proxy.await_ready()
    stack.actuator.start()
    client = stack.waiting_client()

    told = stack.scaler.await_event("trigger_unknown_cluster", cluster="ap")
    assert (told["scaled_object"], told["named"]) == ("local/app", "app")
    told = stack.scaler.await_event("demand_unheard", cluster="app")
    assert (told["level"], told["held"], told["asked_about"]) == ("warning", 1, "ap")
    assert "correct cluster in the trigger's metadata" in told["remedy"]
    assert stack.scaler.metric("wakegate_scaler_unheard_demand", cluster="app") == 1
    page = stack.scaler.page("/status")[1]
    assert page.startswith("WARNING: cluster app is wanted (1 held)"), page
    assert "local/app asks about cluster ap, which no proxy names; they name app" in page
    refusals = "wakegate_scaler_answers_total"
    wait_until(
        lambda: stack.scaler.metric(refusals, answer="unavailable") > 10, "it is refused again"
    )
    reasons = [event["reason"] for event in stack.scaler.events("refused", level="info")]
    assert len([reason for reason in reasons if "'ap'" in reason]) == 1, reasons
    assert len(stack.scaler.events("trigger_unknown_cluster")) == 1

    stack.actuator.stop()
    metadata["cluster"] = "app"
    stack.actuator.start()
    client.messages_until("Z")
    wait_until(lambda: not any("app is wanted" in each for each in warnings(stack.scaler)), "heard")


def test_a_proxy_that_is_missing(make_stack):
    stack = make_stack(scaler={"expected_proxies": 2, "settle_time": "1s"})
    told = stack.scaler.await_event("proxies_missing")
    assert (told["level"], told["expected"], told["leased"]) == ("warning", 2, 1)
    said = "databases never sleep until 2 proxies report, 1 does"
    assert told["reason"] == said
    assert stack.scaler.page("/status")[1].startswith(f"WARNING: {said}\n")
    assert warnings(stack.scaler) == [said]
    assert stack.scaler.page("/readyz")[0] == 200


def test_a_stopped_server_is_noticed_by_the_sessions_that_it_ends(make_stack):
    """Long before the next regular probe."""
    stack = make_stack(cluster={"probe": {"ready_interval": "1h"}}, hooks={"status": []})
    stack.session()

    def state() -> str:
        (cluster,) = json.loads(stack.scaler.page("/status.json")[1])["clusters"]
        return cluster["state"]

    stack.actuator.await_event("scaled", **{"from": 0, "to": 1})
    wait_until(lambda: state() == "ready", "the scaler knows it ready")
    stack.postgres.stop("fast")
    wait_until(lambda: state() == "asleep", "the scaler knows it stopped")
