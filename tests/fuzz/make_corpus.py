#!/usr/bin/env python3
"""Writes the seed corpora under corpus/: one file per case, named after it.

Run it after a case is added; the result is committed. Files it does not know are left alone, so
reproducers can be added by hand.
"""

from pathlib import Path
from struct import pack

from protocol_corpus import (
    KEY,
    LOGIN_EXCHANGE,
    LOGIN_REPLY,
    PROTOCOL_TRACKER,
    SASL_MESSAGE,
    STARTUP,
    text,
)

CORPUS = Path(__file__).parent / "corpus"

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
    "almost_version_1": b'PROXY"T',
}

# A key, which is also XORed with one of the proxy's own.
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

# The target of a POST at the scaler's admin port.
ORDER_REQUEST = {
    "wake": b"/clusters/app/wake",
    "wake_for": b"/clusters/app/wake?for=30m",
    "keep_awake": b"/clusters/app/keep-awake?for=168h",
    "sleep_now": b"/clusters/app/sleep-now",
    "escaped": b"/clusters/a%2Fb%20c/wake?for=1%73",
    "control_character": b"/clusters/a%0Ab/wake",
    "half_an_escape": b"/clusters/a%4/wake?for=%",
    "too_long": b"/clusters/" + b"x" * 257 + b"/wake",
    "too_long_for": b"/clusters/app/wake?for=18446744073709551616h",
    "no_name": b"/clusters//wake?",
    "folder": b"/clusters/../wake",
}


def write(target, seeds):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in seeds.items():
        (folder / name).write_bytes(data)


def main():
    # The first byte is the size of the pieces into which these targets cut the rest.
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
    write("protocol_tracker", PROTOCOL_TRACKER)
    write("configuration", CONFIGURATION)
    write("cancel_key", CANCEL_KEY)
    write("cluster_option", CLUSTER_OPTION)
    write("order_request", ORDER_REQUEST)
    write("name_pattern", NAME_PATTERN)


if __name__ == "__main__":
    main()
