#!/usr/bin/env bash
# Sourced by each finding: a temporary folder, pinned packages, a Postgres of Debian's, the verdict.
set -euo pipefail
shopt -s inherit_errexit

work=$(mktemp -d)
readonly work
chmod 711 "$work"
# A driver's own defaults are asked for, not what PGSSLMODE and its kin say here.
unset "${!PG@}"

background=() # processes that end with the script

# Postgres refuses to run as root.
unprivileged=()
if ((EUID == 0)); then
    unprivileged=(setpriv --reuid=nobody --regid=nogroup --clear-groups --)
fi

clean_up() {
    local code=$? pid
    # What the last command left on stderr may explain it.
    if ((code != 0 && code != 77)) && [[ -s $work/errors ]]; then
        tail -n 20 "$work/errors" >&2
    fi
    for pid in "${background[@]}"; do
        kill "$pid" 2>/dev/null || true
    done
    if [[ -n ${postgres:-} ]]; then
        kill -INT "$postgres" 2>/dev/null || true # with TERM it waits for its clients to leave
        background+=("$postgres")
    fi
    wait "${background[@]}" 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT

as_found() { # TEXT
    echo "as found: $1"
    exit 0
}

changed() { # TEXT
    echo "changed: $1"
    exit 1
}

# expect EXPECTED SEEN: the lines that were recorded against those that are seen now.
expect() {
    if [[ $1 == "$2" ]]; then
        as_found "${2//$'\n'/; }"
    fi
    changed "expected '${1//$'\n'/; }', saw '${2//$'\n'/; }'"
}

skip() { # REASON
    echo "SKIPPED: $1"
    exit 77
}

require() { # COMMAND...
    local command
    for command in "$@"; do
        command -v "$command" >/dev/null || skip "$command is not installed"
    done
}

# A virtual environment with these packages at $work/NAME.
install_python() { # NAME PACKAGE==VERSION...
    python3 -m venv "$work/$1"
    "$work/$1/bin/pip" install --quiet --disable-pip-version-check --retries 1 "${@:2}" \
        2>"$work/errors" || skip "PyPI is out of reach: $(tail -n 1 "$work/errors")"
}

# Jars at $work/jars, without what they depend on.
install_jars() { # GROUP:ARTIFACT:VERSION...
    require java mvn
    local artifact
    for artifact in "$@"; do
        mvn --quiet --batch-mode dependency:copy -Dartifact="$artifact" \
            -DoutputDirectory="$work/jars" >"$work/errors" 2>&1 ||
            skip "Maven Central is out of reach: $(grep -m 1 ERROR "$work/errors")"
    done
}

wait_until() { # COMMAND...: for 30 s at most
    local deadline=$((SECONDS + 30))
    until "$@"; do
        if ((SECONDS >= deadline)); then
            echo "waited 30 s in vain for: $*" >&2
            exit 2
        fi
        sleep 0.1
    done
}

free_port() {
    python3 -c 'import socket; print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])'
}

# A Postgres with trust authentication that logs to $work/postgres/log; sets `port`.
start_postgres() { # NAME=VALUE...
    local programs setting options=()
    programs=$(find /usr/lib/postgresql -path '*/bin/postgres' 2>/dev/null | sort -V | tail -n 1 || true)
    [[ -n $programs ]] || skip "Postgres is not installed"
    programs=${programs%/postgres}
    port=$(free_port)
    for setting in port="$port" listen_addresses=127.0.0.1 unix_socket_directories= fsync=off \
        log_line_prefix= "$@"; do
        options+=(-c "$setting")
    done
    mkdir "$work/postgres"
    if ((EUID == 0)); then
        chown nobody:nogroup "$work/postgres"
    fi
    (
        cd "$work/postgres"
        "${unprivileged[@]}" "$programs/initdb" -D data -U postgres -A trust --no-sync
    ) >"$work/errors" 2>&1
    : >"$work/postgres/log"
    "${unprivileged[@]}" "$programs/postgres" -D "$work/postgres/data" "${options[@]}" \
        >"$work/postgres/log" 2>&1 &
    postgres=$!
    wait_until grep -q 'ready to accept connections' "$work/postgres/log"
}

# With log_connections=on.
logins() {
    grep -c 'connection authorized' "$work/postgres/log" || true
}

# Sets `refusing_port`; what each connection begins with goes to $work/NAME.log.
start_refusing_server() { # NAME [OPTION...]
    python3 "$(dirname "${BASH_SOURCE[0]}")/refusing_server.py" "$work/$1.port" "${@:2}" \
        >"$work/$1.log" &
    background+=($!)
    wait_until test -e "$work/$1.port"
    # shellcheck disable=SC2034  # for the caller
    refusing_port=$(<"$work/$1.port")
}
