"""Packages of npm that tests speak to: locked, and fetched once into the user's cache."""

import fcntl
import os
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

from tests.support.databases import lacking

PACKAGE = ("package.json", "package-lock.json")
PATIENCE = 120


def installed(source: Path, name: str) -> Path:
    """Return a folder with the packages that `source` locks."""
    if not (shutil.which("node") and shutil.which("npm")):
        lacking("node with npm")
    lock = b"".join((source / one).read_bytes() for one in PACKAGE)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "khonggiay"
    folder = cache / f"{name}-{sha256(lock).hexdigest()[:16]}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            _install(source, folder, name)
    return folder


def _install(source: Path, folder: Path, name: str) -> None:
    for one in PACKAGE:
        shutil.copy(source / one, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=PATIENCE)
    except subprocess.SubprocessError:
        lacking(f"npm's {name} (no way to a package registry)")
    (folder / "done").touch()
