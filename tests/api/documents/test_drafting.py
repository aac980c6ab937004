"""An official answers: a paper of ours, with the incoming pages behind it."""

from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2 as httpx
import pikepdf
import pytest

from api.demo.phone import Phone
from api.documents import queries, service
from api.documents.rules import State
from api.wiring import Engines
from core.db import Database
from tests.support.correspondence import outgoing, send_in
from tests.support.ministry import Ministry
from tests.support.pdfs import scanned


@pytest.fixture
async def incoming(db: Database, clerk: Phone, ministry: Ministry, pdf: Path) -> str:
    told = (await send_in(clerk, ministry, pdf)).json()
    async with db.begin() as tx:
        await service.let_read(tx, UUID(told["id"]), [ministry.officer.id], "lead")
    return str(told["id"])


def words(ministry: Ministry, reply_to: str | None, **changed: Any) -> dict[str, Any]:
    return {
        "reply_to": reply_to,
        "type_code": "decision",
        "title": "Về việc phê duyệt kết quả rà soát quy hoạch",
        "articles": ["Phê duyệt kết quả rà soát.", "Quyết định này có hiệu lực từ ngày ký."],
        "recipients": ["Như Điều 2", "Lưu: VT"],
        "signer_id": str(ministry.leader.id),
    } | changed


async def write(phone: Phone, ministry: Ministry, reply_to: str | None, **changed: Any) -> Any:
    key = {"Idempotency-Key": changed.pop("key")} if "key" in changed else {}
    body = words(ministry, reply_to, **changed)
    return await phone.send("POST", "/documents/drafts", json=body, headers=key)


async def test_the_answer_carries_the_incoming_pages(
    db: Database, officer: Phone, ministry: Ministry, incoming: str, tmp_path: Path
) -> None:
    answer: httpx.Response = await write(officer, ministry, incoming)

    assert answer.status_code == HTTPStatus.CREATED
    told = answer.json()
    assert (told["state"], told["symbol"], told["number"]) == ("draft", "QĐ-BTNMT", None)
    assert (told["file"]["purpose"], told["file"]["pages"]) == ("drafted", 3)
    (tmp_path / "answer.pdf").write_bytes(
        (await officer.get(f"/documents/{told['id']}/file")).content
    )
    with pikepdf.open(tmp_path / "answer.pdf") as paper:
        assert len(paper.pages) == 3
    async with db.read() as view:
        file = await queries.latest_revision(view, UUID(told["id"]))
        texts = await queries.page_texts(view, file.id)
    assert file.layout is not None
    assert {"head_page", "number", "date", "signature", "seal"} <= set(file.layout)
    assert "Phê duyệt kết quả rà soát" in texts[0]
    assert "rà soát quy hoạch sử dụng đất" in texts[1]


async def test_the_same_key_writes_one_draft(
    officer: Phone, ministry: Ministry, incoming: str
) -> None:
    first = await write(officer, ministry, incoming, key="write-it-once")

    again = await write(officer, ministry, incoming, key="write-it-once")

    assert again.json() == first.json()
    drafts = (await officer.get("/documents?direction=outgoing")).json()["items"]
    assert [draft["id"] for draft in drafts] == [first.json()["id"]]


async def test_a_document_that_answers_nothing_has_no_annex(
    officer: Phone, ministry: Ministry
) -> None:
    told = (await write(officer, ministry, None, type_code="official_letter")).json()

    assert (told["symbol"], told["file"]["pages"]) == ("BTNMT-VP", 1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_nobody_answers_what_they_may_not_read(
    officer: Phone, clerk: Phone, ministry: Ministry, pdf: Path, stranger: Phone
) -> None:
    unread = (await send_in(clerk, ministry, pdf)).json()["id"]

    colleague = await write(officer, ministry, unread)
    foreign = await write(stranger, ministry, unread, signer_id=str(ministry.stranger.id))
    by_clerk = await write(clerk, ministry, unread)

    assert [answer.status_code for answer in (colleague, foreign, by_clerk)] == [
        HTTPStatus.NOT_FOUND,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.FORBIDDEN,
    ]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"articles": ["Điều khoản", "MẬT"]}, "documents.secret"),
        ({"title": "TUYỆT MẬT"}, "documents.secret"),
        ({"secrecy": "Tối mật"}, "documents.secret"),
        ({"type_code": "novel"}, "documents.unknown_type"),
        ({"articles": []}, "malformed"),
        ({"recipients": [""]}, "malformed"),
    ],
)
async def test_a_wrong_draft_leaves_nothing(
    engines: Engines, officer: Phone, ministry: Ministry, changed: dict[str, Any], code: str
) -> None:
    answer = await write(officer, ministry, None, **changed)

    assert (answer.status_code, answer.json()["type"]) == (HTTPStatus.UNPROCESSABLE_ENTITY, code)
    data = engines.settings.data
    kept = [path for name in ("blobs", "desk") for path in (data / name).rglob("*")]
    assert [path for path in kept if path.is_file()] == []
    assert (await officer.get("/documents")).json()["items"] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_only_leaders_sign(officer: Phone, ministry: Ministry) -> None:
    answer = await write(officer, ministry, None, signer_id=str(ministry.officer.id))

    assert answer.json()["type"] == "documents.not_a_signatory"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_scan_is_answered_after_a_clerk_has_looked(
    db: Database, officer: Phone, clerk: Phone, ministry: Ministry, tmp_path: Path
) -> None:
    told = (await send_in(clerk, ministry, scanned(tmp_path / "scan.pdf"))).json()
    async with db.begin() as tx:
        await service.let_read(tx, UUID(told["id"]), [ministry.officer.id], "lead")

    before = await write(officer, ministry, told["id"])
    await clerk.post(f"/documents/{told['id']}/confirm", json={"version": told["version"]})
    after = await write(officer, ministry, told["id"])

    assert before.json()["type"] == "documents.not_yet_read"
    assert (after.json()["file"]["text_state"], after.json()["held"]) == ("not_yet_read", False)


async def test_the_signer_returns_a_draft_with_an_opinion(
    db: Database, leader: Phone, officer: Phone, ministry: Ministry
) -> None:
    document_id = await outgoing(db, ministry, State.SUBMITTED)
    back = f"/documents/{document_id}/return"

    stale = await leader.send("POST", back, json={"reason": "Sửa Điều 2", "version": 9})
    by_drafter = await officer.send("POST", back, json={"reason": "Sửa Điều 2", "version": 1})
    told = await leader.post(back, json={"reason": "Sửa Điều 2", "version": 1})

    assert (stale.status_code, stale.json()["type"]) == (HTTPStatus.CONFLICT, "stale")
    assert by_drafter.json()["type"] == "documents.not_the_signer"
    assert (told.json()["state"], told.json()["opinion"]) == ("draft", "Sửa Điều 2")
