"""Whoever holds a paper of ours learns what it is worth: no account, and nothing beside that."""

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from urllib.parse import urlsplit
from uuid import UUID

import httpx2 as httpx
import pypdfium2
import pytest
import zxingcpp
from sqlmodel import select
from typing_extensions import override

from api.documents.models import CheckingCode, Document
from api.wiring import Engines
from tests.support.clock import Clock
from tests.support.issuing import TITLE, code_of, drafted, file_of, issued, sealed
from tests.support.ministry import Ministry
from tests.support.pdfs import raw_pdf

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
UNKNOWN = "A" * 22


@pytest.fixture
async def document_id(engines: Engines, ministry: Ministry, clock: Clock) -> UUID:
    return await issued(engines, ministry, clock)


@pytest.fixture
async def code(engines: Engines, document_id: UUID) -> str:
    return await code_of(engines, document_id)


def upload(content: bytes) -> dict[str, tuple[str, bytes, str]]:
    return {"file": ("a.pdf", content, "application/pdf")}


async def test_an_issued_document_tells_five_things_and_no_more(
    http: httpx.AsyncClient, code: str, ministry: Ministry, engines: Engines, document_id: UUID
) -> None:
    answer = await http.get(f"/verdicts/{code}")

    said = answer.json()
    assert answer.status_code == 200
    assert set(said) == {
        "type", "type_vi", "number", "issued_on", "signers",
        "verdict", "reason", "sentence", "sentence_vi",
    }  # fmt: skip
    assert (said["verdict"], said["type_vi"]) == ("valid", "Quyết định")
    async with engines.db.read() as view:
        document = await view.session.get_one(Document, document_id)
    assert said["number"] == f"{document.number:02d}/{document.symbol}"
    assert [(one["name"], one["kind"]) for one in said["signers"]] == [
        (ministry.leader.full_name, "person"),
        ("Bộ Tài nguyên và Môi trường", "agency"),
    ]
    assert TITLE not in answer.text
    assert str(document_id) not in answer.text


async def test_the_page_is_read_in_both_languages_and_runs_nothing(
    http: httpx.AsyncClient, code: str, ministry: Ministry
) -> None:
    answer = await http.get(f"/v/{code}")

    page, policy = answer.text, answer.headers["content-security-policy"]
    assert answer.headers["content-type"].startswith("text/html")
    assert "HỢP LỆ" in page
    assert "VALID" in page
    assert ministry.leader.full_name in page
    assert TITLE not in page
    assert "<script" not in page
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    style = page[page.index("<style>") + len("<style>") : page.index("</style>")]
    assert b64encode(sha256(style.encode()).digest()).decode() in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    _Balanced().feed(page)


class _Balanced(HTMLParser):
    """Holds a page to closing what it opens."""

    VOID = frozenset({"meta", "br", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    @override
    def handle_starttag(self, tag: str, _attrs: object) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


async def test_the_very_file_is_the_same_and_any_other_is_not(
    http: httpx.AsyncClient, code: str, engines: Engines, ministry: Ministry, document_id: UUID
) -> None:
    file = await file_of(engines, ministry, document_id)
    path = f"/verdicts/{code}/comparisons"

    same = (await http.post(path, files=upload(file))).json()
    touched = (await http.post(path, files=upload(file + b" "))).json()
    other = (await http.post(path, files=upload(raw_pdf(b"BT ET")))).json()

    assert (same["same"], same["verdict"]) == (True, "valid")
    assert (touched["same"], touched["reason"]) == (False, "garbage_after_end")
    assert (other["same"], other["reason"]) == (False, "unsigned")
    assert set(same) == {"same", "verdict", "reason", "sentence", "sentence_vi"}


async def test_a_file_is_dropped_on_the_page_too(
    http: httpx.AsyncClient, code: str, engines: Engines, ministry: Ministry, document_id: UUID
) -> None:
    file = await file_of(engines, ministry, document_id)

    same = await http.post(f"/v/{code}", files=upload(file))
    other = await http.post(f"/v/{code}", files=upload(raw_pdf(b"BT ET")))
    nothing = await http.post(f"/v/{code}", files=upload(b"text"))

    assert "Tệp của bạn đúng là văn bản này" in same.text
    assert "KHÔNG phải là văn bản này" in other.text
    assert "Không nhận ra tệp này là PDF" in nothing.text
    assert list((engines.settings.data / "desk").iterdir()) == []


async def test_unknown_and_not_in_force_get_the_same_answer(
    http: httpx.AsyncClient, engines: Engines, ministry: Ministry, clock: Clock
) -> None:
    waiting = await code_of(engines, await sealed(engines, ministry, clock))
    draft = await code_of(engines, await drafted(engines, ministry))
    codes = (UNKNOWN, waiting, draft)

    told = [await http.get(f"/verdicts/{code}") for code in codes]
    shown = [await http.get(f"/v/{code}") for code in codes]
    compared = [await http.post(f"/v/{code}", files=upload(b"%PDF-1.7")) for code in codes]

    for answers in (told, shown, compared):
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1
        assert len({_headers_of(answer) for answer in answers}) == 1


def _headers_of(answer: httpx.Response) -> str:
    """Return all headers but the one that tells every request apart."""
    told = {name: text for name, text in answer.headers.items() if name != "x-request-id"}
    return json.dumps(told, sort_keys=True)


async def test_codes_are_not_to_be_guessed(engines: Engines, ministry: Ministry) -> None:
    for _ in range(3):
        await drafted(engines, ministry)
    async with engines.db.read() as view:
        codes = (await view.session.exec(select(CheckingCode.code))).all()

    assert len(set(codes)) == 3
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", code) for code in codes)


async def test_a_paper_that_was_broken_in_our_own_store_is_told_so(
    http: httpx.AsyncClient, code: str, engines: Engines
) -> None:
    """What is said is what the file is worth now, not that it was issued once."""
    (engines.settings.trust / "root.pem").unlink()

    said = (await http.get(f"/verdicts/{code}")).json()

    assert (said["verdict"], said["reason"]) == ("indeterminate", "untrusted_signer")


async def test_the_code_on_the_issued_paper_leads_to_its_page(
    http: httpx.AsyncClient, engines: Engines, ministry: Ministry, document_id: UUID
) -> None:
    document = pypdfium2.PdfDocument(await file_of(engines, ministry, document_id))
    (seen,) = zxingcpp.read_barcodes(document[0].render(scale=2).to_pil())
    document.close()

    answer = await http.get(urlsplit(seen.text).path)

    assert seen.text.startswith("http://localhost:8000/v/")
    assert "HỢP LỆ" in answer.text


async def test_who_tries_codes_in_haste_is_told_to_wait(http: httpx.AsyncClient) -> None:
    answers = [await http.get(f"/verdicts/{UNKNOWN[:-2]}{number:02}") for number in range(35)]
    page = await http.get(f"/v/{UNKNOWN}")

    statuses = [answer.status_code for answer in answers]
    assert statuses == [404] * 30 + [429] * 5
    assert answers[-1].json()["type"] == "verify.too_many_checks"
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert (page.status_code, "quá nhanh" in page.text) == (429, True)
