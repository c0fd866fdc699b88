#!/usr/bin/env python3
"""Writes the seed corpora under corpus/: one file per case, named after it.

Run it after a case is added; the result is committed. Files it does not know are left alone, so
reproducers can be added by hand.
"""

from pathlib import Path
from struct import pack

CORPUS = Path(__file__).parent / "corpus"


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
    """What fuzz_conversation reads: who sends, how much, the bytes; 127 bytes at most."""
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

CONVERSATION = {
    "login": server(AUTHENTICATED, GREETING, READY),
    "login_long_key": server(AUTHENTICATED + frame("K", b"k" * 260) + READY),
    "query": LOGIN + client(QUERY) + server(frame("D", b"\0\0") + DONE),
    "transaction": LOGIN + client(QUERY) + server(frame("C", text("BEGIN")) + frame("Z", b"T")),
    "pipeline": LOGIN + client((EXTENDED + SYNC) * 3) + server(DONE, error("ERROR", "22012"), READY),
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

RFC_NONCES = b"rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
RFC_CHALLENGE = b"r=" + RFC_NONCES + b",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
RFC_FINAL = b"c=biws,r=" + RFC_NONCES + b",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="


def initial(data, mechanism="SCRAM-SHA-256"):
    return text(mechanism) + (pack("!i", -1) if data is None else pack("!I", len(data)) + data)


def sized(*messages):
    return b"".join(pack("!H", len(message)) + message for message in messages)


RFC_FIRST = b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
BOUND_FIRST = b"p=tls-server-end-point,,n=,r=abc"
PLUS = "SCRAM-SHA-256-PLUS"

SASL_SERVER = {
    "first": b"\0" + sized(initial(RFC_FIRST)),
    "login": b"\0" + sized(initial(RFC_FIRST), RFC_FINAL),
    "unknown_role": b"\2" + sized(initial(RFC_FIRST), RFC_FINAL),
    "server_speaks_first": b"\0" + sized(initial(None), RFC_FIRST),
    "binding": b"\1" + sized(initial(BOUND_FIRST, PLUS), b"c=cD10bHMtc2VydmVyLWVuZC1wb2ludCws"),
    "binding_hidden": b"\1" + sized(initial(b"y,,n=,r=abc")),
    "binding_without_data": b"\1" + sized(initial(b"n,,n=,r=abc", PLUS)),
    "other_binding": b"\1" + sized(initial(b"p=tls-unique,,n=,r=abc", PLUS)),
    "authorization_identity": b"\0" + sized(initial(b"n,a=x,n=,r=abc")),
    "mandatory_extension": b"\0" + sized(initial(b"n,,m=x,n=,r=abc")),
    "extensions": b"\0" + sized(initial(b"n,,n=,r=abc,x=1,y=2")),
    "no_nonce": b"\0" + sized(initial(b"n,,n=")),
}

SASL_CLIENT = {
    "begin": b"\0" + sized(b"SCRAM-SHA-256\0\0"),
    "begin_bound": b"\1" + sized(text(PLUS) + text("SCRAM-SHA-256") + b"\0"),
    "no_mechanism": b"\0" + sized(b"SCRAM-SHA-1\0\0"),
    "challenge": b"\0" + sized(b"SCRAM-SHA-256\0\0", RFC_CHALLENGE),
    "stale": b"\0" + sized(b"SCRAM-SHA-256\0\0", RFC_CHALLENGE[:-1]),
    "wrong_signature": b"\0" + sized(b"SCRAM-SHA-256\0\0", RFC_CHALLENGE, b"v=" + b"A" * 43 + b"="),
    "server_refuses": b"\0" + sized(b"SCRAM-SHA-256\0\0", RFC_CHALLENGE, b"e=other-error"),
}

SALT = b"k+AI/urVCY8+/yl6yjWbgQ=="
KEYS = b"LWhc6+4AO1ZeHoMAXc22DnPdg9/zuNZYM52TmYwKpo8=:8CFwsRIYHKbAkFq3XkiXWnQ0QoRh+LjL2fDKH43jIH4="
STORED = b"SCRAM-SHA-256$4096:" + SALT + b"$" + KEYS

VERIFIER = {
    "stored": STORED,
    "iterations_above_32_bits": STORED.replace(b"4096", b"99999999999"),
    "no_salt": STORED.replace(SALT, b""),
    "one_key": STORED.split(b"=:")[0] + b"=",
    "not_canonical": STORED.replace(b"Q==", b"R=="),
    "line_end": STORED + b"\n",
    "md5": b"md5b6f7f5b4a8b5f8a6b9b1a2c3d4e5f607",
    "unicode": "I\u00adX\u00a0\ufdfa\u2168".encode(),
    "hebrew": "\u05e9\u05dc1\u05dd".encode(),
    "prohibited": "a\ue000\u00a0".encode(),
    "not_utf8": b"caf\xe9",
}

def cache(*lines, count=None):
    count = len(lines) if count is None else count
    return b"wakegate verifier cache 1\n" + b"".join(lines) + b"end %d\n" % count


CACHE_LINE = b"app\tann\t" + STORED + b"\t-\t1700000000\n"
VERIFIER_CACHE = {
    "empty": cache(),
    "one": cache(CACHE_LINE),
    "names": cache(b"a\\\\\\t\\n\\r\tb c\t" + STORED + b"\t1800000000\t0\n"),
    "twice": cache(CACHE_LINE, CACHE_LINE),
    "wrong_count": cache(CACHE_LINE, count=2),
    "cut_short": cache(CACHE_LINE)[:-8],
    "carriage_return": cache(b"\r" + CACHE_LINE),
    "bad_escape": cache(b"\\x" + CACHE_LINE),
    "bad_time": cache(CACHE_LINE.replace(b"-", b"01")),
    "next_version": cache().replace(b"1", b"2", 1),
}

USERLIST = {
    "both_kinds": b'; roles\n"ann" "' + STORED + b'"\n"bob" "pencil" "and more"\n',
    "quotes": b'"a""b" """c"""',
    "md5": b'"ann" "md50123456789abcdef0123456789abcdef"',
    "line_ends": b'\r\n"ann"\t"a\nb"\r\n',
    "no_end": b'"ann" "x',
    "no_quotes": b"ann pencil",
    "empty_name": b'"" "x"',
    "damaged": b'"ann" "' + STORED[:60] + b'"',
}

EVERY_KIND = b"""\
text: word
texts: [one, "two"]
flag: true
number: 7
period: 10s
size: 256KiB
address: "127.0.0.1:6432"
addresses: ["[::1]:1", "db.example.com:5432"]
choice: two
named_texts: {A: one, B: "2"}
maps: [{text: a}, {text: b}]
named_maps:
  app: {text: a}
map: {}
"""

CONFIGURATION = {
    "every_kind": EVERY_KIND,
    "empty": b"",
    "comment": b"# nothing\n",
    "scalar": b"just text\n",
    "list": b"[1, 2]\n",
    "unknown_key": b"texd: word\n",
    "duplicate_key": b"text: a\ntext: b\n",
    "wrong_kinds": b"text: []\ntexts: {}\nflag: 7\nnumber: -1\nmaps: 3\nnamed_maps: [x]\nmap: y\n",
    "bad_values": b"period: 10\nsize: 1XB\naddress: nowhere\nchoice: three\nnumber: 1e9\nflag: on\n",
    "nulls": b"text: ~\ntexts:\nmaps: [~]\nnamed_maps: {a: ~}\nmap: null\n",
    "not_yaml": b"text: [1, {\n",
    "tab": b"map:\n\ttext: a\n",
    "anchors": b"map: &a {text: b}\nmaps: [*a, *a]\nnamed_maps: {<<: *a}\n",
    "unknown_anchor": b"map: *nowhere\n",
    "complex_keys": b"? [a, b]\n: text\nnamed_texts: {? {x: y} : z}\n",
    "two_documents": b"text: a\n---\ntext: b\n",
    "tags": b"text: !!binary aGk=\nnumber: !!str 7\n",
    "not_utf8": b"text: \xff\xfe\nnamed_texts: {\x80: \x00}\n",
    "many_lines": b'text: "a\n\n  b"\ntexts:\n  - |\n    x\n    y\nchoice: >\n  folded\n',
}

CLUSTER_OPTION = {
    "alone": b"--cluster=acme-prod",
    "among_others": b"-c work_mem=1MB --cluster=acme\t-c search_path=a,b",
    "escaped": rb"--cl\uster=two\ words\\ -c a=\ b",
    "argument_of_a_switch": b"-ec --cluster=x -c -- --cluster=y",
    "behind_the_end": b"-e -- --cluster=x",
    "twice": b"--cluster=a --cluster=b",
    "no_value": b"--cluster --cluster=",
    "backslash_at_the_end": b"--cluster=a\\",
}

# The first byte is the style: text, host name, plain.
NAME_PATTERN = {
    "host": b"\1{client}-{env}.db.example.com\nACME-eu-prod.db.example.com",
    "wildcards": b"\0*{client}_[[:digit:]a-z]?*\nx.acme_7zz",
    "plain": b"\2pg-{env}*\npg-prod*",
    "escapes": b"\0\\{{client}\\}\n{acme}",
    "bad_value": b"\1{client}.db\n-acme_.db",
    "left_open": b"\0{client\nx",
    "twice": b"\0{a}-{a}\nx-x",
    "side_by_side": b"\0{a}{b}\nxy",
    "hard": b"\0*a*a*{x}*a*{y}*b\n" + b"a" * 80,
}


def vector(content, size=2):
    return len(content).to_bytes(size, "big") + content


def extension(kind, content):
    return pack("!H", kind) + vector(content)


def tls_record(fragment):
    return b"\x16\3\1" + vector(fragment)


def client_hello(*extensions):
    body = b"\3\3" + b"r" * 32 + vector(b"", 1) + vector(b"\x13\1") + vector(b"\0", 1)
    return b"\1" + vector(body + vector(b"".join(extensions)), 3)


SERVER_NAME = extension(0, vector(b"\0" + vector(b"acme-prod.db.example.com")))
ALPN = extension(16, vector(vector(b"postgresql", 1)))
HELLO = client_hello(SERVER_NAME, ALPN, extension(0x0A0A, b""))

CLIENT_HELLO = {
    "hello": tls_record(HELLO),
    "in_small_records": b"".join(tls_record(HELLO[at : at + 9]) for at in range(0, len(HELLO), 9)),
    "no_extensions": tls_record(client_hello()),
    "followed": tls_record(HELLO) + tls_record(b"early"),
    "two_names": tls_record(client_hello(SERVER_NAME, SERVER_NAME)),
    "bad_name": tls_record(client_hello(extension(0, vector(b"\0" + vector(b"a..b"))))),
    "bad_alpn": tls_record(client_hello(extension(16, vector(b"\5ab")))),
    "alert": b"\x15\3\1\0\2\1\0",
    "http": b"GET / HTTP/1.1\r\n",
    "too_long": b"\x16\3\1\0\4\1\xff\xff\xff",
}

PROXY_SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
TCP4 = b"\xc0\0\2\1\xc6\x33\x64\7\x9c\x40\x15\x38"


def proxy_header(command, family, rest=b""):
    return PROXY_SIGNATURE + bytes([command, family]) + vector(rest)


PROXY_HEADER = {
    "tcp4": proxy_header(0x21, 0x11, TCP4),
    "tcp4_and_more": proxy_header(0x21, 0x11, TCP4 + b"\xea\0\3\1ab\4\0\0") + b"\0\0\0\x08",
    "tcp6": proxy_header(0x21, 0x21, bytes(range(36))),
    "unix": proxy_header(0x21, 0x31, b"/" * 216),
    "unspecified": proxy_header(0x21, 0),
    "local": proxy_header(0x20, 0),
    "udp": proxy_header(0x21, 0x12, TCP4),
    "tlv_too_long": proxy_header(0x21, 0x11, TCP4 + b"\4\0\2x"),
    "too_short": proxy_header(0x21, 0x21, TCP4),
    "too_long": PROXY_SIGNATURE + b"\x21\x11\xff\xff",
    "version_1": b"PROXY TCP4 192.0.2.1 198.51.100.7 40000 5432\r\n",
    "almost_version_1": b"PROXY\"T",
}

# A key, and at once what is laid over one of the proxy's own by exclusive or.
CANCEL_KEY = {
    "unchanged": b"",
    "zeros": b"\0" * 8,
    "postgres": KEY,
    "short": pack("!II", 4711, 0x12345678),
    "sign_bit": b"\xff" * 8,
    "postgres_18": b"\0\0\x12\x67" + bytes(range(32)),
    "other_process": b"\0\0\0\1",
    "other_version": b"\0\0\0\0\1",
    "other_secret": b"\0" * 5 + b"\1",
    "other_nonce": b"\0" * 9 + b"\1",
    "other_cluster": b"\0" * 22 + b"\1",
    "longest": b"\x01" * 260,
    "too_long": b"\0" * 261,
}


def write(target, seeds):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in seeds.items():
        (folder / name).write_bytes(data)


def main():
    # The first byte says how these targets cut the rest into pieces.
    write("client_hello", {name: b"\x02" + data for name, data in CLIENT_HELLO.items()})
    write("proxy_header", {name: b"\x02" + data for name, data in PROXY_HEADER.items()})
    write("startup", {name: b"\x02" + data for name, data in STARTUP.items()})
    write("login_reply", {name: b"\0" + data for name, data in LOGIN_REPLY.items()})
    write("sasl_message", {name: b"\x02" + data for name, data in SASL_MESSAGE.items()})
    write("verifier", VERIFIER)
    write("verifier_cache", VERIFIER_CACHE)
    write("userlist", USERLIST)
    write("sasl_server", SASL_SERVER)
    write("sasl_client", SASL_CLIENT)
    write("login_exchange", LOGIN_EXCHANGE)
    write("conversation", CONVERSATION)
    write("configuration", CONFIGURATION)
    write("cancel_key", CANCEL_KEY)
    write("cluster_option", CLUSTER_OPTION)
    write("name_pattern", NAME_PATTERN)


if __name__ == "__main__":
    main()
