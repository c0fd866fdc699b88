"""Listening on every address of a machine: missing ones, such as IPv6, are reported."""

import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rig.ports import free_port
from rig.program import BIN, Program
from rig.waiting import wait_until

LOOPBACK = {"0.0.0.0": "127.0.0.1", "[::]": "::1"}
KEYS = {
    "proxy": ["listeners.main.address", "cancel.listen", "admin.address"],
    "scaler": ["listen", "admin.address"],
    "actuator": ["admin.address"],
}
NO_IPV6 = {
    "LD_PRELOAD": str(BIN / "libno_ipv6.so"),
    "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0",
}


def configuration(kind: str, ports: dict[str, int], directory: Path) -> dict:
    every = {key: f"*:{port}" for key, port in ports.items()}
    base = {"admin": {"address": every["admin.address"]}, "log": {"format": "json"}}
    if kind == "scaler":
        return {**base, "listen": every["listen"]}
    if kind == "actuator":
        app = {"metadata": {"cluster": "app"}, "hooks": {"start": ["true"], "stop": ["true"]}}
        return {**base, "scalers": ["127.0.0.1:1"], "scaled_objects": {"app": app}}
    secret = directory / "secret"
    secret.write_text("0123456789abcdef" * 4)
    return {
        **base,
        "listeners": {"main": {"address": every["listeners.main.address"]}},
        "cancel": {
            "listen": every["cancel.listen"],
            "peers": ["127.0.0.1:1"],
            "secret_file": str(secret),
        },
        "clusters": {"app": {"backend": "127.0.0.1:1"}},
    }


@pytest.fixture
def start(directory) -> Iterator[Callable]:
    programs = []

    def start(kind: str, environment: dict[str, str]) -> tuple[Program, dict[str, int]]:
        ports = {key: free_port() for key in KEYS[kind]}
        program = Program(kind, kind, configuration(kind, ports, directory), directory)
        program.environment = environment
        programs.append(program)
        program.start()
        return program, ports

    yield start
    for program in programs:
        program.stop()


def accepts(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as client:
        return client.connect_ex((host, port)) == 0


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.parametrize("kind", KEYS)
def test_ipv4_is_served_where_the_kernel_has_no_ipv6(start, kind):
    program, ports = start(kind, NO_IPV6)
    for key, port in ports.items():
        program.await_event("listening", key=key, address=f"0.0.0.0:{port}")
        told = program.await_event("listen_failed", key=key, address=f"[::]:{port}")
        assert told["level"] == "warning"
        assert told["reason"] == "Address family not supported by protocol"
        wait_until(lambda port=port: accepts("127.0.0.1", port), f"{key} is served")


@pytest.mark.parametrize("kind", KEYS)
def test_both_families_are_served_where_the_kernel_has_both(start, kind):
    if not has_ipv6():
        pytest.skip("this machine has no IPv6")
    program, ports = start(kind, {})
    for key, port in ports.items():
        for written, host in LOOPBACK.items():
            program.await_event("listening", key=key, address=f"{written}:{port}")
            wait_until(lambda host=host, port=port: accepts(host, port), f"{key} at {host}")
    assert not program.events("listen_failed")


@pytest.mark.parametrize("kind", KEYS)
def test_addresses_that_cannot_be_had_at_all_are_named(directory, kind):
    ports = {key: free_port() for key in KEYS[kind]}
    holders = [socket.create_server(("127.0.0.1", port)) for port in ports.values()]
    program = Program(kind, kind, configuration(kind, ports, directory), directory)
    program.environment = NO_IPV6
    program.start()
    assert program.wait() == 2
    key, port = next(iter(ports.items()))
    # Hostile sockets may add a line of their own below it.
    told = [line for line in program.tail().splitlines() if line.startswith(f"wakegate-{kind}: ")]
    assert len(told) == 1, program.tail()
    assert told[0].startswith(f"wakegate-{kind}: {key}: can't listen on *:{port}: 0.0.0.0:{port}: ")
    assert "[::]" in told[0]
    for holder in holders:
        holder.close()


def test_a_wildcard_is_no_address_to_connect_to(directory):
    file = directory / "proxy.yaml"
    file.write_text(
        'listeners: {main: {address: "*:6432"}}\nclusters: {app: {backend: "*:5432"}}\n'
    )
    done = subprocess.run(
        [BIN / "wakegate-proxy", "--check", "--config", file],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    assert "clusters.app.backend: '*' is every address of this machine" in done.stderr
