"""The `khonggiay` command says in a sentence what the person at the terminal can mend."""

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api import cli

Run = Callable[..., tuple[int, str]]
COMMANDS = ("serve", "work", "migrate", "restored", "seed", "demo", "verify", "openapi")


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Iterator[Run]:
    mask = os.umask(0o022)
    monkeypatch.setenv("KHONGGIAY_DATA", str(tmp_path / "data"))

    def khonggiay(*words: str, **environment: str) -> tuple[int, str]:
        for name, value in environment.items():
            monkeypatch.setenv(f"KHONGGIAY_{name}", value)
        monkeypatch.setattr(sys, "argv", ["khonggiay", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    yield khonggiay
    os.umask(mask)


def alone(*words: str, **environment: str) -> tuple[int, str]:
    """Run the command in a process of its own; return its status and what it told stderr."""
    command = [sys.executable, "-m", "api", *words]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, check=False)
    return done.returncode, done.stderr.decode()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_teaches_what_it_does(run: Run, command: str) -> None:
    status, said = run(command, "--help")

    assert status == 0
    assert len(said.split("Options:")[0].split()) > 10


def test_a_wrong_setting_is_named_and_no_password_is_shown(run: Run) -> None:
    status, said = run("migrate", HTTP__PORT="many", DATABASE_URL="mysql://us:pass@word/x")

    assert status == os.EX_CONFIG
    assert "KHONGGIAY_HTTP__PORT" in said
    assert "KHONGGIAY_DATABASE_URL" in said
    assert "pass" not in said


@pytest.mark.parametrize("command", ["serve", "migrate", "demo"])
def test_a_folder_that_cannot_be_used_is_named(run: Run, tmp_path: Path, command: str) -> None:
    (tmp_path / "file").touch()

    status, said = run(command, DATA=str(tmp_path / "file" / "data"))

    assert status == 1
    assert f"Cannot use {tmp_path / 'file'}" in said


@pytest.mark.parametrize("damage", ["no database", "newer"])
def test_a_database_that_is_not_ours_is_named(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "khonggiay.db"
    if damage == "newer":
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
            connection.execute("INSERT INTO alembic_version VALUES ('of_tomorrow')")
    else:
        path.write_text("no database\n" * 100)

    status, said = alone("migrate", KHONGGIAY_DATA=str(tmp_path))

    assert status == 1
    assert [line.split(" (")[0] for line in said.splitlines()] == [
        f"Không đọc được cơ sở dữ liệu sqlite+aiosqlite:///{path}",
        f"Cannot read the database sqlite+aiosqlite:///{path}",
    ]


def test_a_database_that_does_not_answer_is_told_without_its_password() -> None:
    url = "postgresql+asyncpg://us:hidden@127.0.0.1:9/x"

    status, said = alone("migrate", KHONGGIAY_DATABASE_URL=url)

    assert status == 1
    assert "The database does not answer" in said
    assert "hidden" not in said


def test_a_taken_port_is_told_in_a_sentence(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        status, said = run("serve", "--port", port)

    assert status == 1
    assert said.splitlines()[1:] == [
        f"Port {port} on 127.0.0.1 is taken; choose another with PORT=…"
    ]


def test_what_is_written_is_for_nobody_else(tmp_path: Path) -> None:
    alone("migrate", KHONGGIAY_DATA=str(tmp_path / "data"))

    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
    assert (tmp_path / "data" / "khonggiay.db").stat().st_mode & 0o077 == 0


def test_sentences_are_printed_on_a_terminal_of_any_alphabet(tmp_path: Path) -> None:
    status, said = alone("verify", str(tmp_path / "missing"), PYTHONIOENCODING="latin-1")

    assert status == 3
    assert "không phải là tệp đọc được" in said


@pytest.mark.parametrize("is_there", [False, True])
def test_a_file_whose_name_is_no_text_is_judged_like_any_other(
    tmp_path: Path, *, is_there: bool
) -> None:
    name = os.fsencode(tmp_path) + b"/\xff\xfe.pdf"
    if is_there:
        Path(os.fsdecode(name)).write_text("no PDF")

    status, said = alone("verify", os.fsdecode(name))

    assert status == 3
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "words", [["verify"], ["verify", "a.pdf", "--bogus"], ["verify", "a.pdf", "--trust", "none"]]
)
def test_a_mistyped_call_is_no_verdict_and_says_so_in_both_languages(
    run: Run, words: list[str]
) -> None:
    status, said = run(*words)

    assert status == os.EX_USAGE
    assert "Lệnh gõ chưa đúng" in said
    assert "--help" in said


def test_a_report_that_cannot_be_written_is_no_verdict(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "api", "verify", str(tmp_path / "none.pdf")]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)

    assert done.returncode == os.EX_IOERR
    assert b"could not be written" in done.stderr
    assert b"Traceback" not in done.stderr
