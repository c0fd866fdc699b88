"""SCRAM-SHA-256: verifiers for a server and a gate, and the client's side of the exchange."""

import base64
import hashlib
import hmac
import struct

from rig.wire import Message, WireClient


def verifier(password: str, salt: bytes = b"sixteen bytes it", iterations: int = 4096) -> str:
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    stored_key = hashlib.sha256(client_key).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    salt64, stored64, server64 = (
        base64.b64encode(each).decode() for each in (salt, stored_key, server_key)
    )
    return f"SCRAM-SHA-256${iterations}:{salt64}${stored64}:{server64}"


def sasl_message(data: bytes) -> bytes:
    return b"p" + (len(data) + 4).to_bytes(4, "big") + data


BARE = "n=,r=a-nonce-of-the-client"  # client-first-message-bare


def challenge_of(client: WireClient, user: str, **startup) -> tuple[str, dict[str, str]]:
    """The server's challenge to a role: the text, and its attributes."""
    client.send_startup(user=user, **startup)
    client.messages_until("R")  # a NegotiateProtocolVersion may come first
    first = f"n,,{BARE}".encode()
    client.send(sasl_message(b"SCRAM-SHA-256\0" + struct.pack("!i", len(first)) + first))
    challenge = client.message().body[4:].decode()
    return challenge, dict(part.split("=", 1) for part in challenge.split(","))


def salt_of(client: WireClient, user: str, **startup) -> str:
    _, attributes = challenge_of(client, user, **startup)
    client.hang_up()
    return attributes["s"]


def prove(client: WireClient, user: str, password: str, **startup) -> None:
    """Sends the proof; the answer is still to be read."""
    challenge, attributes = challenge_of(client, user, **startup)
    salted = hashlib.pbkdf2_hmac(
        "sha256", password.encode(), base64.b64decode(attributes["s"]), int(attributes["i"])
    )
    without_proof = f"c=biws,r={attributes['r']}"
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    signature = hmac.digest(
        hashlib.sha256(client_key).digest(),
        ",".join((BARE, challenge, without_proof)).encode(),
        "sha256",
    )
    proof = bytes(left ^ right for left, right in zip(client_key, signature, strict=True))
    client.send(sasl_message(f"{without_proof},p={base64.b64encode(proof).decode()}".encode()))


def log_in(client: WireClient, user: str, password: str, **startup) -> list[Message]:
    """Returns the server's messages from AuthenticationOk to ReadyForQuery."""
    prove(client, user, password, **startup)
    return client.messages_until("Z")
