"""A hosts file for one program, so that a name can change its address while the program runs."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from rig.program import Program


class HostsFile:
    """A file that one program reads as /etc/hosts; the machine's stays unchanged."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._file.touch()

    def point(self, name: str, *addresses: str) -> None:
        # In place: the mount is bound to the file, not to its name.
        self._file.write_text("".join(f"{address} {name}\n" for address in addresses))

    def give_to(self, program: Program) -> None:
        """Takes effect at its next start."""
        program.prefix = self.command()

    def require(self) -> None:
        """Skips the test where it is not possible."""
        if os.geteuid() != 0 or shutil.which("unshare") is None:
            pytest.skip("a hosts file of a program's own needs root and unshare (util-linux)")
        trial = subprocess.run([*self.command(), "true"], capture_output=True, text=True)
        if trial.returncode != 0:
            pytest.skip(f"a hosts file of a program's own needs mounts: {trial.stderr.strip()}")

    def command(self) -> list[str]:
        """The prefix for a command line that is to read it."""
        script = 'mount --bind "$0" /etc/hosts && exec "$@"'
        return ["unshare", "--mount", "sh", "-c", script, str(self._file)]
