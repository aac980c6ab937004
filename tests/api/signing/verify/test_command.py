"""`khonggiay verify` prints JSON and an exit status, whatever it is given."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from api.signing.verify import command
from tests.support import forgers
from tests.support.signed_papers import Desk


def trust(desk: Desk) -> Path:
    return desk.ca.export_trust(desk.folder / "trust").parent


@pytest.mark.parametrize(
    ("kind", "status", "reason"),
    [
        ("issued", 0, "trusted"),
        ("certified", 1, "agency_signature_missing"),
        ("blank", 2, "unsigned"),
    ],
)
def test_the_exit_status_is_the_verdict(
    desk: Desk, capsys: pytest.CaptureFixture[str], kind: str, status: int, reason: str
) -> None:
    path: Path = getattr(desk, kind)()

    assert command.run(path, trust(desk), "issued") == status

    assert json.loads(capsys.readouterr().out)["reason"] == reason


def test_one_changed_byte_is_told_with_its_reason(
    desk: Desk, issued: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = desk.copy(issued)
    forgers.flip(60)(path)

    assert command.run(path, trust(desk), "any") == 1

    assert json.loads(capsys.readouterr().out)["reason"] == "digest_mismatch"


@pytest.mark.parametrize("content", [b"", b"text", None])
def test_what_is_no_pdf_ends_with_three(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)

    assert command.run(path, trust(desk), "any") == 3

    assert json.loads(capsys.readouterr().out)["reason"] == "not_a_pdf"


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("nowhere")])
def test_what_is_no_file_is_said_at_once(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str], make: Callable[[Path], None]
) -> None:
    path = tmp_path / "thing.pdf"
    make(path)

    assert command.run(path, trust(desk), "any") == 3

    said = capsys.readouterr()
    assert json.loads(said.out)["reason"] == "not_a_pdf"
    assert f"{path} is not a file that can be read" in said.err


def test_a_signed_file_that_was_cut_off_does_not_pass_for_unsigned(
    desk: Desk, issued: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = desk.copy(issued)
    path.write_bytes(issued.read_bytes()[: desk.blank().stat().st_size * 9 // 10])

    assert command.run(path, trust(desk), "any") == 1

    assert json.loads(capsys.readouterr().out)["reason"] == "damaged"


def test_without_anchors_nobody_is_trusted_and_it_says_so(
    issued: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.run(issued, tmp_path / "nothing", "any") == 2

    said = capsys.readouterr()
    assert json.loads(said.out)["reason"] == "untrusted_signer"
    assert str(tmp_path / "nothing") in said.err


def test_an_unknown_policy_is_a_mistake_of_the_caller(issued: Path, tmp_path: Path) -> None:
    assert command.run(issued, tmp_path, "strict") == command.USAGE


def test_gigabytes_that_neither_begin_nor_end_as_a_pdf_are_none_at_once(tmp_path: Path) -> None:
    path = tmp_path / "zeros.pdf"
    with path.open("wb") as file:
        file.truncate(20 << 30)

    assert command.run(path, tmp_path, "any") == command.NO_PDF
