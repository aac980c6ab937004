"""A clerk is proposed the fields of a file before it is registered, and nothing is kept of it."""

from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from api.demo.phone import Phone
from api.documents.paper import write_letter
from api.wiring import Engines
from tests.support.databases import SqliteFactory
from tests.support.papers import letter
from tests.support.pdfs import written
from tests.support.scans import as_scan, engine

WANTED = {
    "number": "1245",
    "symbol": "BTC-HCSN",
    "issued_on": "2026-11-18",
    "issuer": "BỘ TÀI CHÍNH",
    "type_code": "official_letter",
    "title": "góp ý dự thảo Thông tư quy định định mức kinh tế - kỹ thuật",
    "signer": "Nguyễn Thị Phượng",
    "urgency": "normal",
}


@pytest.fixture
def database_url(sqlite: SqliteFactory, tmp_path: Path) -> str:
    """Nothing of it touches the database."""
    return sqlite.url(tmp_path)


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    write_letter(letter(), tmp_path / "letter.pdf")
    return tmp_path / "letter.pdf"


async def proposed(phone: Phone, pdf: Path) -> Any:
    files = {"file": (pdf.name, pdf.read_bytes(), "application/pdf")}
    return await phone.send("POST", "/documents/proposals", files=files)


async def test_the_fields_of_a_file_with_text(clerk: Phone, sheet: Path, engines: Engines) -> None:
    told = (await proposed(clerk, sheet)).json()

    assert {one["field"]: one["value"] for one in told["fields"]} == WANTED
    (number,) = [one for one in told["fields"] if one["field"] == "number"]
    assert number["confidence"] >= 95
    assert number["box"]["left"] < number["box"]["right"] < 5000
    assert not list((engines.settings.data / "blobs").glob("??"))
    assert not list((engines.settings.data / "desk").iterdir())


async def test_the_fields_of_a_scan(clerk: Phone, sheet: Path, tmp_path: Path) -> None:
    await engine()

    told = (await proposed(clerk, as_scan(sheet, tmp_path / "scan.pdf"))).json()

    assert told["unread"] == 0
    read = {one["field"]: one["value"] for one in told["fields"]}
    assert {name: read[name] for name in ("number", "symbol", "issued_on", "type_code")} == {
        name: WANTED[name] for name in ("number", "symbol", "issued_on", "type_code")
    }
    assert read["signer"] == WANTED["signer"]


async def test_a_stamp_is_refused_before_anything_is_registered(
    clerk: Phone, sheet: Path, tmp_path: Path
) -> None:
    await engine()
    stamped = as_scan(sheet, tmp_path / "scan.pdf", "MẬT")

    refusals = [
        await proposed(clerk, stamped),
        await proposed(clerk, written(tmp_path / "text.pdf", ["TỐI MẬT"])),
    ]

    assert [one.json()["type"] for one in refusals] == ["documents.secret"] * 2


async def test_only_a_clerk_is_proposed_anything(officer: Phone, sheet: Path) -> None:
    assert (await proposed(officer, sheet)).status_code == HTTPStatus.FORBIDDEN
