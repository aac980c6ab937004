"""The public contract: OpenAPI 3.1 of the HTTP side, AsyncAPI 3 of the sockets."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from api import wiring
from api.app import create_app
from api.facts import FACTS
from api.gate import COMMANDS
from core.config import Settings
from realtime import asyncapi


def http() -> str:
    """Return the OpenAPI document as stable JSON text."""
    with TemporaryDirectory() as folder:
        app = create_app(wiring.assemble(Settings(data=Path(folder), database_url="")))
        return _text(app.openapi())


def sockets() -> str:
    """Return the AsyncAPI document as stable JSON text."""
    return _text(asyncapi.document(FACTS, COMMANDS))


def write(folder: Path) -> list[Path]:
    """Write both documents and return their paths."""
    folder.mkdir(exist_ok=True)
    targets = {"v1.json": http(), "realtime-v1.json": sockets()}
    for name, text in targets.items():
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in targets]


def _text(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
