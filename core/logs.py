"""The log: one JSON object a line on the standard error output, without anybody's data.

Events are named by us and their facts are chosen one by one. Errors are told by their types and
places, never by their messages: those of a database or a parser hold values. Of what libraries log
only the template is written, for the same reason.
"""

import logging
import sys
import traceback
from collections.abc import Iterable, MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import structlog
from typing_extensions import override

from core.errors import AppError

#: The innermost places of an error, and how many causes behind it.
PLACES, CAUSES = 12, 4
_LONGEST = 200
Event = MutableMapping[str, Any]


def configure() -> None:
    """Write what we and our libraries log."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            _date,
            _tell_error,
            structlog.processors.JSONRenderer(serializer=_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LibraryFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def write_together(events: Iterable[Event]) -> None:
    """Write what went well and was gathered: an eighth of what single lines cost."""
    lines = b"".join(_json({**event, "level": "info"}) + b"\n" for event in events)
    sys.stderr.buffer.write(lines)
    sys.stderr.buffer.flush()


def describe(error: BaseException, causes: int = CAUSES) -> dict[str, Any]:
    """Tell what went wrong and where, without a word of what it was about."""
    told: dict[str, Any] = {"type": type(error).__name__}
    if isinstance(error, AppError):
        told["code"] = error.code
    frames = traceback.extract_tb(error.__traceback__)[-PLACES:]
    told["at"] = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
    cause = error.__cause__ or error.__context__
    if cause is not None and causes:
        told["cause"] = describe(cause, causes - 1)
    return told


class LibraryFormatter(logging.Formatter):
    """Formats what libraries log like what we log."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        said = str(record.msg).strip().splitlines() or [""]
        event: dict[str, Any] = {
            "event": "library",
            "library": record.name,
            "said": said[0][:_LONGEST],
            "level": record.levelname.lower(),
            "at": self.formatTime(record),
        }
        if record.exc_info and record.exc_info[1]:
            event["error"] = describe(record.exc_info[1])
        return _json(event).decode()


def _date(_: object, __: str, event: Event) -> Event:
    event.setdefault("at", datetime.now(UTC))
    return event


def _tell_error(_: object, __: str, event: Event) -> Event:
    error = event.pop("exc_info", None)
    if isinstance(error, BaseException):
        event["error"] = describe(error)
    return event


def _short(file: str) -> str:
    return "/".join(Path(file).parts[-3:])


def _json(event: Any, **_: object) -> bytes:
    return orjson.dumps(event, default=str)
