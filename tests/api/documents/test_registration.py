"""A clerk registers what comes in; what is refused leaves nothing behind."""

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any
from unicodedata import normalize

import httpx2 as httpx
import pytest
from sqlmodel import func, select

from api.demo.phone import Phone
from api.documents.models import Document, NumberSeries, Revision
from api.wiring import Engines
from core.db import Database
from tests.support.correspondence import form, letter, send_in
from tests.support.ministry import BASE_URL, Ministry, Person
from tests.support.pdfs import encrypted, raw_pdf, scanned


def refused(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["type"]


async def leavings(engines: Engines) -> dict[str, Any]:
    """Return everything that a registration could leave behind."""
    data = engines.settings.data
    files = [path for name in ("blobs", "desk") for path in (data / name).rglob("*")]
    async with engines.db.read() as view:
        rows = [
            (await view.session.exec(select(func.count()).select_from(table))).one()
            for table in (Document, Revision, NumberSeries)
        ]
    return {"files": [path for path in files if path.is_file()], "rows": rows}


#: What is refused before the database is asked need not be refused on each of them.
ON_ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NOTHING = {"files": [], "rows": [0, 0, 0]}


async def test_an_incoming_pdf_gets_its_arrival_number(
    clerk: Phone, ministry: Ministry, pdf: Path
) -> None:
    answer = await send_in(clerk, ministry, pdf)

    assert answer.status_code == HTTPStatus.CREATED
    told = answer.json()
    assert (told["arrival_number"], told["state"], told["held"]) == (1, "registered", False)
    assert told["file"]["sha256"] == sha256(pdf.read_bytes()).hexdigest()
    assert (told["file"]["pages"], told["file"]["text_state"]) == (2, "read")
    assert told["possible_duplicate_of"] == []


async def test_signatures_in_it_are_judged_and_it_stays_as_it_is(
    clerk: Phone, ministry: Ministry, pdf: Path
) -> None:
    told = (await send_in(clerk, ministry, pdf)).json()

    kept = await clerk.get(f"/documents/{told['id']}/file")

    assert told["file"]["verification"]["verdict"] == "indeterminate"
    assert told["file"]["verification"]["signatures"] == []
    assert kept.content == pdf.read_bytes()


async def test_the_same_key_gives_the_same_document(
    clerk: Phone, ministry: Ministry, pdf: Path
) -> None:
    first = await send_in(clerk, ministry, pdf, key="one-and-the-same")

    again = await send_in(clerk, ministry, pdf, key="one-and-the-same")

    assert again.json()["id"] == first.json()["id"]
    assert (await clerk.get("/documents")).json()["items"][0]["arrival_number"] == 1


async def test_the_same_key_at_the_same_moment_is_one_document(
    clerk: Phone, ministry: Ministry, pdf: Path
) -> None:
    answers = await asyncio.gather(
        *(send_in(clerk, ministry, pdf, key="one-and-the-same") for _ in range(4))
    )

    assert HTTPStatus.CREATED in {answer.status_code for answer in answers}
    assert {answer.status_code for answer in answers} <= {HTTPStatus.CREATED, HTTPStatus.CONFLICT}
    assert len((await clerk.get("/documents")).json()["items"]) == 1


async def test_names_are_kept_in_one_spelling(clerk: Phone, ministry: Ministry, pdf: Path) -> None:
    names = {"title": "Tu bổ đê điều", "issuer": "Sở Xây dựng", "signer": "Trần Hồng Hà"}
    apart = {field: normalize("NFD", name) for field, name in names.items()}
    assert apart != names

    told = (await send_in(clerk, ministry, pdf, **apart)).json()

    kept = (await clerk.get(f"/documents/{told['id']}")).json()
    assert {field: kept[field] for field in names} == names


async def test_a_likely_copy_is_named(
    clerk: Phone, ministry: Ministry, pdf: Path, tmp_path: Path
) -> None:
    first = (await send_in(clerk, ministry, pdf)).json()["id"]

    same_file = await send_in(clerk, ministry, pdf, number="113")
    other_scan = letter(tmp_path, "Bản chụp lại", name="again.pdf")
    same_number = await send_in(clerk, ministry, other_scan)
    neither = await send_in(
        clerk, ministry, letter(tmp_path, "Bản khác", name="other.pdf"), number="114"
    )

    assert same_file.json()["possible_duplicate_of"] == [first]
    assert same_number.json()["possible_duplicate_of"] == [first]
    assert neither.json()["possible_duplicate_of"] == []


async def test_a_scan_is_not_yet_read_and_held(
    clerk: Phone, leader: Phone, ministry: Ministry, tmp_path: Path
) -> None:
    scan = scanned(tmp_path / "scan.pdf", pages=2)

    told = (await send_in(clerk, ministry, scan)).json()

    assert (told["file"]["text_state"], told["held"]) == ("not_yet_read", True)
    confirm = f"/documents/{told['id']}/confirm"
    forbidden = await leader.send("POST", confirm, json={"version": told["version"]})
    assert refused(forbidden) == (HTTPStatus.FORBIDDEN, "forbidden")
    stale = await clerk.send("POST", confirm, json={"version": told["version"] + 1})
    assert refused(stale) == (HTTPStatus.CONFLICT, "stale")
    confirmed = await clerk.post(confirm, json={"version": told["version"]})
    assert confirmed.json()["held"] is False
    assert confirmed.json()["version"] == told["version"] + 1


async def test_a_scan_that_the_clerk_has_looked_at_is_not_held(
    clerk: Phone, ministry: Ministry, tmp_path: Path
) -> None:
    scan = scanned(tmp_path / "scan.pdf")

    told = (await send_in(clerk, ministry, scan, confirmed="true")).json()

    assert (told["file"]["text_state"], told["held"]) == ("not_yet_read", False)


@ON_ONE
@pytest.mark.parametrize(
    "said",
    [
        {"secrecy": "Mật"},
        {"secrecy": "TỐI MẬT"},
        {"secrecy": "something else"},
        {"symbol": "05-M/BC-BTNMT"},
        {"title": "TUYỆT MẬT"},
    ],
)
async def test_what_is_declared_secret_leaves_nothing(
    clerk: Phone, engines: Engines, ministry: Ministry, pdf: Path, said: dict[str, str]
) -> None:
    answer = await send_in(clerk, ministry, pdf, **said)

    assert refused(answer) == (HTTPStatus.UNPROCESSABLE_ENTITY, "documents.secret")
    assert await leavings(engines) == NOTHING


@ON_ONE
@pytest.mark.parametrize("stamp", ["MẬT", "TỐI MẬT", "TUYET MAT", "T Ố I  M Ậ T"])
async def test_a_stamp_in_the_text_leaves_nothing(
    clerk: Phone, engines: Engines, ministry: Ministry, tmp_path: Path, stamp: str
) -> None:
    answer = await send_in(clerk, ministry, letter(tmp_path, stamp))

    assert refused(answer) == (HTTPStatus.UNPROCESSABLE_ENTITY, "documents.secret")
    assert await leavings(engines) == NOTHING


@ON_ONE
async def test_what_is_no_pdf_leaves_nothing(
    clerk: Phone, engines: Engines, ministry: Ministry, tmp_path: Path, pdf: Path
) -> None:
    picture = tmp_path / "picture.pdf"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(2000))
    locked = encrypted(pdf, tmp_path / "locked.pdf", user="secret")
    restricted = encrypted(pdf, tmp_path / "restricted.pdf", user="")
    empty = tmp_path / "empty.pdf"
    empty.write_bytes(b"")

    codes = [
        refused(await send_in(clerk, ministry, file))
        for file in (picture, locked, restricted, empty)
    ]

    assert codes == [
        (HTTPStatus.UNPROCESSABLE_ENTITY, code)
        for code in (
            "documents.not_pdf",
            "documents.encrypted_pdf",
            "documents.encrypted_pdf",
            "documents.not_pdf",
        )
    ]
    assert await leavings(engines) == NOTHING


@ON_ONE
async def test_a_bomb_leaves_nothing(
    clerk: Phone, engines: Engines, ministry: Ministry, tmp_path: Path
) -> None:
    bomb = tmp_path / "bomb.pdf"
    bomb.write_bytes(raw_pdf(b"BT /F1 12 Tf 1 0 0 1 0 0 Tm (a) Tj ET\n" * 6_000_000))

    answer = await send_in(clerk, ministry, bomb)

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert answer.json()["type"] in {"sandbox.killed", "documents.pdf_too_complex"}
    assert await leavings(engines) == NOTHING


@ON_ONE
async def test_a_file_over_the_limit_leaves_nothing(
    clerk: Phone, engines: Engines, ministry: Ministry, pdf: Path
) -> None:
    engines.settings.http.upload_limit = 2000

    answer = await send_in(clerk, ministry, pdf)

    assert refused(answer) == (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
    assert await leavings(engines) == NOTHING


@ON_ONE
async def test_a_file_that_hides_its_size_is_cut_off(
    clerk: Phone, engines: Engines, ministry: Ministry, http: httpx.AsyncClient
) -> None:
    engines.settings.http.upload_limit = 100_000
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
        yield head
        while sent < 10_000_000:
            sent += 10_000
            yield b"a" * 10_000

    answer = await clerk.send(
        "POST",
        "/documents/incoming",
        content=endless(),
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )

    assert refused(answer) == (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
    assert await leavings(engines) == NOTHING


@ON_ONE
async def test_nobody_unknown_sends_a_file(
    http: httpx.AsyncClient, engines: Engines, ministry: Ministry
) -> None:
    read = False

    async def body() -> Any:
        nonlocal read
        read = True
        yield b""

    answer = await http.request("POST", f"{BASE_URL}/documents/incoming", content=body())

    assert refused(answer) == (HTTPStatus.UNAUTHORIZED, "identity.bad_token")
    assert not read


@ON_ONE
@pytest.mark.parametrize("who", ["leader", "officer", "secretary", "administrator"])
async def test_only_a_clerk_registers(
    engines: Engines,
    as_: Callable[[Person], Awaitable[Phone]],
    ministry: Ministry,
    pdf: Path,
    who: str,
) -> None:
    phone = await as_(getattr(ministry, who))

    answer = await send_in(phone, ministry, pdf)

    assert refused(answer) == (HTTPStatus.FORBIDDEN, "forbidden")
    assert await leavings(engines) == NOTHING


@ON_ONE
@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"type_code": "novel"}, "documents.unknown_type"),
        ({"presented_to": "01a20b36-f729-7ecc-9309-7a31ecfaac6d"}, "documents.not_a_leader"),
        ({"title": "  "}, "malformed"),
        ({"title": "a\x00b"}, "malformed"),
        ({"issued_on": "2026-02-30"}, "malformed"),
        ({"number": "0"}, "malformed"),
        ({"urgency": "someday"}, "malformed"),
    ],
)
async def test_wrong_words_leave_nothing(
    clerk: Phone, engines: Engines, ministry: Ministry, pdf: Path, said: dict[str, str], code: str
) -> None:
    answer = await send_in(clerk, ministry, pdf, **said)

    assert refused(answer) == (HTTPStatus.UNPROCESSABLE_ENTITY, code)
    assert await leavings(engines) == NOTHING


async def test_a_leader_of_another_agency_is_none_of_ours(
    clerk: Phone, db: Database, engines: Engines, ministry: Ministry, pdf: Path
) -> None:
    answer = await send_in(clerk, ministry, pdf, presented_to=str(ministry.stranger.id))

    assert refused(answer) == (HTTPStatus.UNPROCESSABLE_ENTITY, "documents.not_a_leader")
    assert await leavings(engines) == NOTHING


@ON_ONE
async def test_a_body_without_a_file_is_malformed(clerk: Phone, ministry: Ministry) -> None:
    answer = await clerk.send("POST", "/documents/incoming", data=form(ministry))

    assert refused(answer) == (HTTPStatus.UNPROCESSABLE_ENTITY, "malformed")
