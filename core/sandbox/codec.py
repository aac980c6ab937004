"""What parent and worker say to each other: length-prefixed JSON, never pickles.

A worker that a hostile file took over can send wrong values, but nothing that runs in the parent.
"""

import base64
import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson

#: Bytes of the big-endian length before each message.
PREFIX = 4
MAX_MESSAGE = 256 * 1024 * 1024


def encode(message: Any) -> bytes:
    """Return one message: plain values, bytes and paths."""
    body = orjson.dumps(message, default=_plain, option=orjson.OPT_NON_STR_KEYS)
    return len(body).to_bytes(PREFIX) + body


def decode(body: bytes) -> Any:
    """Return the values of one message, without its prefix."""
    return _revive(orjson.loads(body))


def name_of(thing: Callable[..., Any]) -> str:
    """Return the dotted name by which the other side finds a function or an error class."""
    return f"{thing.__module__}:{thing.__qualname__}"


def find(name: str, packages: tuple[str, ...]) -> Any:
    """Return what `name_of` named, if it is at the top of a module of one of our packages."""
    module, _, attribute = name.partition(":")
    if module.split(".")[0] not in packages or not attribute.isidentifier():
        raise LookupError(name)
    return getattr(import_module(module), attribute)


def _plain(value: Any) -> dict[str, str]:
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, Path):
        return {"$path": base64.b64encode(os.fsencode(value)).decode()}
    raise TypeError(type(value).__name__)


def _revive(value: Any) -> Any:
    if isinstance(value, list):
        return [_revive(item) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"$bytes"}:
        return base64.b64decode(value["$bytes"])
    if set(value) == {"$path"}:
        return Path(os.fsdecode(base64.b64decode(value["$path"])))
    return {key: _revive(item) for key, item in value.items()}
