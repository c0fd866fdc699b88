#!/usr/bin/env bash
# pgx 5.13.0: a server that refuses a login through TLS with 57P03 gets a second one in the clear.
#
# With the default sslmode (prefer) pgx tries TLS, and then no TLS after any error of the server's
# but a wrong password, a database that does not exist and one it may not use. So a login that is
# refused because the server starts up is made, and refused, twice, the second time in the clear.
# libpq does so for other errors, not for this one. With sslmode=require there is one login.
#
# as found: login with TLS; login in the clear; with sslmode=require: login with TLS
set -euo pipefail
# shellcheck source=findings/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

require python3 openssl go
openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -keyout "$work/key" \
    -out "$work/certificate" 2>"$work/errors"

mkdir "$work/login"
cat >"$work/login/main.go" <<'GO'
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

func main() {
	_, err := pgx.Connect(context.Background(), os.Args[1])
	var refusal *pgconn.PgError
	if !errors.As(err, &refusal) || refusal.Code != "57P03" {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
GO
(
    cd "$work/login"
    go mod init login && go get github.com/jackc/pgx/v5@v5.13.0
) >"$work/errors" 2>&1 || skip "the Go module proxy is out of reach: $(tail -n 1 "$work/errors")"
(cd "$work/login" && go build -o login .) >"$work/errors" 2>&1

start_refusing_server server --tls "$work/certificate" "$work/key"
log_in() { # OPTION
    "$work/login/login" "postgres://user@127.0.0.1:$refusing_port/user$1" 2>"$work/errors"
}

log_in ""
default=$(<"$work/server.log")
log_in "?sslmode=require"
expect "login with TLS
login in the clear
with sslmode=require: login with TLS" "$default
with sslmode=require: $(tail -n +3 "$work/server.log")"
