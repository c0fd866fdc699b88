"""A gate that does not know whether a cluster is awake probes it before it wakes it."""

import threading

from rig.scripted import Connection, ScriptedServer

NEWS_OF_A_WAKE = ["session_held", "session_released", "cluster_waking"]


def wakes(stack, proxy: int = 0) -> int:
    return int(stack.proxies[proxy].metric("wakegate_proxy_wakes_total"))


def test_a_cluster_that_is_awake_when_the_gate_starts_was_not_woken(stack):
    stack.psql("SELECT 1")
    assert wakes(stack) == 1
    before = {name: len(stack.proxy.events(name)) for name in NEWS_OF_A_WAKE}
    stack.proxy.stop()
    stack.proxy.start()
    stack.proxy.await_event("cluster_ready", 2)
    assert stack.psql("SELECT 'awake'") == "awake"
    assert {name: len(stack.proxy.events(name)) for name in NEWS_OF_A_WAKE} == before
    assert "wake_ms" not in stack.proxy.await_event("cluster_ready", 2)
    assert wakes(stack) == 0
    assert stack.hooks.calls("start") == 1


def test_a_gate_finds_out_at_its_start_and_wakes_nobody(stack):
    stack.proxy.await_event("cluster_asleep")
    stack.postgres.start()
    stack.proxy.stop()
    stack.proxy.start()
    stack.proxy.await_event("cluster_ready")
    assert stack.proxy.metric("wakegate_proxy_cluster_ready", cluster="app") == 1
    assert not stack.scaler.events("activation_pushed")


def test_a_cluster_that_another_gate_has_woken_is_not_woken_again(make_stack):
    stack = make_stack(proxies=2)
    for proxy in stack.proxies:
        proxy.await_event("cluster_asleep")
    stack.psql("SELECT 1", proxy=0)
    assert stack.psql("SELECT 'awake'", proxy=1) == "awake"
    assert wakes(stack, 0) == 1
    # On a machine so busy that the probe takes 250 ms, the cluster counts as asleep until it has
    # ended; tests/gate/initial_probe_test.cpp has the same with a fake clock.
    looked_in_time = not stack.proxies[1].events("cluster_waking")
    assert wakes(stack, 1) == (0 if looked_in_time else 1)
    assert not (looked_in_time and stack.proxies[1].events("session_held"))


def test_few_clusters_are_looked_at_at_one_time(make_stack):
    most, clusters = 16, 50
    lock, all_places_taken = threading.Lock(), threading.Event()
    looks = {"now": 0, "most": 0}

    def count(_: Connection) -> None:
        with lock:
            looks["now"] += 1
            looks["most"] = max(looks.values())
            if looks["now"] == most:
                all_places_taken.set()
        all_places_taken.wait(60)
        with lock:
            looks["now"] -= 1

    server = ScriptedServer(count)
    names = ["app", *(f"other{number}" for number in range(clusters - 1))]
    cluster = {"backend": f"127.0.0.1:{server.port}", "probe": {"timeout": "60s"}}
    stack = make_stack(proxy={"clusters": dict.fromkeys(names, cluster)})
    stack.proxy.await_event("cluster_asleep", clusters)
    assert looks["most"] == most
    server.close()
