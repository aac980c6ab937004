"""Peers from other ecosystems, installed beside the results; a case without its peer is skipped."""

import shutil
import subprocess
import sys

from bench.harness import KEPT, note
from bench.processes import PYTHON

NODE_PACKAGES = ("ws@8", "fastify@5", "pg@8", "uwebsockets@3")
PYTHON_PACKAGES = ("python-socketio==5.*",)


def node_path() -> str | None:
    """Return where Node finds the peers' packages, or None where they cannot be had."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        note("  skipped: Node's peers, there is no node or npm here")
        return None
    folder = (KEPT / "node").resolve()
    modules = folder / "node_modules"
    if not all((modules / name.partition("@")[0]).exists() for name in NODE_PACKAGES):
        note(f"  installing {', '.join(NODE_PACKAGES)} into {folder} ...")
        folder.mkdir(parents=True, exist_ok=True)
        options = ("--no-audit", "--no-fund", "--no-save", "--loglevel=error", "--prefix")
        if not _ran("npm", "install", *options, str(folder), *NODE_PACKAGES):
            note("  skipped: Node's peers, npm cannot install them here")
            return None
    return str(modules)


def python_path() -> str | None:
    """Return where Python finds python-socketio, or None where it cannot be had."""
    folder = (KEPT / "python").resolve()
    if not (folder / "socketio").exists():
        note(f"  installing {', '.join(PYTHON_PACKAGES)} into {folder} ...")
        command = (PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--target")
        if not _ran(*command, str(folder), *PYTHON_PACKAGES):
            note("  skipped: python-socketio, pip cannot install it here")
            return None
    return str(folder)


def _ran(*command: str) -> bool:
    return subprocess.run(command, stdout=sys.stderr, check=False).returncode == 0
