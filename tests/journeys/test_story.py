"""`khonggiay demo` tells an official's day on any PDF, time and again, and says where it broke."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.pdfs import encrypted, scanned, written
from tests.support.server import Server

pytestmark = [pytest.mark.story, pytest.mark.timeout(300)]


def tell(folder: Path, *words: str | Path) -> tuple[int, str]:
    """Tell the story in a process of its own."""
    environment = os.environ | {"KHONGGIAY_DATA": str(folder)}
    command = [sys.executable, "-m", "api", "demo", *map(str, words)]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    return done.returncode, (done.stdout + done.stderr).decode()


def test_every_step_holds_on_a_decision_and_then_on_a_scan(tmp_path: Path, theatre: Server) -> None:
    status, told = tell(tmp_path, "--url", theatre.url)

    assert status == 0, told
    assert "«ve viec phe duyet ket qua ra soat»" in told
    assert "the one trace of all this" in (tmp_path / "demo/transcript.txt").read_text()
    assert (tmp_path / "demo/trust/root.pem").exists()

    scan = scanned(tmp_path / "scan.pdf", pages=3)
    status, told = tell(tmp_path, "--url", theatre.url, "--pdf", scan)

    assert status == 0, told
    assert "a scan without text is honestly not yet read, and found by its fields" in told
    assert verified(tmp_path / "demo") == (0, "trusted", ["Ky_LanhDao", "Dau_CoQuan"])


def verified(folder: Path) -> tuple[int, str, list[str]]:
    command = ["-m", "api", "verify", str(folder / "signed.pdf"), "--trust", str(folder / "trust")]
    done = subprocess.run([sys.executable, *command], capture_output=True, check=False)
    report = json.loads(done.stdout)
    return done.returncode, report["reason"], [one["field"] for one in report["signatures"]]


def test_what_cannot_be_registered_ends_the_story_with_a_sentence(
    tmp_path: Path, theatre: Server
) -> None:
    paper = written(tmp_path / "paper.pdf", ["Kính gửi các đơn vị"])
    locked = encrypted(paper, tmp_path / "locked.pdf", user="giấu")

    status, told = tell(tmp_path, "--url", theatre.url, "--pdf", locked)

    assert status == 1
    assert "(documents.encrypted_pdf)" in told.splitlines()[-1]
    assert "Traceback" not in told


def test_what_is_no_pdf_is_named_before_anything_is_started(tmp_path: Path) -> None:
    (tmp_path / "notes.pdf").write_text("Kính gửi các đơn vị")

    status, told = tell(tmp_path / "told", "--pdf", tmp_path / "notes.pdf")

    assert status == 1
    assert "This file is not recognisable as a PDF" in told
    assert not (tmp_path / "told/demo/server").exists()


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "nonsense"])
def test_a_server_that_is_not_there_is_named(tmp_path: Path, url: str) -> None:
    status, told = tell(tmp_path, "--url", url)

    assert status == 1
    assert f"No server answers at {url}; start one with `make run`" in told


@pytest.mark.slow
def test_it_starts_a_server_of_its_own(tmp_path: Path) -> None:
    status, told = tell(tmp_path)

    assert status == 0, told
    assert (tmp_path / "demo/signed.pdf").exists()
