"""The log says what happened and where, and nothing of what it was about."""

import json
import logging
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core import logs
from core.db import Database
from core.errors import NotFound
from core.logs import LibraryFormatter, describe

NAME = "Trần Quốc Ánh"


def fail(message: str) -> None:
    try:
        int(message)
    except ValueError as cause:
        raise NotFound(id=message) from cause


def raised(message: str) -> Exception:
    with pytest.raises(NotFound) as refused:
        fail(message)
    return refused.value


def test_an_error_is_told_by_its_types_and_places() -> None:
    told = describe(raised(NAME))

    assert told["type"] == "NotFound"
    assert told["code"] == "not_found"
    assert told["at"][-1].startswith("tests/core/test_logs.py:")
    assert told["at"][-1].endswith(" fail")
    assert told["cause"]["type"] == "ValueError"


@given(st.text(st.characters(categories=["L"]), min_size=12, max_size=40))
def test_no_word_of_a_message_is_told(message: str) -> None:
    assert message not in json.dumps(describe(raised(message)), ensure_ascii=False)


def test_no_value_at_hand_is_told() -> None:
    error, name = raised("7x"), NAME

    assert name not in json.dumps(describe(error), ensure_ascii=False)


def test_a_chain_of_causes_is_cut() -> None:
    error: Exception = ValueError()
    for _ in range(50):
        outer = ValueError()
        outer.__cause__ = error
        error = outer

    assert json.dumps(describe(error)).count("type") == 5


def test_of_what_a_library_says_only_the_template_is_written() -> None:
    error = raised(NAME)
    record = logging.LogRecord(
        "lib", logging.ERROR, "lib.py", 1, "cannot read %s\nsecond line", (NAME,),
        (type(error), error, error.__traceback__),
    )  # fmt: skip

    line = LibraryFormatter().format(record)

    assert NAME not in line
    assert "second line" not in line
    said = json.loads(line)
    assert (said["library"], said["said"]) == ("lib", "cannot read %s")
    assert said["error"]["type"] == "NotFound"


async def test_a_database_error_does_not_hold_values(db: Database) -> None:
    with pytest.raises(DBAPIError) as refused:
        async with db.read() as view:
            connection = await view.session.connection()
            await connection.execute(text("SELECT :name FROM nowhere"), {"name": NAME})

    assert NAME not in str(refused.value)


def test_a_process_writes_json_lines_to_its_error_output() -> None:
    program = (
        "import logging, structlog\n"
        "from core import logs\n"
        "logs.configure()\n"
        "try:\n    raise KeyError('secret')\n"
        "except KeyError as error:\n    structlog.get_logger().error('x.failed', exc_info=error)\n"
        "logging.getLogger('lib').warning('say %s', 'secret')\n"
        "logging.getLogger('lib').info('nothing')\n"
        "structlog.get_logger().debug('nothing')\n"
    )

    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    ours, theirs = [json.loads(line) for line in ran.stderr.splitlines()]
    assert (ours["event"], ours["level"], ours["error"]["type"]) == (
        "x.failed", "error", "KeyError",
    )  # fmt: skip
    assert (theirs["event"], theirs["said"]) == ("library", "say %s")
    assert "secret" not in ran.stderr + ran.stdout


def test_lines_that_were_gathered_are_written_as_every_other(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    at = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)

    logs.write_together([{"event": "request", "at": at, "ms": 1.5}, {"event": "socket", "at": at}])

    assert [json.loads(line) for line in capfdbinary.readouterr().err.splitlines()] == [
        {"event": "request", "at": "2026-01-05T08:00:00+00:00", "ms": 1.5, "level": "info"},
        {"event": "socket", "at": "2026-01-05T08:00:00+00:00", "level": "info"},
    ]
