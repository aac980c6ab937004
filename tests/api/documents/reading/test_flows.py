"""Scans are read page by page behind the registration; what may be secret is taken from all."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from api import background
from api.demo.phone import Phone
from api.documents import queries
from api.documents.ocr.absent import AbsentOcr
from api.documents.reading import flows
from api.documents.reading.flows import Tools
from api.documents.rules import TextState
from api.wiring import Engines
from core.worker import Worker
from tests.support.correspondence import letter, send_in
from tests.support.databases import SqliteFactory
from tests.support.ministry import Ministry, Person
from tests.support.pdfs import written
from tests.support.scans import as_scan, bound, engine

As = Callable[[Person], Awaitable[Phone]]


@pytest.fixture
def database_url(sqlite: SqliteFactory, tmp_path: Path) -> str:
    """On one database: what is kept is tested on both without an engine that takes seconds."""
    return sqlite.url(tmp_path)


@pytest.fixture
async def tools(engines: Engines) -> Tools:
    return replace(background.scan_tools(engines), ocr=await engine())


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """A letter of two pages, as a scanner gives it."""
    return as_scan(letter(tmp_path), tmp_path / "scan.pdf")


async def looked_up(engines: Engines, phone: Phone, query: str) -> list[dict[str, Any]]:
    await Worker(engines.db, background.handlers(engines)).run_due()
    answer = await phone.get("/lookup", params={"q": query})
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_scan_is_read_lets_go_and_is_found_by_its_text(
    engines: Engines, tools: Tools, clerk: Phone, leader: Phone, ministry: Ministry, scan: Path
) -> None:
    told = (await send_in(clerk, ministry, scan)).json()
    assert (told["file"]["text_state"], told["held"]) == ("not_yet_read", True)

    await flows.worker(tools).run_due()

    known = (await leader.get(f"/documents/{told['id']}")).json()
    assert (known["file"]["text_state"], known["held"]) == ("read", False)
    assert known["file"]["scan"]["pages"] == known["file"]["scan"]["read"] == 2
    assert known["file"]["scan"]["confidence"] >= 80
    (found,) = await looked_up(engines, leader, "cac xa ven bien")
    assert found["id"] == told["id"]
    assert "ven biển" in found["snippet"]["text"]
    assert found["snippet"]["confidence"] >= 80


async def test_it_says_how_many_pages_are_read(
    tools: Tools, clerk: Phone, ministry: Ministry, scan: Path
) -> None:
    told = (await send_in(clerk, ministry, scan)).json()

    await flows.worker(tools)._step()

    known = (await clerk.get(f"/documents/{told['id']}")).json()
    assert (known["file"]["text_state"], known["held"]) == ("being_read", True)
    assert (known["file"]["scan"]["read"], known["file"]["scan"]["pages"]) == (1, 2)


async def test_without_an_engine_it_waits_and_is_found_by_its_fields(
    engines: Engines, tools: Tools, clerk: Phone, ministry: Ministry, scan: Path
) -> None:
    told = (await send_in(clerk, ministry, scan)).json()

    await flows.worker(replace(tools, ocr=AbsentOcr())).run_due()

    (found,) = await looked_up(engines, clerk, "ra soat quy hoach")
    assert (found["id"], found["text_state"]) == (told["id"], "not_yet_read")


async def test_what_waited_is_read_when_an_engine_appears(
    tools: Tools, clerk: Phone, ministry: Ministry, scan: Path, clock: Any
) -> None:
    told = (await send_in(clerk, ministry, scan)).json()
    await flows.worker(replace(tools, ocr=AbsentOcr())).run_due()
    clock.tick(flows._LOOK_AGAIN)

    await flows.worker(tools).run_due()

    assert (await clerk.get(f"/documents/{told['id']}")).json()["file"]["text_state"] == "read"


async def test_a_page_that_gives_nothing_is_unreadable_and_stays_held(
    tools: Tools, clerk: Phone, ministry: Ministry, tmp_path: Path
) -> None:
    pages = [Image.new("L", (400, 560), 60), Image.new("L", (400, 560), 255)]
    told = (await send_in(clerk, ministry, bound(pages, tmp_path / "dark.pdf", 72))).json()

    await flows.worker(tools).run_due()

    known = (await clerk.get(f"/documents/{told['id']}")).json()
    assert (known["file"]["text_state"], known["held"]) == ("unreadable", True)
    assert known["file"]["scan"]["unreadable"] == [0]


async def test_a_stamp_on_a_scan_takes_it_from_everybody(
    engines: Engines,
    tools: Tools,
    clerk: Phone,
    leader: Phone,
    ministry: Ministry,
    tmp_path: Path,
) -> None:
    secret = as_scan(letter(tmp_path), tmp_path / "scan.pdf", "TUYỆT MẬT")
    told = (await send_in(clerk, ministry, secret, confirmed="true")).json()
    page = f"/documents/{told['id']}/pages/0"
    assert (await leader.get(page)).status_code == HTTPStatus.OK

    await flows.worker(tools).run_due()

    for phone in (clerk, leader):
        for rest in ("", "/file", "/pages/0", "/trace"):
            answer = await phone.send("GET", f"/documents/{told['id']}{rest}")
            assert answer.status_code == HTTPStatus.NOT_FOUND
        assert await looked_up(engines, phone, "ra soat quy hoach") == []
    (listed,) = (await clerk.get("/documents/quarantined")).json()
    assert (listed["document_id"], listed["page"]) == (told["id"], 0)
    assert listed["level"] == "tuyệt mật"


async def test_two_persons_let_a_false_alarm_go(
    tools: Tools,
    clerk: Phone,
    leader: Phone,
    officer: Phone,
    stranger: Phone,
    ministry: Ministry,
    tmp_path: Path,
) -> None:
    alarming = as_scan(letter(tmp_path), tmp_path / "scan.pdf", "MẬT")
    told = (await send_in(clerk, ministry, alarming)).json()
    await flows.worker(tools).run_due()
    release = f"/documents/{told['id']}/release"

    refused = [(await phone.send("POST", release)).status_code for phone in (officer, stranger)]
    first = await clerk.send("POST", release)
    again = await clerk.send("POST", release)
    second = await leader.send("POST", release)
    await flows.worker(tools).run_due()

    assert refused == [HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND]
    assert (first.json()["vouched_by"], first.json()["released"]) == (str(ministry.clerk.id), False)
    assert again.json()["type"] == "documents.second_person_needed"
    assert second.json()["released"]
    known = (await leader.get(f"/documents/{told['id']}")).json()
    assert (known["file"]["text_state"], known["held"]) == ("read", False)


async def test_a_killed_reading_goes_on_behind_the_last_page_that_was_kept(
    engines: Engines, tools: Tools, clerk: Phone, ministry: Ministry, tmp_path: Path, clock: Any
) -> None:
    three = written(tmp_path / "three.pdf", ["Trang một"], ["Trang hai"], ["Trang ba"])
    told = (await send_in(clerk, ministry, as_scan(three, tmp_path / "scan.pdf"))).json()
    await flows.worker(tools)._step()
    killed = flows.worker(tools)
    assert await killed._lease() is not None

    heir = flows.worker(tools)
    assert await heir.run_due() == 0
    await heir.reclaim()
    await heir.run_due()

    async with engines.db.read() as view:
        file = await queries.latest_revision(view, UUID(told["id"]))
        texts = await queries.page_texts(view, file.id)
    assert file.text_state is TextState.READ
    assert texts == ["Trang một", "Trang hai", "Trang ba"]
