"""A stack whose gate asks for SCRAM-SHA-256 and offers TLS, in front of a Postgres that does as well."""

import os
from pathlib import Path

from rig.certificates import Authority
from rig.ports import free_port
from rig.postgres import SCRAM_PASSWORD, SCRAM_USER, SCRAM_VERIFIER


class GuardedStack:
    """The gate's certificate is for localhost. Keyword arguments are more `cluster` settings."""

    user, password = SCRAM_USER, SCRAM_PASSWORD

    def __init__(self, make_stack, directory: Path, **cluster) -> None:
        self.authority = Authority(directory)
        certificates = directory / "certificates"
        self.authority.issue(certificates)
        userlist = directory / "userlist.txt"
        userlist.write_text(f'"{SCRAM_USER}" "{SCRAM_VERIFIER}"\n')
        self.port = free_port()
        listener = {
            "address": f"127.0.0.1:{self.port}",
            "tls": {"mode": "optional", "directory": str(certificates)},
        }
        self.stack = make_stack(
            proxy={"listeners": {"main": listener}},
            cluster={"auth": "scram", "userlist": str(userlist), **cluster},
            # Longer than a Java virtual machine needs for its second login.
            scaled_object={"cooldown_period": "60s"},
        )

    @property
    def ca(self) -> str:
        return str(self.authority.certificate)

    def words(self, **more: str) -> str:
        """libpq's keyword and value string."""
        words = {
            "host": "localhost",
            "hostaddr": "127.0.0.1",
            "port": str(self.port),
            "user": self.user,
            "dbname": "app",
            "sslmode": "verify-full",
            "sslrootcert": self.ca,
            **more,
        }
        return " ".join(f"{key}={value}" for key, value in words.items())

    def psql(self, sql: str, **more: str) -> tuple[int, str, str]:
        environment = {**os.environ, "PGPASSWORD": self.password}
        child = self.stack.tool("psql", "-XqAtc", sql, self.words(**more), env=environment)
        output, errors = child.communicate(timeout=120)
        return child.returncode, output.strip(), errors
