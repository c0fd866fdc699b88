"""A hosts file of a program's own, so that a name can change its address while the program runs."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from rig.program import Program


class HostsFile:
    """What one program reads in place of /etc/hosts; the machine's stays as it is."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._file.touch()

    def point(self, name: str, *addresses: str) -> None:
        # In place: the mount is of the file, not of its name.
        self._file.write_text("".join(f"{address} {name}\n" for address in addresses))

    def give_to(self, program: Program) -> None:
        """From its next start on."""
        program.prefix = self.command()

    def require(self) -> None:
        """Skips the test where there can be none."""
        if os.geteuid() != 0 or shutil.which("unshare") is None:
            pytest.skip("a hosts file of a program's own needs root and unshare (util-linux)")
        trial = subprocess.run([*self.command(), "true"], capture_output=True, text=True)
        if trial.returncode != 0:
            pytest.skip(f"a hosts file of a program's own needs mounts: {trial.stderr.strip()}")

    def command(self) -> list[str]:
        """What to put in front of a command line that shall read it."""
        script = 'mount --bind "$0" /etc/hosts && exec "$@"'
        return ["unshare", "--mount", "sh", "-c", script, str(self._file)]
