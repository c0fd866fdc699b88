"""Client certificates: the signer decides about access, the name about the role."""

from pathlib import Path

import pytest

from rig.certificates import Authority
from rig.ports import free_port

NOT_FOR = 'certificate authentication failed for user "{}"'


class CertifiedStack:
    def __init__(self, make_stack, directory: Path, roles: list[dict]) -> None:
        self.directory = directory
        self.authority = Authority(directory)
        self.authority.issue(directory / "server")
        listener = {
            "address": f"127.0.0.1:{free_port()}",
            "tls": {
                "mode": "required",
                "directory": str(directory / "server"),
                "client_ca": str(self.authority.certificate),
                "client_roles": roles,
            },
        }
        self.stack = make_stack(proxy={"listeners": {"main": listener}})

    def issue(self, name: str) -> None:
        self.authority.issue(self.directory / name, name)
        (self.directory / name / "tls.key").chmod(0o600)

    def ask(self, bearer: str, user: str) -> str:
        """psql's output, or its error."""
        own = self.directory / bearer
        dsn = (
            f"host=localhost hostaddr=127.0.0.1 port={self.stack.port()} user={user} dbname=app"
            f" sslmode=verify-full sslrootcert={self.authority.certificate}"
            f" sslcert={own / 'tls.crt'} sslkey={own / 'tls.key'}"
        )
        child = self.stack.tool("psql", "-XAtc", "SELECT current_user", dsn)
        output, errors = child.communicate(timeout=120)
        return output.strip() or errors


@pytest.fixture
def certified(make_stack, directory) -> CertifiedStack:
    roles = [
        {"name": "{role}", "role": "*"},
        {"name": "*.apps.example.com", "role": "post*"},
    ]
    stack = CertifiedStack(make_stack, directory, roles)
    for name in ("postgres", "ann", "shop.apps.example.com"):
        stack.issue(name)
    return stack


def test_a_certificate_for_another_role_wakes_nobody(certified):
    assert NOT_FOR.format("postgres") in certified.ask("ann", "postgres")
    assert NOT_FOR.format("keeper") in certified.ask("shop.apps.example.com", "keeper")
    assert NOT_FOR.format("Postgres") in certified.ask("postgres", "Postgres")
    event = certified.stack.proxy.await_event("certificate_not_mapped", role="postgres")
    assert event["names"] == "ann ann"
    certified.stack.await_polls(2)
    assert certified.stack.hooks.calls("start") == 0


def test_a_certificate_for_the_role_wakes(certified):
    assert certified.ask("postgres", "postgres") == "postgres"
    assert certified.ask("shop.apps.example.com", "postgres") == "postgres"
    assert certified.stack.hooks.calls("start") == 1
    assert 'role "ann" does not exist' in certified.ask("ann", "ann"), "that is the server's word"
