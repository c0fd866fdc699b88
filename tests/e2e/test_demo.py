"""The demo shows a wake and a sleep, reports what is wrong, and leaves nothing behind."""

import os
import re
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from rig.ports import is_listening
from rig.postgres import BIN as POSTGRES_BIN
from rig.program import BIN, REPOSITORY
from rig.waiting import wait_until

PHASES = [
    "held",
    "activation pushed",
    "start hook",
    "first login",
    "released",
    "query answered",
    "idle",
    "cooldown over",
    "asleep again",
]


@pytest.fixture
def demo(directory):
    """Starts the demo as a terminal would: in a process group of its own."""
    directory.chmod(0o711)
    running = []

    def start(*arguments: str, **environment: str) -> subprocess.Popen:
        inherited = {**os.environ, "WAKEGATE_BIN": str(BIN), "TMPDIR": str(directory)}
        running.append(
            subprocess.Popen(
                [REPOSITORY / "deploy" / "local" / "demo", *arguments],
                env={**inherited, **environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        )
        return running[-1]

    yield start
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=30)
    assert not list(directory.iterdir()), "files are left behind"


def test_one_round_tells_the_whole_story(demo):
    output, errors = (process := demo("--once")).communicate(timeout=120)
    assert process.returncode == 0, errors
    told = re.findall(r"^ *(\d+) ms  (.{18}) ", output, re.MULTILINE)
    assert [phase.strip() for _, phase in told] == PHASES
    assert "PostgreSQL 15" in output


def test_it_stays_until_control_c_and_then_all_is_gone(demo):
    process = demo()
    lines = iter(process.stdout.readline, "")
    url = next(line for line in lines if line.startswith("DATABASE_URL=")).strip().split("=", 1)[1]
    port = int(re.search(r":(\d+)/", url)[1])
    psql = [POSTGRES_BIN / "psql", "-XqAtc", "SELECT 'mine'", url]
    assert subprocess.check_output(psql, text=True, timeout=60) == "mine\n"
    assert any("released" in line for line in lines), "it tells what happens"
    os.killpg(process.pid, signal.SIGINT)
    rest, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")
    assert "nothing is left behind" in rest
    assert not is_listening(port)


def test_a_postgres_that_was_stopped_by_hand_makes_no_hook_fail(demo, directory):
    process = demo()
    lines = iter(process.stdout.readline, "")
    url = next(line for line in lines if line.startswith("DATABASE_URL=")).strip().split("=", 1)[1]
    psql = [POSTGRES_BIN / "psql", "-XqAtc", "SELECT 'mine'", url]
    assert subprocess.check_output(psql, text=True, timeout=60) == "mine\n"
    assert any("scaled from 0 to 1" in line for line in lines)
    (data,) = directory.glob("wakegate-demo.*/data")
    postmaster = int((data / "postmaster.pid").read_text().split("\n")[0])
    # As pg_ctl does, which would also wait for the end of the next Postgres.
    os.kill(postmaster, signal.SIGINT)
    wait_until(lambda: not Path(f"/proc/{postmaster}").exists(), "that Postgres is gone")
    told = []
    for line in lines:
        told.append(line)
        if "scaled from 1 to 0" in line:
            break
    assert not any("hook failed" in line for line in told), told


def test_a_signal_in_the_middle_leaves_nothing_behind(demo):
    process = demo()
    lines = iter(process.stdout.readline, "")
    assert any("start hook" in line for line in lines)
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    in_group = ["pgrep", "--session", str(process.pid)]
    wait_until(lambda: subprocess.run(in_group).returncode == 1, "its processes are gone")


def test_any_free_port_will_do(demo):
    """The demo searches for its other ports in the same range."""
    port = next(port for port in range(9411, 9500) if not is_listening(port))
    _, errors = (process := demo("--once", "--port", str(port))).communicate(timeout=120)
    assert process.returncode == 0, errors


def test_a_taken_port_is_named(demo):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        _, errors = (process := demo("--once", "--port", port)).communicate(timeout=30)
    assert process.returncode == 1
    assert errors.count("\n") == 1
    assert f"port {port} is taken" in errors and "--port" in errors


def test_a_missing_postgres_is_named(demo):
    process = demo("--once", WAKEGATE_POSTGRES_BIN="/nowhere")
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert errors.count("\n") == 1
    assert "/nowhere/initdb is missing" in errors and "WAKEGATE_POSTGRES_BIN" in errors


@pytest.mark.parametrize("arguments", [["--bogus"], ["--port"], ["--port", "many"]])
def test_bad_flags_are_refused(demo, arguments):
    _, errors = (process := demo(*arguments)).communicate(timeout=30)
    assert process.returncode == 2
    assert arguments[0] in errors
