"""What turns out to be secret leaves by no way any more: every read of the contract is walked.

A route that the contract gains is walked too; one with a parameter that nobody fills in here
fails until somebody says what it is.
"""

import io
import json
import zipfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from itertools import product
from pathlib import Path

import httpx2 as httpx
import pytest

from api import background
from api.demo.phone import Phone
from api.gate import CapabilityGate
from api.lookup.analysis.text import fold
from api.wiring import Engines
from api.words import words_of
from core.errors import NotFound
from core.streams import Fact
from core.worker import Worker
from push.models import Notification
from tests.support.answers import kind, rows
from tests.support.clock import Clock
from tests.support.correspondence import letter, send_in
from tests.support.ministry import Ministry, Person
from tests.support.withdrawing import (
    ISSUER,
    KEYS,
    MARKS,
    TEXT,
    TITLE,
    Spread,
    hashes,
    spread,
    withdraw,
)

As = Callable[[Person], Awaitable[Phone]]
CONTRACT = Path(__file__).parents[2] / "openapi" / "v1.json"
#: Parameters that name the paper itself: whatever is asked with them is refused.
OF_THE_PAPER = {"document_id", "request_id", "code", "task_id", "file_id"}
#: What is asked beside the path, and none of the marks; a needed parameter that is not here fails.
QUERIES = {"q": "trữ lượng", "type_code": "decision"}
#: Of other things than papers, and with parameters that only their own tests can fill.
ELSEWHERE = {
    "read_archive": "what anybody recounts a secret vote with; it holds ballots, and no paper",
    "csc_oauth_page": "what a third party asks for; only hashes pass there",
    "read_simulated_prompts": "the SIM's own screen, which the operator has; refused in production",
}
REFUSED = {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
#: What must have given the paper out before, or the walk proves nothing.
SERVING = {
    "list_documents", "read_document", "read_file", "read_page", "list_requests_of_document",
    "list_waiting_requests", "read_request", "read_page_to_sign", "export_evidence", "read_list",
    "read_meeting", "read_table_page", "list_notes", "search_documents", "export_documents",
    "suggest_documents", "sync_offline", "count_facets", "read_what_was_found", "list_side_files",
    "download_side_file",
}  # fmt: skip
BINARY = ("application/pdf", "image/", "application/zip")

#: The reads are the same on both engines; what is special to one has a test of its own below.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def paper(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock, tmp_path: Path
) -> Spread:
    return await spread(engines, ministry, as_, clock, tmp_path)


def reads(paper: Spread) -> Iterator[tuple[str, str, bool]]:
    """Give each read with every id that fits: its name, its path, whether it names the paper."""
    for path, operations in json.loads(CONTRACT.read_text("utf-8"))["paths"].items():
        operation = operations.get("get")
        if operation is None or operation["operationId"] in ELSEWHERE:
            continue
        asked = operation.get("parameters", [])
        names = [one["name"] for one in asked if one["in"] == "path"]
        needed = [one["name"] for one in asked if one["in"] == "query" and one.get("required")]
        query = "&".join(f"{name}={QUERIES[name]}" for name in needed)
        for values in product(*(paper.paths[name] for name in names)):
            filled = path.format(**dict(zip(names, values, strict=True)))
            yield operation["operationId"], f"{filled}?{query}", bool(OF_THE_PAPER & set(names))


async def phones(ministry: Ministry, as_: As) -> list[Phone]:
    everybody = (
        ministry.leader, ministry.clerk, ministry.secretary, ministry.officer, ministry.colleague,
        ministry.administrator, ministry.stranger,
    )  # fmt: skip
    return [await as_(one) for one in everybody]


def content_of(answer: httpx.Response) -> str:
    """Return what is in an answer as plain letters, of an archive what is in its files."""
    if "application/zip" in answer.headers.get("content-type", ""):
        with zipfile.ZipFile(io.BytesIO(answer.content)) as found:
            return fold(" ".join(_plain(found.read(name)) for name in found.namelist()))
    return fold(answer.text)


def _plain(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def tells(answer: httpx.Response, marks: list[str]) -> bool:
    """Say whether something of the paper is in an answer."""
    text = content_of(answer)
    return any(mark in text for mark in marks)


def gives_bytes(answer: httpx.Response) -> bool:
    media = answer.headers.get("content-type", "")
    return answer.status_code == HTTPStatus.OK and media.startswith(BINARY)


@dataclass(frozen=True)
class Seen:
    """One read by one person: which operation, where, and what came back."""

    name: str
    path: str
    names_it: bool
    answer: httpx.Response


async def walk(paper: Spread, everybody: list[Phone]) -> AsyncGenerator[Seen]:
    """Have everybody read everything."""
    for name, path, names_it in reads(paper):
        for phone in everybody:
            yield Seen(name, path, names_it, await phone.send("GET", path))


async def test_nothing_of_it_is_served_to_anybody_by_any_read_of_the_contract(
    engines: Engines, ministry: Ministry, as_: As, paper: Spread
) -> None:
    marks = [*MARKS, *await hashes(engines, paper.gone)]
    everybody = await phones(ministry, as_)
    served = set()
    async for one in walk(paper, everybody):
        if tells(one.answer, marks) or (one.names_it and gives_bytes(one.answer)):
            served.add(one.name)
    assert served >= SERVING, SERVING - served

    await withdraw(engines, paper.source)

    for moment in ("at once", "when every job has run"):
        async for one in walk(paper, everybody):
            assert not tells(one.answer, marks), (moment, one.name, one.path)
            refused = one.answer.status_code in REFUSED
            assert refused or not one.names_it, (moment, one.name, one.path)
        await Worker(engines.db, background.handlers(engines)).run_due()


async def test_no_other_way_leads_to_it(
    engines: Engines, ministry: Ministry, as_: As, http: httpx.AsyncClient, paper: Spread,
    tmp_path: Path,
) -> None:  # fmt: skip
    ways = (
        by_the_code, by_a_socket, by_a_key_used_before, by_the_secretary, by_the_evidence, by_push,
    )  # fmt: skip
    house = House(engines, ministry, as_, http, paper, tmp_path)
    for way in ways:
        await way(house, is_gone=False)

    await withdraw(engines, paper.source)
    await Worker(engines.db, background.handlers(engines)).run_due()

    for way in ways:
        await way(house, is_gone=True)


@dataclass(frozen=True)
class House:
    """Where the ways begin."""

    engines: Engines
    ministry: Ministry
    as_: As
    http: httpx.AsyncClient
    paper: Spread
    folder: Path


async def by_the_code(house: House, *, is_gone: bool) -> None:
    """Whoever holds an answer that was issued asks what it is worth."""
    (code,) = house.paper.paths["code"]
    for path in (f"/v/{code}", f"/verdicts/{code}"):
        answer = await house.http.get(path)
        assert answer.status_code == (HTTPStatus.NOT_FOUND if is_gone else HTTPStatus.OK)


async def by_a_socket(house: House, *, is_gone: bool) -> None:
    """Rooms show it, documents tell of themselves, and what happened says nothing of it."""
    gate, (meeting,) = CapabilityGate(house.engines.db), house.paper.paths["meeting_id"]
    room = await gate.snapshot(house.ministry.officer.actor, f"room:{meeting}")
    shown = None if is_gone else str(house.paper.source)
    assert (room["shown_document_id"], len(room["table"])) == (shown, 0 if is_gone else 1)
    happened = await rows(house.engines.db, Fact)
    assert is_gone == ("meeting.document_taken_away" in {one.name for one in happened})
    for document_id in house.paper.gone:
        hears = await gate.may_hear(house.ministry.clerk.actor, f"document:{document_id}")
        assert hears is not is_gone
        if is_gone:
            with pytest.raises(NotFound):
                await gate.snapshot(house.ministry.clerk.actor, f"document:{document_id}")
    facts = fold(" ".join(json.dumps(one.body) for one in happened))
    assert not [mark for mark in MARKS if mark in facts]


async def by_a_key_used_before(house: House, *, is_gone: bool) -> None:
    """The same request under the same key gets its first answer, as long as there is one."""
    who = {"leader": house.ministry.leader, "officer": house.ministry.officer}
    for name, path, request in house.paper.sent:
        again = await (await house.as_(who[name])).send("POST", path, **request)
        assert tells(again, list(MARKS)) is not is_gone, path
        assert again.is_success is not is_gone, path
    clerk = await house.as_(house.ministry.clerk)
    for key in (KEYS["register"], "a key that is new") if is_gone else (KEYS["register"],):
        pdf = letter(house.folder, TEXT)
        again = await send_in(clerk, house.ministry, pdf, title=TITLE, issuer=ISSUER, key=key)
        assert tells(again, list(MARKS)) is not is_gone
        assert not is_gone or kind(again) == "documents.secret"


async def by_push(house: House, *, is_gone: bool) -> None:
    """A phone that wants words is told what its official may read."""
    leader, said = house.ministry.leader, []
    for told in await rows(house.engines.db, Notification):
        if told.official_id == leader.id and told.subject == f"document:{house.paper.source}":
            async with house.engines.db.read() as view:
                said.append(await words_of(view, leader.actor, told))
    assert said
    assert any(one is not None and one.about for one in said) is not is_gone


async def by_the_secretary(house: House, *, is_gone: bool) -> None:
    """The table is laid anew; what is not there any more cannot be."""
    secretary, (meeting,) = (
        await house.as_(house.ministry.secretary),
        house.paper.paths["meeting_id"],
    )
    path = f"/meetings/{meeting}/documents/{house.paper.source}"
    for move in ("publish", "renew", "withdraw") if is_gone else ("renew",):
        answer = await secretary.send("POST", f"{path}/{move}")
        assert answer.is_success is not is_gone
        assert not is_gone or kind(answer) == "meetings.not_on_the_table"


async def by_the_evidence(house: House, *, is_gone: bool) -> None:
    """What the SIM signed for a list names every paper of it by its title."""
    leader, request = await house.as_(house.ministry.leader), house.paper.beside
    answer = await leader.send("GET", f"/signature-requests/{request}/evidence")
    assert gives_bytes(answer) is not is_gone
    assert not is_gone or (answer.status_code, kind(answer)) == (410, "signing.paper_withdrawn")
    own = await leader.get(f"/signature-requests/{request}")
    assert own.json()["state"] == "embedded"


@pytest.fixture
async def guards(ministry: Ministry, as_: As, paper: Spread) -> tuple[Phone, Phone]:
    assert paper.gone
    return await as_(ministry.clerk), await as_(ministry.leader)


async def test_a_false_alarm_gives_everything_back(
    engines: Engines, guards: tuple[Phone, Phone], paper: Spread, http: httpx.AsyncClient
) -> None:
    await withdraw(engines, paper.source)

    for phone in guards:
        await phone.post(f"/documents/{paper.source}/release")
    await Worker(engines.db, background.handlers(engines)).run_due()

    for document_id in paper.gone:
        await guards[0].get(f"/documents/{document_id}/file")
    assert (await http.get(f"/verdicts/{paper.paths['code'][0]}")).json()["verdict"] == "valid"
    (meeting,) = paper.paths["meeting_id"]
    assert len((await guards[1].get(f"/meetings/{meeting}")).json()["table"]) == 1
    assert (await guards[0].get("/documents/quarantined")).json() == []
