"""Hooks that are missing, fail or hang are reported with the remedy; the next try may succeed."""

import json
import os
import re
import signal
import subprocess

from rig.postgres import AS_POSTGRES, BIN, SERVER_BIN
from rig.program import REPOSITORY
from rig.waiting import wait_until


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return True
    except ProcessLookupError:
        return False


def test_a_missing_program_is_named(make_stack):
    hooks = {"start": ["/nowhere/pg_ctl", "start"]}
    stack = make_stack(hooks=hooks, cluster={"hold_timeout": "2s"})
    client = stack.waiting_client()
    failure = stack.actuator.await_event("hook_failed", hook="start")
    assert "/nowhere/pg_ctl" in failure["reason"]
    assert failure["remedy"]
    assert client.refusal()["C"] == "57P03"
    assert stack.actuator.page("/healthz")[0] == 200


def test_a_failing_hook_is_named_with_its_own_words_and_tried_again(stack):
    marker = stack.hooks.fail("start")
    client = stack.waiting_client()
    failure = stack.actuator.await_event("hook_failed", hook="start")
    assert "7" in failure["reason"], "the exit code"
    words = {"line": "the disk of start is gone"}
    stack.actuator.await_event("hook_output", hook="start", level="info", **words)
    stack.actuator.await_event("hook_output", hook="start", level="warning", **words)
    assert words["line"] in stack.actuator.page("/status")[1]
    marker.unlink()
    client.messages_until("Z")
    assert stack.hooks.calls("start") >= 2


def test_a_status_hook_that_fails_is_heard(stack):
    stack.hooks.fail("status")
    stack.waiting_client().messages_until("Z")
    words = {"line": "the disk of status is gone", "hook": "status"}
    stack.actuator.await_event("hook_output", level="warning", **words)
    assert "7" in stack.actuator.await_event("hook_failed", hook="status")["reason"]


def test_a_hanging_hook_is_ended_and_tried_again(make_stack):
    stack = make_stack(hooks={"start_timeout": "1s"})
    latch = stack.hooks.latch("start")
    client = stack.waiting_client()
    failure = stack.actuator.await_event("hook_failed", hook="start")
    assert "start_timeout" in failure["reason"] + failure["remedy"]
    hung = stack.hooks.pids("start")[0]
    wait_until(lambda: not is_alive(hung), "the hook that hangs is gone")
    latch.open()
    client.messages_until("Z")


def test_a_failing_stop_leaves_it_awake_and_is_tried_again(stack):
    marker = stack.hooks.fail("stop")
    session = stack.session()
    stack.actuator.await_event("hook_failed", 2, hook="stop")
    assert session.query("SELECT 'still here'") == ["still here"]
    marker.unlink()
    wait_until(lambda: not stack.postgres.is_running(), "Postgres is asleep")


def test_the_actuator_ends_with_the_hook_that_is_under_way(stack):
    latch = stack.hooks.latch("start")
    client = stack.waiting_client()
    wait_until(lambda: stack.hooks.calls("start") == 1, "the start hook runs")
    stack.actuator.signal(signal.SIGTERM)
    stack.actuator.await_event("actuator_stopping")
    latch.open()
    assert stack.actuator.wait() == 0
    client.messages_until("Z")


def test_the_second_signal_ends_the_hook_and_the_actuator_now(stack):
    stack.hooks.latch("start")
    stack.waiting_client()
    wait_until(lambda: stack.hooks.calls("start") == 1, "the start hook runs")
    hook = stack.hooks.pids("start")[0]
    for count in (1, 2):
        stack.actuator.signal(signal.SIGTERM)
        stack.actuator.await_event("actuator_stopping", count)
    assert stack.actuator.wait() == 0
    assert not is_alive(hook)


def test_the_documented_pg_ctl_hooks_do_not_mind_what_is_done_already(postgres):
    text = (REPOSITORY / "scaler/actuator/README.md").read_text()
    example = text.split("```yaml\n")[1].split("```")[0]
    example = example.replace("/srv/app.log", str(postgres.log))
    example = example.replace("/srv/app", str(postgres.data))
    argv = {
        name: json.loads(words)
        for name, words in re.findall(r"^ +(start|stop|status): (\[.*\])$", example, re.MULTILINE)
    }
    variables = re.search(r"environment: {(.*)}", example)[1]
    environment = dict(re.findall(r'(\w+): "?([^",]+)', variables))
    environment["PATH"] = f"{SERVER_BIN}:{BIN}:{os.environ['PATH']}"

    def run(name: str) -> int:
        command = [*AS_POSTGRES, "env", *(f"{k}={v}" for k, v in environment.items()), *argv[name]]
        return subprocess.run(command, stdout=subprocess.DEVNULL, cwd="/", timeout=60).returncode

    assert run("status") == 3
    assert [run("start"), run("start")] == [0, 0]
    assert run("status") == 0
    assert [run("stop"), run("stop")] == [0, 0]
    assert not postgres.is_running()
