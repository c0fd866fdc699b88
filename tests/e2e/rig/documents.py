"""The documents' fenced blocks, their check comments, and complete configurations from them."""

import re
import subprocess
import textwrap
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rig.program import REPOSITORY

BLOCK = re.compile(
    r"(?:^<!-- check: (?P<check>[^\n]*?) -->\n)?"
    r"^```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)

# `<!-- check: PROGRAM [at PATH] [with clusters NAME, NAME] -->` above a block of YAML
CHECK = re.compile(
    r"(?P<program>proxy|scaler|actuator)(?: at (?P<path>[\w.]+))?(?: with clusters (?P<names>.+))?"
)


@dataclass(frozen=True)
class Block:
    page: str
    line: int
    language: str
    text: str
    check: str  # from the comment right above it, or empty

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def command(self) -> str:
        return self.text.split("\n", 1)[0]


@cache
def all_blocks() -> list[Block]:
    """Of all pages that git tracks, or of all in a tree that is no clone."""
    pages = [path.relative_to(REPOSITORY) for path in REPOSITORY.rglob("*.md")]
    ours = [page for page in pages if page.parts[0] != "build" and "node_modules" not in page.parts]
    found = []
    for page in sorted(ours):
        text = (REPOSITORY / page).read_text()
        for match in BLOCK.finditer(text):
            line = text.count("\n", 0, match.start("language")) + 1
            own = (match["language"], match["text"], match["check"] or "")
            found.append(Block(str(page), line, *own))
    return found


def blocks(language: str) -> list[Block]:
    return [block for block in all_blocks() if block.language == language]


def without_comments(text: str) -> str:
    return re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).strip()


# --- configurations ---

# Keys that a program requires at a place, added to blocks that don't show them.
REQUIRED = {
    "proxy": {
        "": {
            "listeners": '{main: {address: "*:6432"}}',
            "clusters": "{app: {backend: 127.0.0.1:5432}}",
            "scalers": '["127.0.0.1:9411"]',
        },
        "listeners.main": {"address": '"*:6432"'},
        "clusters.app": {"backend": "127.0.0.1:5432"},
        "clusters.app.auth_query": {"user": "gate", "password_file": "gate.password"},
    },
    "scaler": {"": {}},
    "actuator": {
        "": {"scalers": '["127.0.0.1:9411"]'},
        "scaled_objects.app": {
            "metadata": "{cluster: app}",
            "hooks": '{start: ["true"], stop: ["true"], status: ["true"]}',
        },
        "scaled_objects.app.hooks": {"start": '["true"]', "stop": '["true"]', "status": '["true"]'},
    },
}

# Keys that a block needs elsewhere in the file.
NEEDED_ABOVE = {
    "clusters.app.auth_query": {
        "": {"verifier_cache": "verifiers"},
        "clusters.app": {"auth": "scram"},
    }
}


def whole(block: Block) -> tuple[str, str]:
    """Returns the program, and a complete configuration with this block in its place."""
    said = CHECK.fullmatch(block.check)
    assert said, (
        f"{block}: above YAML stands `<!-- check: PROGRAM [at PATH] -->`, see rig/documents.py"
    )
    program, path = said["program"], said["path"] or ""
    keys = path.split(".") if path else []
    required = dict(REQUIRED[program])
    if said["names"]:
        clusters = ", ".join(
            f"{name}: {{backend: 127.0.0.1:5432}}" for name in said["names"].split(", ")
        )
        required[""] = {**required[""], "clusters": f"{{{clusters}}}"}
    lines = []
    for depth in range(len(keys) + 1):
        here = ".".join(keys[:depth])
        is_place = depth == len(keys)
        shown = re.findall(r"^(\w+):", block.text, re.MULTILINE) if is_place else [keys[depth]]
        missing = {**required.get(here, {}), **NEEDED_ABOVE.get(path, {}).get(here, {})}
        lines += ["  " * depth + f"{k}: {v}\n" for k, v in missing.items() if k not in shown]
        lines.append(
            textwrap.indent(block.text, "  " * depth)
            if is_place
            else "  " * depth + f"{keys[depth]}:\n"
        )
    return program, "".join(lines)


def make_files(text: str, directory: Path) -> None:
    """Makes the secret files that a configuration names, readable only by their owner."""
    for key, name in re.findall(r"\b(\w+_file|userlist): ([\w.-]+)", text):
        file = directory / name
        file.write_text('"ann" "a password"\n' if key == "userlist" else 64 * "5" + "\n")
        file.chmod(0o600)


# --- commands ---

WORD = re.compile(r"[^\s;|&()<>\"']+")


def objections_to_command(line: str) -> list[str]:
    """Missing scripts of ours, unknown options of theirs, unknown presets."""
    words = WORD.findall(line.split("#")[0])
    presets = (REPOSITORY / "CMakePresets.json").read_text()
    found = []
    script = None
    for position, word in enumerate(words):
        path = REPOSITORY / word.removeprefix("./")
        if (
            word.startswith("./") or word.split("/")[0] in {"deploy", "tests", "bench", ".ci"}
        ) and "*" not in word:
            if not path.is_file():
                found.append(f"there is no {word}")
            elif not path.stat().st_mode & 0o100:
                found.append(f"{word} is not executable")
            else:
                script = path
        elif word == "--preset" and f'"{words[position + 1]}"' not in presets:
            found.append(f"there is no preset {words[position + 1]}")
        elif word.startswith("--") and script and word not in script.read_text():
            found.append(f"{script.name} has no option {word}")
    return found


def shell(text: str, directory: Path, environment: dict) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
