"""A real S3 server (SeaweedFS): started, killed and started again on the same folder."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx

from core.blobs.s3 import Bucket
from tests.support.databases import lacking
from tests.support.server import free_ports

PATIENCE = 30.0
BUCKET = "khonggiay"
ACCESS, SECRET = "test", "not-a-secret"
_PARTS = ("master", "volume", "filer", "s3", "admin")
_RIGHTS = ["Admin", "Read", "Write", "List", "Tagging"]


class S3Server:
    """`weed mini`: all of SeaweedFS in one process, without what S3 does not need."""

    def __init__(self, binary: str, folder: Path) -> None:
        ports = free_ports(2 * len(_PARTS))
        self.url = f"http://127.0.0.1:{ports[2 * _PARTS.index('s3')]}"
        (folder / "data").mkdir()
        keys = [{"accessKey": ACCESS, "secretKey": SECRET}]
        identity = {"name": "khonggiay", "credentials": keys, "actions": _RIGHTS}
        (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
        self._command = [
            *(binary, "-logtostderr", "mini", f"-dir={folder / 'data'}", f"-bucket={BUCKET}"),
            *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-s3.config={folder / 's3.json'}"),
            *("-webdav=false", "-admin.ui=false", "-master.telemetry=false"),
            *("-s3.port.iceberg=0", "-s3.port.lance=0"),
            *(f"-{part}.localSocket={folder / part}.sock" for part in ("filer", "s3")),
            *(f"-{part}.port={ports[2 * n]}" for n, part in enumerate(_PARTS)),
            *(f"-{part}.port.grpc={ports[2 * n + 1]}" for n, part in enumerate(_PARTS)),
        ]
        #: The server makes them here, whatever it is told, and does not clean up when it is killed.
        self._sockets = [
            Path(f"/tmp/seaweedfs-{part}-grpc-{ports[2 * n + 1]}.sock")
            for n, part in enumerate(_PARTS)
        ]
        self._log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process and wait until it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        until = time.monotonic() + PATIENCE
        while not self._answers():
            if time.monotonic() > until or self._process.poll() is not None:
                raise RuntimeError(self._log.read_text()[-2000:])
            time.sleep(0.05)

    def kill(self) -> None:
        """End the process without a last word."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for left in self._sockets:
                left.unlink(missing_ok=True)

    def bucket(self, *, patience: float = 30) -> Bucket:
        """Give a part of the bucket that nobody else uses."""
        return Bucket(
            BUCKET,
            prefix=uuid4().hex,
            endpoint=self.url,
            access_key=ACCESS,
            secret_key=SECRET,
            patience=timedelta(seconds=patience),
        )

    def _answers(self) -> bool:
        try:
            status = httpx.get(f"{self.url}/{BUCKET}/", trust_env=False).status_code
        except httpx.TransportError:
            return False
        return status == httpx.codes.FORBIDDEN  # the bucket is there, and we did not sign


def weed_binary() -> str:
    """Return SeaweedFS: of this environment, or of the system."""
    own = Path(sys.executable).with_name("weed")
    found = str(own) if own.exists() else shutil.which("weed")
    if found is None:
        lacking("SeaweedFS")
    return str(found)


@contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """Run an S3 server on a folder."""
    server = S3Server(weed_binary(), folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()
