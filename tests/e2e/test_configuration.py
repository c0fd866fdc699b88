"""Flags, files and ports: a mistake is reported in one line with its place, and ends in exit 2."""

import json
import re
import socket
import subprocess
from pathlib import Path

import pytest

from rig.ports import free_port
from rig.program import BIN

PROGRAMS = ["proxy", "scaler", "actuator"]
CORPUS = Path(__file__).parent / "config"


def run(program: str, *arguments: str | Path) -> subprocess.CompletedProcess:
    command = [BIN / f"wakegate-{program}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def cases(kind: str) -> list:
    files = [(name, path) for name in PROGRAMS for path in sorted((CORPUS / name / kind).iterdir())]
    return [pytest.param(*case, id=f"{case[0]}-{case[1].stem}") for case in files]


@pytest.mark.parametrize("program, file", cases("valid"))
def test_a_valid_file_passes_the_check(program, file):
    done = run(program, "--check", "--config", file)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{file}: ok\n"


@pytest.mark.parametrize("program, file", cases("invalid"))
@pytest.mark.parametrize("flags", [["--check"], []], ids=["check", "run"])
def test_an_invalid_file_is_refused_with_place_and_reason(program, file, flags):
    expected = file.read_text().splitlines()[0].removeprefix("# expect: ")
    done = run(program, *flags, "--config", file)
    assert done.stderr == f"wakegate-{program}: {file}:{expected}\n"
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize("program", PROGRAMS)
def test_bad_flags_are_refused(program, directory):
    nowhere = directory / "nowhere.yaml"
    for arguments, words in [
        ([], ["--config"]),
        (["--bogus"], ["--bogus", "--help"]),
        (["--config"], ["--config"]),
        (["--config", nowhere], [str(nowhere)]),
    ]:
        done = run(program, *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.count("\n") == 1
        assert all(word in done.stderr for word in words), done.stderr


@pytest.mark.parametrize("program", PROGRAMS)
def test_help_and_version(program):
    help_text = run(program, "--help")
    assert (help_text.returncode, help_text.stderr) == (0, "")
    for word in ("--config", "--check", "--version", "--help", "log", "admin"):
        assert word in help_text.stdout
    version = run(program, "--version")
    assert (version.returncode, version.stderr) == (0, "")
    commit = r"( \(commit [0-9a-f]{7,40}(-dirty)?\))?"  # none where it was built outside a clone
    assert re.fullmatch(rf"wakegate-{program} \d+\.\d+\.\d+{commit}\n", version.stdout)


def configuration_with(program: str, key: str, port: int) -> str:
    """A configuration with that port at `key` and free ones elsewhere. JSON is YAML, too."""

    def address(name: str) -> str:
        return f"127.0.0.1:{port if name == key else free_port()}"

    admin = {"admin": {"address": address("admin")}}
    hooks = {"start": ["true"], "stop": ["true"]}
    app = {"metadata": {"cluster": "app"}, "hooks": hooks}
    own = {
        "proxy": {
            "listeners": {"main": {"address": address("listeners")}},
            "scalers": [],
            "clusters": {"app": {"backend": "127.0.0.1:1"}},
        },
        "scaler": {"listen": address("listen")},
        "actuator": {"scalers": ["127.0.0.1:1"], "scaled_objects": {"app": app}},
    }[program]
    return json.dumps({**own, **admin}, indent=2)


TAKEN = [("proxy", "listeners"), ("scaler", "listen"), *((name, "admin") for name in PROGRAMS)]


@pytest.mark.parametrize("program, key", TAKEN)
def test_a_taken_port_is_named(program, key, directory):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        file = directory / "taken.yaml"
        file.write_text(configuration_with(program, key, port))
        done = run(program, "--config", file)
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    assert key in last
    assert f"127.0.0.1:{port}" in last
