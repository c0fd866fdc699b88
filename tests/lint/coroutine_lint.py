#!/usr/bin/env python3
"""Finds what g++ 12 miscompiles: things built inside a full-expression that awaits.

An aggregate, a conditional or a capturing lambda whose temporaries live across a co_await is
destroyed twice or read after its end, at every optimisation level. House rule: a co_await
expression holds names and calls; nothing is built in it. Name it one line earlier. The same goes for
default arguments of what is awaited, which are built where it is called.

usage: coroutine_lint.py [FILE_OR_FOLDER...]; without any, this repository's sources
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
FOLDERS = ("common", "proxy", "scaler", "tests", "bench")
SUFFIXES = {".cpp", ".hpp", ".cc", ".h"}
CONTROL = {"if", "while", "for", "switch"}
# Words before the brace of a block that could be taken for the name of a type.
BLOCK_WORDS = {"else", "do", "try", "const", "noexcept", "override", "final", "mutable"}
EXPRESSION_WORDS = {"return", "co_return", "co_await", "co_yield", "throw", "case"}

NOISE = re.compile(
    r"""//[^\n]* | /\*.*?\*/ | R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"
      | "(?:\\.|[^"\\\n])*" | (?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])+'
      | ^[ \t]*\#(?:\\\n|[^\n])*""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
AWAIT = re.compile(r"\bco_await\b")
# A declaration from its return type to a default argument with braces.
BUILT_DEFAULT = re.compile(r"\bawaitable<[^;{}]*\([^;{}]*=\s*(?:[\w:]+\s*)?\{")
# What may follow an initializer's closing brace; after a block's a new statement begins.
GOES_ON = re.compile(r"\s*[.,)?\]|&+*/<>=-]")
LAST_WORD = re.compile(r"([A-Za-z_]\w*)\s*$")


@dataclass(frozen=True)
class Finding:
    line: int
    reason: str


def without_noise(text: str) -> str:
    """The same text, line for line, with comments, literals and directives blanked."""

    def blank(match: re.Match) -> str:
        kept = re.sub(r"[^\n]", " ", match[0])
        return f'"{kept[1:-1]}"' if match[0][0] in '"R' and len(kept) > 1 else kept

    return NOISE.sub(blank, text)


def last_word(text: str) -> str:
    match = LAST_WORD.search(text)
    return match[1] if match else ""


def opens_block(code: str, brace: int) -> bool:
    """Whether the brace begins a block: of a function, a lambda, a statement or a class."""
    before = code[:brace].rstrip()
    if not before or before[-1] in ";{}:":
        return True
    if last_word(before) in EXPRESSION_WORDS or before[-1] in "=(,?+-*/|&<!":
        return False
    if last_word(before) in BLOCK_WORDS:
        return True
    # A parameter list, perhaps with a trailing return type; never `f(x).name`.
    signature = re.search(r"\)\s*(?:mutable|noexcept|const|\s)*(?:->[\w\s:<>,*&]+)?$", before)
    if signature or before[-1] == "]":
        return True
    declares = r"\b(?:class|struct|union|enum|namespace)\b[^;{}()=]*$"
    return re.search(declares, before) is not None


def is_control(code: str, parenthesis: int) -> bool:
    return last_word(code[:parenthesis]) in CONTROL or code[:parenthesis].rstrip().endswith(
        "if constexpr"
    )


def statement_start(code: str, at: int) -> int:
    """Where the full-expression around `at` begins."""
    depth = 0
    for position in range(at - 1, -1, -1):
        char = code[position]
        if char in ")]":
            depth += 1
        elif char in "([" and depth > 0:
            depth -= 1
        elif char == "(" and is_control(code, position):
            return position + 1
        elif char == ";" and depth == 0:
            return position + 1
        elif char == "{" and depth == 0 and opens_block(code, position):
            return position + 1
        elif char == "}" and depth == 0 and not GOES_ON.match(code, position + 1):
            return position + 1
    return 0


def statement_end(code: str, at: int) -> int:
    depth = 0
    for position in range(at, len(code)):
        char = code[position]
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
            if depth < 0 and char == ")" and is_control_end(code, position):
                return position
            if depth < 0 and char == "}":
                return position
        elif char == ";" and depth <= 0:
            return position
    return len(code)


def is_control_end(code: str, closing: int) -> bool:
    """Whether this closes the parenthesis of an if, a while, a for or a switch."""
    depth = 0
    for position in range(closing, -1, -1):
        if code[position] == ")":
            depth += 1
        elif code[position] == "(":
            depth -= 1
            if depth == 0:
                return is_control(code, position)
    return False


def reason_against(statement: str) -> str | None:
    # An attribute, a subscript and a structured binding are no lambdas.
    for match in re.finditer(r"\[", statement):
        before = statement[: match.start()].rstrip()
        subscript = before and (before[-1] in ')]"' or re.search(r"\w$", before))
        binding = re.search(r"\bauto\s*(?:&&?)?$", before)
        keyword = last_word(before) in EXPRESSION_WORDS
        attribute = statement[match.start() :].startswith("[[") or before.endswith("[")
        empty = re.match(r"\[\s*\]", statement[match.start() :])
        if not attribute and not binding and (not subscript or keyword) and not empty:
            return "a lambda with captures"
    if "?" in statement:
        return "a conditional"
    if "{" in statement:
        return "an aggregate or a lambda"
    return None


def findings(text: str) -> list[Finding]:
    code = without_noise(text)
    found = []
    for match in AWAIT.finditer(code):
        start = statement_start(code, match.start())
        reason = reason_against(code[start : statement_end(code, match.end())])
        if reason:
            line = code.count("\n", 0, match.start()) + 1
            found.append(Finding(line, f"{reason} in a co_await expression: name it before"))
    for match in BUILT_DEFAULT.finditer(code):
        line = code.count("\n", 0, match.end()) + 1
        found.append(Finding(line, "a default argument that is built where it is awaited"))
    return found


def sources(arguments: list[str]) -> list[Path]:
    files: list[Path] = []
    for argument in map(Path, arguments):
        inside = argument.rglob("*") if argument.is_dir() else [argument]
        files += sorted(path for path in inside if path.suffix in SUFFIXES)
    return files


def main(arguments: list[str]) -> int:
    count = 0
    for path in sources(arguments or [str(REPOSITORY / folder) for folder in FOLDERS]):
        for finding in findings(path.read_text()):
            print(f"{path}:{finding.line}: {finding.reason}")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
