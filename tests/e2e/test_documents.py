"""The documents' examples work: configurations pass --check, commands and SQL run."""

import json
import os
import re
import subprocess

import pytest

from rig.documents import (
    Block,
    all_blocks,
    blocks,
    make_files,
    objections_to_command,
    shell,
    whole,
    without_comments,
)
from rig.postgres import BIN as POSTGRES_BIN
from rig.program import BIN, REPOSITORY
from rig.stack import admin
from rig.waiting import wait_until

# `text` is for output, which no program reads.
LANGUAGES = {"sh", "yaml", "sql", "json", "promql", "text"}

# Blocks of commands that are not run here, by page and first line, with what runs them instead.
NOT_RUN = {
    ("README.md", "./deploy/local/demo"): "installs packages; e2e.demo and tests/bare_machine",
    ("CONTRIBUTING.md", "deploy/local/install"): "builds and runs all tests: this is one of them",
    ("docs/install.md", "deploy/local/install"): "installs packages as root; tests/package",
    ("docs/install.md", "for program in"): "wants systemd; tests/package",
    ("docs/install.md", "sudo systemd-sysusers"): "makes a user; tests/package reads the file",
}

# Warnings of `--check` on a machine without sudo or docker.
HARMLESS = re.compile(r": warning: [\w.]+: '\w+' is in no folder of PATH ")


def ids(found: list[Block]) -> list:
    return [pytest.param(block, id=str(block)) for block in found]


def reason_not_to_run(block: Block) -> str | None:
    for (page, command), reason in NOT_RUN.items():
        if block.page == page and block.command.startswith(command):
            return reason
    return None


def test_every_block_says_what_it_is():
    assert [
        f"{block}: {block.language}" for block in all_blocks() if block.language not in LANGUAGES
    ] == []


def test_what_is_not_run_is_still_there():
    for page, command in NOT_RUN:
        found = [block for block in blocks("sh") if block.page == page]
        assert any(block.command.startswith(command) for block in found), (page, command)


@pytest.mark.parametrize("block", ids([b for b in blocks("yaml") if without_comments(b.text)]))
def test_configurations_pass_the_check(block, directory):
    program, text = whole(block)
    text = text.replace("/var/lib/wakegate-proxy/", f"{directory}/")
    make_files(text, directory)
    file = directory / f"{program}.yaml"
    file.write_text(text)
    command = [BIN / f"wakegate-{program}", "--check", "--config", file]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    verdict, *warnings = done.stdout.splitlines() or [""]
    assert verdict.startswith(f"{file}: ok"), f"{done.stderr}\n{text}"
    lines = [*warnings, *done.stderr.splitlines()]
    assert [line for line in lines if not HARMLESS.search(line)] == [], text


@pytest.mark.parametrize("block", ids(blocks("sh")))
def test_commands_exist(block):
    parsed = subprocess.run(
        ["bash", "-n"], input=block.text, text=True, capture_output=True, timeout=30
    )
    assert parsed.stderr == ""
    lines = block.text.splitlines()
    assert [said for line in lines for said in objections_to_command(line)] == []


@pytest.fixture
def machine(make_stack, directory) -> tuple:
    """All programs at the documents' addresses, Postgres awake; gives a function to run blocks."""
    token = directory / "token"
    token.write_text(64 * "0")
    token.chmod(0o600)
    settings = admin()
    settings["admin"]["token_file"] = "token"
    stack = make_stack(scaler=settings)
    stack.session()
    (directory / "scaler.yaml").symlink_to(stack.scaler.file)
    environment = {
        **os.environ,
        "PATH": f"{BIN}:{POSTGRES_BIN}:{os.environ['PATH']}",
        "PGHOST": "127.0.0.1",
        "PGPORT": str(stack.postgres.port),
        "PGUSER": "postgres",
        "PGDATABASE": "postgres",
    }
    ports = {
        "127.0.0.1:9127": stack.proxy.configuration["admin"]["address"],
        "127.0.0.1:9128": stack.scaler.configuration["admin"]["address"],
        "127.0.0.1:9412": stack.scaler.configuration["admin"]["address"],
    }
    return stack, environment, ports


def test_commands_run(machine, directory):
    stack, environment, ports = machine
    for block in blocks("sh"):
        if reason_not_to_run(block):
            continue
        text = block.text
        for shown, real in ports.items():
            text = text.replace(shown, real)
        done = shell(text, directory, environment)
        assert done.returncode == 0, f"{block}\n{text}\n{done.stdout}{done.stderr}"
    # The blocks' orders were taken, from the tool and from curl.
    wait_until(lambda: len(stack.scaler.events("order_taken", order="wake")) == 2, "both orders")


@pytest.mark.parametrize("page", sorted({block.page for block in blocks("sql")}))
def test_statements_run(page, postgres):
    postgres.start()
    for block in blocks("sql"):
        if block.page == page:
            postgres.query(block.text)


def test_json_is_json():
    for block in blocks("json"):
        json.loads(block.text)


def test_queries_name_metrics_that_exist():
    metrics = (REPOSITORY / "docs/metrics.md").read_text()
    for block in blocks("promql"):
        query = without_comments(block.text)
        assert query.count("(") == query.count(")"), str(block)
        names = re.findall(r"\bwakegate_\w+", query)
        assert names, str(block)
        for name in names:
            assert f"| `{re.sub('_(bucket|sum|count)$', '', name)}` |" in metrics, (
                f"{block}: {name}"
            )
