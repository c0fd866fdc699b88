"""node-postgres through the gate: node/queries.js does the work and checks it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NODE = Path(os.environ.get("WAKEGATE_NODE", HERE.parents[1] / "build/e2e/node"))

if not (NODE / "node_modules" / "pg").is_dir() or not shutil.which("node"):
    pytest.skip("node-postgres is not there, see tests/e2e/prepare", allow_module_level=True)


def run_node(*arguments: str | Path) -> subprocess.CompletedProcess:
    environment = {**os.environ, "NODE_PATH": str(NODE / "node_modules")}
    command = ["node", *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


def test_pool_queries_prepared_statements_cursors_and_notifications(stack):
    done = run_node(HERE / "node" / "queries.js", stack.dsn())
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["woken", "pooled", "prepared", "rolled-back", "notified"]
    assert stack.hooks.calls("start") == 1


def test_a_client_that_ends_before_it_is_connected_does_not_end_its_process(stack):
    """Its first message is Terminate; an error then would have no handler."""
    script = """
        const { Client } = require('pg');
        const client = new Client({ connectionString: process.argv[1] });
        client.connect().catch(() => console.log('not connected'));
        client.end().then(() => console.log('ended'));
    """
    done = run_node("-e", script, stack.dsn())
    assert done.returncode == 0, done.stderr
    assert "ended" in done.stdout
    assert stack.proxy.await_event("startup_malformed")["reason"].startswith("a Terminate message")
    assert stack.hooks.calls("start") == 0
