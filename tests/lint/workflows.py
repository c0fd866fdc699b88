#!/usr/bin/env python3
"""Checks .github/workflows: pinned actions, least permissions, bounded time, scripts that exist.

usage: workflows.py ROOT
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

# By commit, since a tag can be moved; the version beside it is for people.
PINNED = re.compile(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
# A workflow of this repository, at the same commit.
OWN = re.compile(r"uses: \./\.github/workflows/[\w-]+\.yml$")
SCRIPT = re.compile(r"(?<![\w./-])(?:\.ci|bench|deploy|tests)/[\w./-]*\w")
# Workflows run for everyone who may push a branch; a job that needs more declares it.
LEAST = {"contents": "read"}


def objections(root: Path, text: str) -> Iterator[str]:
    for line in text.splitlines():
        if "uses:" in line and not PINNED.search(line) and not OWN.search(line):
            yield f"not pinned to a commit with its version behind it: {line.strip()}"
    workflow = yaml.safe_load(text)
    if workflow.get("permissions") != LEAST:
        yield "permissions are not contents: read alone"
    if "concurrency" not in workflow:
        yield "no concurrency"
    for name, job in workflow["jobs"].items():
        if called := job.get("uses"):
            if not (root / called).exists():
                yield f"{name} calls {called}, which does not exist"
            continue
        if "timeout-minutes" not in job:
            yield f"{name} has no timeout-minutes"
        for step in job["steps"]:
            for script in SCRIPT.findall(step.get("run", "")):
                if not (root / script).exists():
                    yield f"{name} runs {script}, which does not exist"


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    root = Path(sys.argv[1])
    found = 0
    for path in sorted((root / ".github/workflows").glob("*.yml")):
        for objection in objections(root, path.read_text()):
            print(f"{path.relative_to(root)}: {objection}")
            found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
