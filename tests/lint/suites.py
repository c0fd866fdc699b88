#!/usr/bin/env python3
"""Checks that tests/**/NAME_test.cpp has only suites NAME and NAME_..., as filters NAME* expect.

usage: suites.py [ROOT]; without it, this repository
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
# The first argument: a suite's name, or in an instantiation the prefix before it.
DEFINITION = re.compile(
    r"^\s*(?:TEST|TEST_F|TEST_P|TYPED_TEST|TYPED_TEST_P"
    r"|INSTANTIATE_TEST_SUITE_P|INSTANTIATE_TYPED_TEST_SUITE_P)\(\s*(\w*)",
    re.MULTILINE,
)


def objections(path: Path) -> Iterator[str]:
    name = path.name.removesuffix("_test.cpp")
    text = path.read_text()
    for match in DEFINITION.finditer(text):
        suite = match[1]
        if suite != name and not suite.startswith(f"{name}_"):
            line = text.count("\n", 0, match.start(1)) + 1
            yield f"{line}: '{suite}' is neither '{name}' nor begins with '{name}_'"


def main(arguments: list[str]) -> int:
    if len(arguments) > 1:
        print(__doc__, file=sys.stderr)
        return 2
    root = Path(arguments[0]) if arguments else REPOSITORY
    found = [
        f"{path.relative_to(root)}:{objection}"
        for path in sorted((root / "tests").rglob("*_test.cpp"))
        for objection in objections(path)
    ]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
