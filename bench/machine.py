"""The machine that the figures were measured on, and a temporary folder."""

import datetime
import os
import platform
import re
import shutil
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path

from rig.postgres import BIN as POSTGRES_BIN
from rig.program import BIN

POOLER = shutil.which("pgbouncer")


def output(*command: str | Path, **options) -> str:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, **options)
    return done.stdout.strip()


def processor() -> str:
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


def commit(repository: Path) -> str:
    name = output("git", "rev-parse", "--short=12", "HEAD", cwd=repository)
    # The results themselves change with every run.
    changes = output("git", "status", "--porcelain", "--", ".", ":!bench/results", cwd=repository)
    return f"{name or 'unknown'}{' and changes' if changes else ''}"


def describe(repository: Path) -> dict:
    return {
        "processor": processor(),
        "processors": os.cpu_count(),
        "kernel": platform.release(),
        "postgres": output(POSTGRES_BIN / "postgres", "--version"),
        "pgbouncer": output("pgbouncer", "--version").split("\n")[0] if POOLER else None,
        "wakegate": output(BIN / "wakegate-proxy", "--version"),
        "commit": commit(repository),
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "load_at_start": os.getloadavg()[0],
    }


def as_markdown(machine: dict) -> str:
    return (
        f"{machine['date']}, commit {machine['commit']}, {machine['wakegate']},"
        f" {machine['postgres']}, {machine['processors']} x {machine['processor']},"
        f" Linux {machine['kernel']}, load {machine['load_at_start']:.2f}\n"
    )


def temporary_directory(cleanup: ExitStack) -> Path:
    """A folder that the user postgres can access, too."""
    directory = Path(tempfile.mkdtemp(prefix="wakegate-bench-"))
    cleanup.callback(os.chdir, "/")
    cleanup.callback(shutil.rmtree, directory, ignore_errors=True)
    directory.chmod(0o711)
    return directory
