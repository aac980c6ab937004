"""Debian's coturn, unmodified, in a network of its own."""

import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.support.databases import lacking
from tests.support.namespaces import Namespace

PORT, SECRET, PATIENCE = 3478, "only coturn and we know it", 20


@contextmanager
def coturn(network: Namespace, folder: Path) -> Iterator[str]:
    """Run a relay that takes our passwords for as long as it is needed; return its URL."""
    if shutil.which("turnserver") is None:
        lacking("coturn (Debian's coturn)")
    (folder / "turnserver.conf").write_text(
        f"listening-ip={network.inside}\nrelay-ip={network.inside}\nlistening-port={PORT}\n"
        f"use-auth-secret\nstatic-auth-secret={SECRET}\nrealm=khonggiay.test\nfingerprint\n"
        f"no-tls\nno-dtls\nno-cli\npidfile={folder}/pid\nlog-file=stdout\n"
        f"userdb={folder}/turndb\n"
    )
    process = network.start("turnserver", "-c", str(folder / "turnserver.conf"), folder=folder)
    try:
        _wait_for(network.inside, folder)
        yield f"turn:{network.inside}:{PORT}?transport=udp"
    finally:
        process.kill()
        process.wait()


def _wait_for(address: str, folder: Path) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        with closing(socket.socket()) as probe:
            if probe.connect_ex((address, PORT)) == 0:
                return
        if time.monotonic() > until:
            raise TimeoutError((folder / "server.out").read_text("utf-8", "replace"))
        time.sleep(0.02)
