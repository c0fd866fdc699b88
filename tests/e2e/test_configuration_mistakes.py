"""Common configuration mistakes and their messages: an error, or a warning of --check."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from rig.postgres import BIN as POSTGRES_BIN, SCRAM_PASSWORD, SCRAM_USER, SCRAM_VERIFIER
from rig.program import BIN, REPOSITORY
from rig.stack import local
from rig.waiting import wait_until

HEAD = 'listeners: {main: {address: "127.0.0.1:6432"}}\n'
SCALERS = 'scalers: ["127.0.0.1:9411"]\n'
APP = 'clusters: {app: {backend: "127.0.0.1:5432"}}\n'
RUNNABLE = HEAD + SCALERS + APP


def cluster(keys: str) -> str:
    return HEAD + SCALERS + 'clusters:\n  app: {backend: "127.0.0.1:5432", ' + keys + "}\n"


def check(program: str, file: Path, **options) -> subprocess.CompletedProcess:
    command = [BIN / f"wakegate-{program}", "--check", "--config", file]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=30, check=False, **options
    )


# The configuration; the line and column of the message, and the words of its remedy.
ERRORS = {
    "every_address_without_quotes": (
        "listeners: {main: {address: *:6432}}\n" + SCALERS + APP,
        "1:29: not YAML: a text that begins with * needs quotes",
        'write "*:6432"',
    ),
    "tabs": (
        'listeners:\n\tmain: {address: "127.0.0.1:6432"}\n' + APP,
        "2:6: not YAML: a tab in front",
        "spaces",
    ),
    "braces_without_quotes": (
        RUNNABLE + "routes:\n  - {database: {client}_live, cluster: app}\n",
        "5:24: not YAML: a text with braces needs quotes",
        'write "{client}_live"',
    ),
    "no_space_behind_a_colon": (
        'listeners:\n  main:{address: "127.0.0.1:6432"}\n' + APP,
        "2:34: not YAML: ",
        "write a space behind main:",
    ),
    "text_for_a_list": (
        HEAD + "scalers: 127.0.0.1:9411\n" + APP,
        "2:10: scalers: expected a list",
        'like ["127.0.0.1:9411"]',
    ),
    "text_for_a_mapping": (
        "listeners: {main: 127.0.0.1:6432}\n" + SCALERS + APP,
        "1:19: listeners.main: expected a mapping",
        "like {address: HOST:PORT}",
    ),
    "port_alone": (
        "listeners: {main: {address: 6432}}\n" + SCALERS + APP,
        "1:29: listeners.main.address: '6432' has no host",
        'like 127.0.0.1:6432, or "*:PORT"',
    ),
    "colon_and_port": (
        'listeners: {main: {address: ":6432"}}\n' + SCALERS + APP,
        "1:29: listeners.main.address: ':6432' has no host",
        'like 127.0.0.1:6432, or "*:PORT"',
    ),
    "port_beyond_all": (
        HEAD + SCALERS + "clusters: {app: {backend: db:80000}}\n",
        "3:27: clusters.app.backend: 'db:80000': '80000' is no port",
        "from 1 to 65535",
    ),
    "userlist_missing": (
        cluster("auth: scram, userlist: none.txt"),
        "none.txt' is missing",
        "give a file",
    ),
    "userlist_is_a_folder": (
        cluster("auth: scram, userlist: ."),
        "4:59: clusters.app.userlist: '",
        "is a folder, not a file",
    ),
    "userlist_without_quotes": (
        cluster("auth: scram, userlist: bare.txt"),
        "4:59: clusters.app.userlist: ",
        "bare.txt:1: expected the role in double quotes",
    ),
    "own_listener": (
        HEAD + SCALERS + 'clusters: {app: {backend: "localhost:6432"}}\n',
        "3:27: clusters.app.backend: localhost:6432 is this proxy's own listener 'main'",
        "give the address of the server",
    ),
}

WARNINGS = {
    "no_scalers": (HEAD + APP, "1:1: warning: scalers: none", "give them, like"),
    "empty_userlist": (
        cluster("auth: scram, userlist: empty.txt"),
        "4:59: warning: clusters.app.userlist: '",
        "names no role, so nobody can log in",
    ),
    "role_twice": (
        cluster("auth: scram, userlist: twice.txt"),
        'names role "ann" in line 1 and in line 2, which counts',
        "remove the others",
    ),
    "plain_password_for_all_to_read": (
        cluster("auth: scram, userlist: open.txt"),
        "open.txt' (mode 0644) lets others read passwords in plain text",
        "chmod 600",
    ),
    "secret_for_all_to_read": (
        RUNNABLE + "cancel: {secret_file: open.txt}\n",
        "4:23: warning: cancel.secret_file: '",
        "(mode 0644) lets others read the secret; chmod 600",
    ),
    "nobody_wakes": (
        cluster("wake: [{class: never}]"),
        "clusters.app.wake[0]: fits every client, so none can wake the cluster",
        "class: always in front",
    ),
    "nobody_is_held": (
        cluster("hold_timeout: 0s"),
        "4:50: warning: clusters.app.hold_timeout: 0s holds nobody",
        "like 60s",
    ),
}


@pytest.fixture
def folder(directory: Path) -> Path:
    """The folder of a proxy.yaml, with the files that the mistakes are about."""
    files = {
        "bare.txt": "ann pencil\n",
        "empty.txt": "",
        "twice.txt": '"ann" "pencil"\n"ann" "crayon"\n',
        "open.txt": f'"ann" "{"pencil" * 6}"\n',
    }
    for name, text in files.items():
        (directory / name).write_text(text)
        (directory / name).chmod(0o644 if name == "open.txt" else 0o600)
    return directory


@pytest.mark.parametrize("text, place, remedy", ERRORS.values(), ids=ERRORS)
def test_a_mistake_is_named_with_its_place_and_remedy(text, place, remedy, folder):
    file = folder / "proxy.yaml"
    file.write_text(text)
    done = check("proxy", file)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert done.stderr.startswith(f"wakegate-proxy: {file}:")
    assert place in done.stderr
    assert remedy in done.stderr


@pytest.mark.parametrize("text, place, remedy", WARNINGS.values(), ids=WARNINGS)
def test_what_is_hardly_meant_is_a_warning(text, place, remedy, folder):
    file = folder / "proxy.yaml"
    file.write_text(text)
    done = check("proxy", file)
    assert (done.returncode, done.stdout) == (0, f"{file}: ok, 1 warning\n"), done.stderr
    assert done.stderr.startswith(f"{file}:")
    assert done.stderr.count("\n") == 1
    assert place in done.stderr
    assert remedy in done.stderr


def test_the_scalers_haste_is_a_warning(directory):
    file = directory / "scaler.yaml"
    file.write_text("settle_time: 0s\ngrace: 0s\n")
    done = check("scaler", file)
    assert (done.returncode, done.stdout) == (0, f"{file}: ok, 2 warnings\n")
    first, second = done.stderr.splitlines()
    assert first.startswith(f"{file}:1:14: warning: settle_time: 0s ")
    assert second.startswith(f"{file}:2:8: warning: grace: 0s ")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_file_that_this_user_may_not_read_is_named_with_the_user(directory):
    (directory / "users.txt").write_text('"ann" "pencil"\n')
    (directory / "users.txt").chmod(0o600)
    file = directory / "proxy.yaml"
    file.write_text(cluster("auth: scram, userlist: users.txt"))
    nobody = 65534
    done = check("proxy", file, user=nobody, group=nobody, extra_groups=[])
    assert done.returncode == 2
    reason = f"users.txt' can't be read: Permission denied (user {nobody})"
    assert f"clusters.app.userlist: '{directory}/{reason}" in done.stderr


def test_warnings_are_logged_at_the_start(make_stack):
    stack = make_stack(cluster={"hold_timeout": "0s"})
    (event,) = stack.proxy.events("configuration_warning")
    assert event["level"] == "warning"
    assert re.fullmatch(re.escape(str(stack.proxy.file)) + r":\d+:\d+", event["place"])
    assert event["text"].startswith("clusters.app.hold_timeout: 0s holds nobody")


def test_a_name_that_does_not_resolve_is_no_taken_port(directory):
    file = directory / "proxy.yaml"
    listener = {"main": {"address": "nowhere.invalid:6432"}}
    clusters = {"app": {"backend": "127.0.0.1:1"}}
    file.write_text(json.dumps({"listeners": listener, "clusters": clusters}))
    command = [BIN / "wakegate-proxy", "--config", file]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    assert "listeners.main.address: can't listen on nowhere.invalid:6432" in last
    assert "the name does not resolve" in last
    assert "free port" not in last


def test_a_backend_that_does_not_resolve_is_named(make_stack):
    stack = make_stack(cluster={"backend": "nowhere.invalid:5432"})
    stack.waiting_client()
    reason = "'nowhere.invalid' has no address; check the name and DNS"
    wait_until(
        lambda: stack.proxy.events("probe_failed", cluster="app", reason=reason), "it is named"
    )


def userlist_command() -> str:
    page = (REPOSITORY / "docs/authentication.md").read_text()
    blocks = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    (command,) = [block for block in blocks if "> userlist.txt" in block]
    return command


def test_the_documented_userlist_lets_in_its_roles(make_stack, postgres, directory):
    postgres.start()
    postgres.query(f"""CREATE ROLE "o""dd" LOGIN PASSWORD '{SCRAM_VERIFIER}'""")
    host, port = local(postgres.port).split(":")
    server = {"PGHOST": host, "PGPORT": port, "PGUSER": "postgres", "PGDATABASE": "postgres"}
    subprocess.run(
        ["sh", "-ec", userlist_command()],
        cwd=directory,
        env={**os.environ, **server, "PATH": f"{POSTGRES_BIN}:{os.environ['PATH']}"},
        timeout=60,
        check=True,
    )
    postgres.stop()
    userlist = directory / "userlist.txt"
    assert userlist.stat().st_mode & 0o777 == 0o600
    assert set(userlist.read_text().splitlines()) == {
        f'"o""dd" "{SCRAM_VERIFIER}"',
        f'"{SCRAM_USER}" "{SCRAM_VERIFIER}"',
    }
    # The proxy's working directory is not its file's folder.
    stack = make_stack(cluster={"auth": "scram", "userlist": "userlist.txt"})
    assert not stack.proxy.events("configuration_warning")
    environment = {**os.environ, "PGPASSWORD": SCRAM_PASSWORD}
    command = ["-XqAtc", "SELECT current_user", stack.dsn(user=SCRAM_USER)]
    child = stack.tool("psql", *command, env=environment)
    assert child.communicate(timeout=120) == (f"{SCRAM_USER}\n", "")
