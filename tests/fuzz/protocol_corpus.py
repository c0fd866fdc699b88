"""Seed messages between clients and servers: valid, unusual and broken."""

from struct import pack


def text(value):
    return value.encode() + b"\0"


def frame(kind, body=b""):
    return kind.encode() + pack("!I", 4 + len(body)) + body


def untyped(body):
    return pack("!I", 4 + len(body)) + body


def startup(protocol=0x00030000, **parameters):
    pairs = b"".join(text(name) + text(value) for name, value in parameters.items())
    return untyped(pack("!I", protocol) + pairs + b"\0")


def error(severity, sqlstate):
    fields = ("S" + severity, "V" + severity, "C" + sqlstate, "Mreason")
    return frame("E", b"".join(map(text, fields)) + b"\0")


def record(from_client, message):
    """A record for fuzz_protocol_tracker: sender, size, bytes; 127 bytes at most."""
    pieces = [message[at : at + 127] for at in range(0, len(message), 127)]
    return b"".join(bytes([from_client << 7 | len(piece)]) + piece for piece in pieces)


def client(*messages):
    return b"".join(record(True, message) for message in messages)


def server(*messages):
    return b"".join(record(False, message) for message in messages)


READY = frame("Z", b"I")
AUTHENTICATED = frame("R", pack("!I", 0))
KEY = b"\0\0\x12\x67" + b"key!"
GREETING = AUTHENTICATED + frame("S", text("server_version") + text("15.6")) + frame("K", KEY)
LOGIN = server(GREETING + READY)
QUERY = frame("Q", text("SELECT 1"))
DONE = frame("C", text("SELECT 1")) + READY
EXTENDED = frame("P", text("") + text("SELECT 1") + b"\0\0") + frame("B", b"\0" * 8)
EXTENDED += frame("D", text("P")) + frame("E", text("") + pack("!I", 0))
SYNC = frame("S")
RUN_S0 = frame("B", text("") + text("s0") + b"\0" * 6) + frame("E", text("") + b"\0" * 4) + SYNC
ROW = frame("d", b"row\n")
COPY_IN = frame("G", b"\0\0\0")
COPY_DONE = frame("c")

STARTUP = {
    "ssl_request": untyped(pack("!I", 80877103)),
    "gss_request": untyped(pack("!I", 80877104)),
    "cancel": untyped(pack("!I", 80877102) + KEY),
    "cancel_long_key": untyped(pack("!I", 80877102) + b"k" * 260),
    "cancel_short_key": untyped(pack("!I", 80877102) + b"key"),
    "psql": startup(user="ann", database="shop", application_name="psql", client_encoding="UTF8"),
    "only_user": startup(user="ann"),
    "no_user": startup(database="shop"),
    "protocol_3_2": startup(0x00030002, user="ann", replication="database"),
    "grease": startup(0x0003270F, user="ann", **{"_pq_.grease": ""}),
    "protocol_2": startup(0x00020000, user="ann"),
    "not_terminated": untyped(pack("!I", 0x00030000) + b"user\0ann\0"),
    "goes_on": untyped(pack("!I", 0x00030000) + b"user\0ann\0\0more\0"),
    "too_long": pack("!II", 10_001, 0x00030000),
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01",
    "http": b"GET / HTTP/1.1\r\n\r\n",
}

LOGIN_REPLY = {
    "trust": GREETING + READY,
    "md5": frame("R", pack("!I", 5) + b"salt"),
    "sasl": frame("R", pack("!I", 10) + text("SCRAM-SHA-256") + b"\0"),
    "negotiate": frame("v", pack("!II", 0x00030000, 0)) + frame("R", pack("!I", 3)),
    "starting": error("FATAL", "57P03"),
    "stopping_in_greeting": GREETING + error("FATAL", "57P01"),
    "crashed": frame("N", text("SWARNING") + b"\0") + error("FATAL", "57P02"),
    "too_many": error("FATAL", "53300"),
    "no_sqlstate": frame("E", text("SFATAL") + b"\0"),
    "no_fields": frame("E", b"C57P03"),
    "fork_failure": b"Ecould not fork new process for connection\n\0",
    "bad_length": b"S\0\0\0\3",
    "too_long": b"S\0\1\0\0",
    "ssh": b"SSH-2.0-OpenSSH_9.2\r\n",
}

SASL = pack("!I", 10)
SASL_MESSAGE = {
    "initial": frame("p", text("SCRAM-SHA-256") + pack("!I", 9) + b"n,,n=,r=x"),
    "initial_without_data": frame("p", text("SCRAM-SHA-256") + pack("!i", -1)),
    "initial_too_short": frame("p", text("SCRAM-SHA-256") + pack("!I", 10) + b"n,,n=,r=x"),
    "response": frame("p", b"c=biws,r=xy,p=" + b"A" * 43 + b"="),
    "empty": frame("p"),
    "longest": frame("p", b"x" * 512),
    "too_long": frame("p", b"x" * 513),
    "negative_length": b"p\xff\xff\xff\xff",
    "query": frame("Q", text("SELECT 1")),
    "mechanisms": frame("p", SASL + text("SCRAM-SHA-256-PLUS") + text("SCRAM-SHA-256") + b"\0"),
    "no_mechanisms": frame("p", SASL + b"\0"),
}

SASL_REQUEST = frame("R", pack("!I", 10) + text("SCRAM-SHA-256") + b"\0")

LOGIN_EXCHANGE = {
    "trust": LOGIN,
    "password": server(frame("R", pack("!I", 3))) + client(frame("p", text("secret"))) + LOGIN,
    "scram": server(SASL_REQUEST)
    + client(frame("p", b"first"))
    + server(frame("R", pack("!I", 11) + b"server first"))
    + client(frame("p", b"final"))
    + server(frame("R", pack("!I", 12) + b"server final"), GREETING + READY),
    "gss": server(frame("R", pack("!I", 7)))
    + client(frame("p", b"token"))
    + server(frame("R", pack("!I", 8) + b"token"), AUTHENTICATED),
    "refused": server(SASL_REQUEST) + client(frame("p")) + server(error("FATAL", "28P01")),
    "ahead": client(frame("p"), QUERY) + server(SASL_REQUEST * 3),
    "no_kind": server(frame("R", b"abc"), frame("R")),
    "bad_length": server(SASL_REQUEST, b"R\0\0\0\3"),
    "bad_client_length": server(SASL_REQUEST) + client(b"p\xff\xff\xff\xff", frame("p")),
}

PROTOCOL_TRACKER = {
    "login": server(AUTHENTICATED, GREETING, READY),
    "login_long_key": server(AUTHENTICATED + frame("K", b"k" * 260) + READY),
    "query": LOGIN + client(QUERY) + server(frame("D", b"\0\0") + DONE),
    "transaction": LOGIN + client(QUERY) + server(frame("C", text("BEGIN")) + frame("Z", b"T")),
    "pipeline": LOGIN
    + client((EXTENDED + SYNC) * 3)
    + server(DONE, error("ERROR", "22012"), READY),
    "copy_simple": LOGIN + client(QUERY) + server(COPY_IN) + client(ROW, COPY_DONE) + server(DONE),
    "copy_extended": LOGIN
    + client(EXTENDED + SYNC)
    + server(COPY_IN)
    + client(ROW, COPY_DONE + SYNC)
    + server(DONE),
    "copy_fails": LOGIN
    + client(EXTENDED + SYNC)
    + server(COPY_IN, error("ERROR", "22P02"))
    + client(ROW, frame("f", text("why")) + SYNC)
    + server(READY),
    "replication": LOGIN
    + client(QUERY)
    + server(frame("W", b"\0\0\0"), ROW)
    + client(ROW, COPY_DONE)
    + server(COPY_DONE, DONE),
    "listen": LOGIN
    + client(QUERY)
    + server(frame("C", text("LISTEN")) + READY, frame("A", pack("!I", 1) + text("c") + text("p")))
    + client(QUERY)
    + server(frame("C", text("DISCARD ALL")) + READY),
    "function_call": LOGIN + client(frame("F", b"\0" * 10)) + server(frame("V", b"\0" * 4) + READY),
    "goodbyes": LOGIN + client(QUERY, frame("X")) + server(error("FATAL", "57P01")),
    "ready_unasked": LOGIN + server(READY, READY, frame("Z")),
    "ping_simple": LOGIN + client(frame("Q", text("/**/ select 1;"))) + server(DONE),
    "ping_blank": LOGIN + client(frame("Q", text("-- ping"))) + server(frame("I") + READY),
    "ping_deallocate": LOGIN + client(frame("Q", text('DEALLOCATE "s 0"'))),
    "ping_quoted": LOGIN + client(frame("Q", text("SELECT 'x'"))) + server(DONE),
    "ping_answered_early": LOGIN + client(QUERY[:9]) + server(READY) + client(QUERY[9:12] + b"2\0"),
    "ping_extended": LOGIN + client(EXTENDED + SYNC) + server(DONE),
    "ping_prepared": LOGIN
    + client(frame("P", text("s0") + text(";") + b"\0\0") + frame("D", text("Ss0")) + SYNC)
    + server(READY)
    + client(RUN_S0)
    + server(READY)
    + client(frame("C", text("Ss0")) + SYNC)
    + server(READY)
    + client(RUN_S0),
    "ping_not_prepared": LOGIN
    + client(frame("P", text("s0") + text("") + b"\0\0") + SYNC)
    + server(error("ERROR", "42P05") + READY)
    + client(RUN_S0),
    "ping_prepared_anew": LOGIN
    + client(frame("P", text("s0") + text("") + b"\0\0") + SYNC)
    + server(READY)
    + client(QUERY)
    + server(frame("C", text("PREPARE")) + READY)
    + client(RUN_S0),
    "bad_length": LOGIN + server(b"D\0\0\0\3", READY),
    "bad_client_length": LOGIN + client(b"Q\xff\xff\xff\xff", QUERY),
}
