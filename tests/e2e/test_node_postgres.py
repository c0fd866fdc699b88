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


def test_pool_queries_prepared_statements_cursors_and_notifications(stack):
    script = HERE / "node" / "queries.js"
    environment = {**os.environ, "NODE_PATH": str(NODE / "node_modules")}
    done = subprocess.run(
        ["node", script, stack.dsn()], env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["woken", "pooled", "prepared", "rolled-back", "notified"]
    assert stack.hooks.calls("start") == 1
