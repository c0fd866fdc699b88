#include "proxy/config/proxy_config.hpp"

namespace wakegate::proxy {

const std::string_view proxy_config_reference =
    R"(listeners:                       required: where clients connect
  NAME:
    address: HOST:PORT           required; each address that a name has; *:PORT: each of the machine
    tls:
      mode: off                  off | optional | required: then 28000 for those who come without
                                 | passthrough: unopened to the server; any client wakes it
      certificate: (none)        PEM FILE: the server's first, then its issuers
      key: (none)                PEM FILE, without a passphrase
      directory: (none)          instead of both: tls.crt and tls.key in it or in subdirectories
      client_ca: (none)          PEM FILE: clients must show a certificate signed by one of these
      client_roles: []           [{name: PATTERN, role: PATTERN}]: who of them may log in as whom
      cancel: drop               drop | broadcast; with passthrough, cancels in the clear (psql's
                                 Ctrl-C) are dropped, or go to all servers of its sessions
    proxy_protocol:              version 2, in front of a client's first words
      mode: off                  off | optional | required: who comes without it is sent away
      trusted: []                [CIDR] of who may send one; needed with optional and required
    tcp:                         clients that vanish without a word; 0: as the kernel has it
      keepalives_idle: 30s       after this long without a segment from one, it is asked for one
      keepalives_interval: 10s   ... and again
      keepalives_count: 3        ... so often in all; then its session ends
      user_timeout: 60s          how long it may leave what it is sent without any acknowledgement
name: (host name)                of this proxy, for people: in logs, on pages, at the scaler
scalers: []                      [HOST:PORT]; each address a name has is one replica; without any
                                 nothing is woken
admin: {address: HOST:PORT}      /metrics /healthz /readyz; absent: none
log:
  format: text                   text | json
  level: info                    debug | info | warning | error
threads: (processors)            workers; each has one front and one relay thread
max_clients: (open files)        at one time, in any state; half the limit of open files; then 53300
max_clients_per_source: (none)   of one IPv4 address or IPv6 /64; beyond: 53300
max_waiting: 10000               held clients, all clusters together; beyond: 53300
startup_timeout: 10s             to the startup message; again after a PROXY header or TLS handshake
tls_timeout: 10s                 for a client's TLS handshake
authentication_timeout: 10s      what a client may take of its login, the server's time not counted;
                                 with auth: scram, from the startup message to the proof
verifier_cache: FILE             required with auth_query: keeps what it told over sleep; mode 0600
drain_timeout: 30s               after SIGTERM, how long sessions may finish; a second one: now
lease: 15s                       how long scalers believe this proxy without news
cancel:                          how CancelRequests find sessions; they never wake anything
  secret_file: (none)            FILE of 32 random bytes or more, the same on all replicas; without
                                 it one made at start, and keys are good at this replica alone
  previous_secret_file: (none)   FILE: its keys are still good, while the secret is replaced
  listen: (none)                 HOST:PORT for cancels that the replicas pass on; not for clients;
                                 with peers and secret_file
  peers: []                      [HOST:PORT]; each address a name has is one replica's listen
  per_second: 50                 from one network (/24, /64), cancels with keys that this replica
                                 neither knows nor can verify and that therefore go to the peers, or
                                 are broadcast; beyond: dropped
  burst: 200                     ... and at once
clusters:                        required
  NAME:                          as in the trigger's metadata
    backend: HOST:PORT           required: where sessions go
    backend_tls:
      mode: disable              disable | prefer | require | verify-ca | verify-full, as sslmode
      ca: (none)                 verify-*: PEM FILE, who may sign the server's certificate
      pin: (none)                SHA-256 of the server's certificate; with require or stronger
      certificate: (none)        PEM FILE, the gate's own, for servers that want one
      key: (none)                PEM FILE, without a passphrase, readable by its owner alone
      server_name: (backend)     the name it is asked for; verify-full: and must show
    auth: passthrough            passthrough | scram: clients prove themselves before they wake it
    userlist: (none)             scram: a file as PgBouncer's auth_file; read anew when it changes
    secret_directory: (none)     scram: or one file for each role, as a mounted Secret has them
    auth_query:                  scram: or, beside them, what the server itself tells while awake
      user: NAME                 required: a role that may run the query
      password_file: (none)      one line; read anew each time
      address: (probe.address)
      database: postgres
      query: (pg_authid)         gives role, verifier, VALID UNTIL in seconds since 1970 or NULL
      refresh_interval: 5m       while awake; also at each wake, and for logins while awake
      max_age: 0s                how old its answer may be that a login goes by while awake
      timeout: 5s
    notice_after: 2s             scram: when held clients are told why they wait; after that libpq
                                 does not go on to its next host at 57P03; 0s: never
    proxy_protocol: none         none | v2: tell the server of the client; needs a probe.address
    tcp:                         servers that vanish without a word, as for listeners
      keepalives_idle: 30s       much sooner once probes have found the cluster gone
      keepalives_interval: 10s
      keepalives_count: 3
      user_timeout: 60s
    connect_timeout: 1s
    login_timeout: 10s           how long the server may be silent in a login; then a probe decides:
                                 if it is there the login goes on until hold_timeout, else the gate
                                 dials again
    hold_timeout: 60s            how long a client waits for the cluster; then 57P03, or 53300 when
                                 all its connections are in use
    hold_timeouts: []            [{application_name: PATTERN, hold_timeout: 4s}]; the first to fit
                                 the startup message, in which pgjdbc sends no name by itself
    wake: []                     who may wake it, else always; the first rule that fits
      - {role: PATTERN, application_name: PATTERN, networks: [CIDR], class: CLASS}
                                 always; defer: uses it while awake, else 57P03 at once; never: as
                                 defer, and its work does not keep the cluster awake; names as
                                 with hold_timeouts: for pgjdbc take role or networks
    wake_grace: 60s              how long a wake goes on when nobody waits any more
    max_clients: (none)          held and relayed ones; beyond: 53300
    max_clients_per_role: (none) with auth: scram, proved ones; beyond: 53300
    max_waiting: 5000            held clients of this cluster; beyond: 53300
    max_connections: (learned)   backend sessions; learned with probe.user, else unbounded
    connection_headroom: 5       kept free below the learned number
    reserved_roles: []           [PATTERN]: with probe.user, roles that may use what is kept free
                                 and what the server reserves for superusers as well
    when_full: wait              wait | refuse: 53300 at once when all connections are in use
    release_batch: 64            logins at one time that wait for the server's first answer
    idle_sessions: ignore        ignore | count: do idle sessions keep the cluster awake?
    listening_sessions: ignore   ignore | count: do sessions that ran LISTEN?
    pings: [SELECT 1, SELECT NULL, SELECT 'x', SELECT version()]
                                 what pools ask to see whether a session is alive: no work outside
                                 a transaction, as blank statements and comments alone never are
    probe:
      address: (backend)         what is asked for readiness
      interval: 10ms             while waking: 2 % of the time it took so far, but at least this
      slow_interval: 200ms       ... and at most this
      ready_interval: 15s        how often a ready cluster is looked at, beside when it has ended a
                                 session; 0s: only then
      timeout: 1s                with user, make it longer than a login takes
      user: (none)               recommended: a login and its queries decide, and the number of
                                 connections is learned; without it any login answer counts
      password_file: (none)      one line; read anew each time
      database: postgres
      ready_query: (none)        must answer true
      system_identifier: (none)  must be the server's
routes: []                       the first that fits; may be left out with one cluster
  - listener: NAME               what a client must have come with: absent, anything
    sni: PATTERN                 the server name of its TLS; without one, options=--cluster=NAME
    database: PATTERN
    user: PATTERN
    cluster: NAME                required: where it goes
    backend: (the cluster's)     HOST:PORT of another server of this cluster
    backend_database: (its own)  what the server is asked for instead
                                 a {name} binds one label of a DNS name in the first four and
                                 stands for it in the last three:
                                 sni "{client}.db.example.com" with cluster "{client}-prod"
)";

} // namespace wakegate::proxy
