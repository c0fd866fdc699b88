"""A certificate authority for tests, by the program openssl."""

import subprocess
from pathlib import Path

NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)


class Authority:
    def __init__(self, directory: Path, name: str = "authority") -> None:
        self.certificate = directory / f"{name}.crt"
        self._key = directory / f"{name}.key"
        subject = ["-subj", f"/CN={name}", "-days", "1"]
        openssl("req", "-x509", *NEW_KEY, *subject, "-keyout", self._key, "-out", self.certificate)

    def issue(self, directory: Path, name: str = "localhost") -> None:
        """Writes tls.crt and tls.key, each atomically."""
        directory.mkdir(exist_ok=True)
        request, names = directory / "tls.csr", directory / "names"
        names.write_text(f"subjectAltName=DNS:{name}\n")
        new, key = directory / "new.crt", directory / "new.key"
        openssl("req", *NEW_KEY, "-subj", f"/CN={name}", "-keyout", key, "-out", request)
        signing = ["-CA", self.certificate, "-CAkey", self._key, "-CAcreateserial", "-days", "1"]
        openssl("x509", "-req", "-in", request, *signing, "-extfile", names, "-out", new)
        key.rename(directory / "tls.key")
        new.rename(directory / "tls.crt")
