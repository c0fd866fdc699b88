#!/usr/bin/env python3
"""Checks who may include whom, file by file, against the table below.

usage: layering.py [ROOT]; without it, this repository
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"(?P<own>[^"]+)"|<(?P<other>[^>]+)>)', re.MULTILINE)

# The layers of generated headers, which are included by name alone.
GENERATED = {"demand.pb.h": "proto", "demand.grpc.pb.h": "proto", "version.hpp": "common"}
GENERATED |= {"externalscaler.pb.h": "proto", "externalscaler.grpc.pb.h": "proto"}
GENERATED |= {"commit_value.hpp": "common"}

ASIO, GRPC, LIBPQ, YAML, LOGS = "boost/", "grpc", "libpq", "yaml-cpp/", "common/log.hpp"
# Errors as values: no clock, no I/O.
ERRORS = "boost/system/"
CLOCKS_AND_IO = ("boost/", "grpc", "libpq", "yaml-cpp/", "spdlog/", "prometheus/", "sys/", "unistd")


@dataclass(frozen=True)
class Layer:
    """May include itself and what `knows` names; never what begins with one of `never`.

    ERRORS are for all.
    """

    knows: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


# The longest prefix of a file's path decides.
LAYERS = {
    "common": Layer(never=(GRPC, LIBPQ)),
    "common/grpc": Layer(knows=("common",), never=(LIBPQ, YAML)),
    "proxy/wire": Layer(never=CLOCKS_AND_IO),
    # Pure: time and randomness are arguments. Its two files that do I/O have entries of their own.
    "proxy/auth": Layer(knows=("common", "proxy/wire"), never=(*CLOCKS_AND_IO, LOGS)),
    "proxy/auth/secret_directory": Layer(
        knows=("common", "proxy/auth"), never=(ASIO, GRPC, LIBPQ, YAML, LOGS)
    ),
    "proxy/auth/verifier_cache_file": Layer(
        knows=("common", "proxy/auth"), never=(ASIO, GRPC, LIBPQ, YAML, LOGS)
    ),
    "proxy/route": Layer(knows=("common",), never=(*CLOCKS_AND_IO, LOGS)),
    # A cluster for sessions. Its settings are plain data.
    "proxy/cluster": Layer(
        knows=(
            "common",
            "proxy/backend/endpoint",
            "proxy/cluster/cluster_settings",
            "proxy/gate",
            "proxy/net",
            "proxy/route",
            "proxy/verifiers",
            "proxy/wire",
        ),
        never=("boost/asio", GRPC, LIBPQ, YAML, LOGS),
    ),
    "proxy/cluster/cluster_settings": Layer(
        knows=(
            "common",
            "proxy/auth",
            "proxy/backend/endpoint",
            "proxy/gate/connection_limit",
            "proxy/route",
            "proxy/wire",
        ),
        never=(*CLOCKS_AND_IO, LOGS),
    ),
    "proxy/cancel/cancel_target": Layer(never=(GRPC, LIBPQ, YAML, LOGS)),
    "proxy/cancel/keys": Layer(
        knows=("common", "proxy/cancel/cancel_target", "proxy/wire"), never=(*CLOCKS_AND_IO, LOGS)
    ),
    "proxy/cancel/cancel_registry": Layer(
        knows=("proxy/cancel/cancel_target",), never=(*CLOCKS_AND_IO, LOGS)
    ),
    "proxy/cancel/cancel_drops": Layer(knows=("common",), never=(*CLOCKS_AND_IO, LOGS)),
    "proxy/cancel": Layer(
        knows=(
            "common",
            "proxy/backend",
            "proxy/cancel/cancel_drops",
            "proxy/cancel/cancel_registry",
            "proxy/cancel/cancel_target",
            "proxy/cancel/keys",
            "proxy/cluster",
            "proxy/net",
            "proxy/wire",
        ),
        never=(GRPC, LIBPQ, YAML),
    ),
    "proxy/gate": Layer(knows=("common",), never=(*CLOCKS_AND_IO, LOGS)),
    # Runs the gate on the control thread: uses the prober, and knows no client's socket.
    "proxy/gate/gate_service": Layer(
        knows=(
            "common",
            "proxy/gate",
            "proxy/gate/cluster_prober",
            "proxy/gate/gate_waiters",
            "proxy/gate/hold_log",
            "proxy/gate/session_identity",
            "proxy/libpq",
        ),
        never=("boost/asio/ip", GRPC, LIBPQ, YAML),
    ),
    "proxy/gate/cluster_prober": Layer(
        knows=("common", "proxy/libpq"), never=("boost/asio/ip", GRPC, LIBPQ, YAML)
    ),
    "proxy/gate/gate_waiters": Layer(
        knows=("common", "proxy/gate", "proxy/gate/hold_log", "proxy/gate/session_identity"),
        never=("boost/asio/ip", GRPC, LIBPQ, YAML),
    ),
    "proxy/gate/initial_probes": Layer(
        knows=("common", "proxy/gate", "proxy/gate/gate_service"),
        never=("boost/asio/ip", GRPC, LIBPQ, YAML),
    ),
    # The log lines of gate_service.
    "proxy/gate/hold_log": Layer(
        knows=("common", "proxy/gate", "proxy/gate/session_identity"), never=CLOCKS_AND_IO
    ),
    "proxy/gate/session_identity": Layer(knows=("common",), never=CLOCKS_AND_IO),
    "proxy/gate/permit": Layer(
        knows=("common", "proxy/gate", "proxy/gate/gate_service"), never=(GRPC, LIBPQ, YAML)
    ),
    "proxy/libpq": Layer(knows=("common", "proxy/net", "proxy/tls"), never=(GRPC, YAML)),
    "proxy/backend/endpoint": Layer(knows=("common",), never=(*CLOCKS_AND_IO, LOGS)),
    "proxy/backend": Layer(
        knows=(
            "common",
            "proxy/auth",
            "proxy/backend/endpoint",
            "proxy/net",
            "proxy/tls",
            "proxy/wire",
        ),
        never=(GRPC, LIBPQ, YAML),
    ),
    "proxy/verifiers": Layer(
        knows=("common", "proxy/auth", "proxy/libpq"), never=(GRPC, LIBPQ, YAML)
    ),
    "proxy/tls": Layer(knows=("common",), never=("boost/", GRPC, LIBPQ, YAML)),
    "proxy/net": Layer(knows=("common", "proxy/relay", "proxy/tls"), never=(GRPC, LIBPQ, YAML)),
    "proxy/relay": Layer(
        knows=("common", "proxy/tls", "proxy/wire"), never=("boost/asio", GRPC, LIBPQ, YAML, LOGS)
    ),
    "proxy/report": Layer(
        knows=("common", "proto", "proxy/gate", "proxy/net"), never=(LIBPQ, YAML)
    ),
    "proxy/session": Layer(
        knows=(
            "common",
            "proxy/auth",
            "proxy/backend",
            "proxy/cancel",
            "proxy/cluster",
            "proxy/gate",
            "proxy/net",
            "proxy/relay",
            "proxy/route",
            "proxy/tls",
            "proxy/verifiers",
            "proxy/wire",
        ),
        never=(GRPC, LIBPQ, YAML),
    ),
    "proxy/status": Layer(
        knows=(
            "common",
            "proxy/cluster",
            "proxy/gate",
            "proxy/net",
            "proxy/report",
            "proxy/route",
            "proxy/session",
        ),
        never=(GRPC, LIBPQ, YAML),
    ),
    "proxy/config": Layer(
        knows=(
            "common",
            "proxy/auth",
            "proxy/cancel",
            "proxy/cluster",
            "proxy/gate",
            "proxy/libpq",
            "proxy/route",
            "proxy/session",
            "proxy/tls",
            "proxy/verifiers",
            "proxy/wire",
        ),
        never=(ASIO, GRPC, LIBPQ),
    ),
    # Only tables.
    "proxy/config/reference": Layer(knows=("common",), never=(*CLOCKS_AND_IO, LOGS)),
    "proxy": Layer(knows=("common", "proto")),
    "scaler/state": Layer(knows=("common",), never=(*CLOCKS_AND_IO, LOGS)),
    "scaler/reference": Layer(knows=("common",), never=(*CLOCKS_AND_IO, LOGS)),
    "scaler/actuator/reference": Layer(knows=("common",), never=(*CLOCKS_AND_IO, LOGS)),
    "scaler/actuator": Layer(
        knows=("common", "proto", "scaler/actuator/reference"), never=(LIBPQ,)
    ),
    "scaler": Layer(knows=("common", "proto", "scaler/reference", "scaler/state"), never=(LIBPQ,)),
    # Renders the tables of all three programs.
    "docs": Layer(
        knows=(
            "common",
            "proxy/config/reference",
            "scaler/reference",
            "scaler/actuator/reference",
        ),
        never=(GRPC, LIBPQ, YAML, LOGS),
    ),
}
# Too large to include anywhere.
NOWHERE = ("boost/asio.hpp", "boost/beast.hpp", "bits/stdc++.h")


def is_in(path: str, prefix: str) -> bool:
    """Whether a path is below a prefix: proxy/gate/gate.hpp is in proxy/gate, not in proxy/ga."""
    rest = path.removeprefix(prefix)
    return path.startswith(prefix) and (not rest or rest[0] in "/._")


def layer_of(path: str) -> str | None:
    return max((name for name in LAYERS if is_in(path, name)), key=len, default=None)


def covers(name: str, known: str, target: str) -> bool:
    """Whether `known` of the layer `name` allows it to include `target`.

    A folder that is named from outside means all layers in it; from inside, the rest of the folder.
    """
    return layer_of(target) == known or not is_in(name, known) and is_in(target, known)


def circles() -> list[str]:
    """Layers that depend on themselves through others."""
    edges = {
        name: {layer_of(known) or known for known in layer.knows}
        | {home for home in LAYERS for known in layer.knows if covers(name, known, home)}
        for name, layer in LAYERS.items()
    }

    def reach(name: str) -> set[str]:
        seen: set[str] = set()
        ahead = list(edges[name])
        while ahead:
            if (home := ahead.pop()) not in seen:
                seen.add(home)
                ahead += edges.get(home, ())
        return seen

    return [name for name in LAYERS if name in reach(name)]


def objection(path: str, own: str | None, other: str | None, exists: bool = True) -> str | None:
    """The reason why the file at `path` must not include this; None when it may."""
    name = layer_of(path)
    if other in NOWHERE:
        return f"<{other}> is too wide: include what is used"
    if name is None:
        return None
    layer = LAYERS[name]
    included = own or other or ""
    is_forbidden = any(included.startswith(prefix) for prefix in layer.never)
    if is_forbidden and not included.startswith(ERRORS):
        return f"{name} must not know {included}"
    if own is None:
        return None
    target = GENERATED.get(own, own)
    if own not in GENERATED and not exists:
        return f'"{own}" is not named from the root of the repository'
    home = layer_of(target)
    if home == "scaler/actuator" and name != home or home == "proxy" and name != home:
        return f"{name} must not include {own}"
    if home == name or name == "proxy" and is_in(target, "proxy"):
        return None
    if any(covers(name, known, target) for known in layer.knows):
        return None
    return f"{name} must not include {own}"


def objections(root: Path) -> list[str]:
    found = []
    for path in sorted(root.rglob("*.[ch]pp")):
        relative = path.relative_to(root).as_posix()
        if relative.split("/")[0] not in {"common", "docs", "proxy", "scaler", "tests", "bench"}:
            continue
        text = path.read_text()
        for match in INCLUDE.finditer(text):
            exists = match["own"] is None or (root / match["own"]).exists()
            reason = objection(relative, match["own"], match["other"], exists)
            if reason:
                line = text.count("\n", 0, match.start("own" if match["own"] else "other")) + 1
                found.append(f"{relative}:{line}: {reason}")
    return found


def main(arguments: list[str]) -> int:
    if len(arguments) > 1:
        print(__doc__, file=sys.stderr)
        return 2
    found = objections(Path(arguments[0]) if arguments else REPOSITORY)
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
