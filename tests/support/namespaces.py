"""A network of its own for servers that never offer the loopback address (Janus, coturn)."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.databases import lacking

PREFIX = "khonggiay"
FOLDER = Path("/run/netns")


@dataclass(frozen=True)
class Namespace:
    """A network namespace that this process reaches over a pair of cables (veth)."""

    name: str
    #: The address inside it, and this process's own one.
    inside: str
    outside: str

    def start(self, *command: str, folder: Path) -> subprocess.Popen[bytes]:
        """Start a server inside; what it prints stands in its folder."""
        with (folder / "server.out").open("ab") as out:
            return subprocess.Popen(
                ["ip", "netns", "exec", self.name, *command], cwd=folder, stdout=out, stderr=out
            )


@contextmanager
def namespace() -> Iterator[Namespace]:
    """Make a namespace for as long as it is needed; needs root."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        lacking("what makes network namespaces (root's rights and iproute2)")
    _sweep()
    number = os.getpid() % (1 << 14)
    subnet = f"10.77.{number >> 6}"
    here = Namespace(
        f"{PREFIX}-{os.getpid()}",
        f"{subnet}.{(number & 63) * 4 + 1}",
        f"{subnet}.{(number & 63) * 4 + 2}",
    )
    near, far = f"kga{os.getpid()}", f"kgb{os.getpid()}"
    _ip("netns", "add", here.name)
    try:
        _ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", here.name)
        _ip("addr", "add", f"{here.outside}/30", "dev", near)
        _ip("link", "set", near, "up")
        inside = ("-n", here.name)
        _ip(*inside, "link", "set", "lo", "up")
        _ip(*inside, "addr", "add", f"{here.inside}/30", "dev", far)
        _ip(*inside, "link", "set", far, "up")
        _ip(*inside, "route", "add", "default", "via", here.outside)
        yield here
    finally:
        _ip("netns", "del", here.name)  # takes the cables along


def _sweep() -> None:
    """Remove what a killed run left behind."""
    for left in FOLDER.glob(f"{PREFIX}-*"):
        if not Path(f"/proc/{left.name.rpartition('-')[2]}").exists():
            _ip("netns", "del", left.name)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
