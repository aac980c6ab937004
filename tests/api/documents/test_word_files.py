"""A Word file is registered, found and downloaded like any other; its pages have no pictures."""

from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from api import background
from api.demo.phone import Phone
from api.documents.pages.sandboxed import WORD
from api.wiring import Engines
from core.worker import Worker
from tests.support.correspondence import LINES, send_in
from tests.support.databases import SqliteFactory
from tests.support.ministry import Ministry
from tests.support.words import word_file


@pytest.fixture
def database_url(sqlite: SqliteFactory, tmp_path: Path) -> str:
    """One column is all that the database has of it."""
    return sqlite.url(tmp_path)


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    return word_file(tmp_path / "letter.docx", LINES, ["Nơi nhận: như trên"])


@pytest.fixture
async def document(clerk: Phone, ministry: Ministry, paper: Path) -> dict[str, Any]:
    told: dict[str, Any] = (await send_in(clerk, ministry, paper)).json()
    return told


async def test_it_is_read_and_found(
    document: dict[str, Any], leader: Phone, engines: Engines
) -> None:
    await Worker(engines.db, background.handlers(engines)).run_due()

    (found,) = (await leader.get("/lookup", params={"q": "cac xa ven bien"})).json()["items"]

    assert (document["held"], document["file"]["text_state"]) == (False, "read")
    assert (document["file"]["media_type"], document["file"]["pages"]) == (WORD, 2)
    assert found["id"] == document["id"]


async def test_it_is_downloaded_as_it_is_and_has_no_pictures(
    document: dict[str, Any], leader: Phone, paper: Path
) -> None:
    file = await leader.get(f"/documents/{document['id']}/file")
    picture = await leader.send("GET", f"/documents/{document['id']}/pages/0")

    assert file.content == paper.read_bytes()
    assert file.headers["content-type"] == WORD
    assert file.headers["content-disposition"].endswith('.docx"')
    assert picture.json()["type"] == "documents.no_pictures"


async def test_what_is_in_its_pictures_holds_it(
    clerk: Phone, ministry: Ministry, tmp_path: Path
) -> None:
    shown = word_file(tmp_path / "a.docx", LINES, word__media__image1_dot_png=b"\x89PNG")

    assert (await send_in(clerk, ministry, shown)).json()["held"]


async def test_a_stamp_in_it_is_refused(clerk: Phone, ministry: Ministry, tmp_path: Path) -> None:
    secret = word_file(tmp_path / "a.docx", ["MẬT", *LINES])

    refusal = await send_in(clerk, ministry, secret)

    assert refusal.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert refusal.json()["type"] == "documents.secret"


async def test_its_fields_are_proposed(clerk: Phone, tmp_path: Path) -> None:
    lines = ["Số: 45/SXD-QH", "Hà Nội, ngày 5 tháng 1 năm 2026", *LINES[2:]]
    paper = word_file(tmp_path / "a.docx", lines)
    files = {"file": (paper.name, paper.read_bytes(), WORD)}

    told = (await clerk.send("POST", "/documents/proposals", files=files)).json()

    said = {one["field"]: one["value"] for one in told["fields"]}
    assert (said["number"], said["issued_on"]) == ("45", "2026-01-05")
    assert said["type_code"] == "official_letter"
