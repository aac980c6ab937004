"""A phone that asks now and then has what its official may see, and finds it without a network."""

import gzip
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from random import Random
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import col, delete

from api.demo.phone import Phone
from api.documents import quarantine
from api.documents.models import Document, DocumentReader, Revision
from api.documents.rules import Direction, Force, Purpose, State, TextState
from api.lookup.offline import rules
from api.lookup.offline.queries import Delta, Kept
from api.lookup.offline.schemas import OfflineDelta
from api.lookup.reading import Source, read
from core.clock import day_in_vietnam
from core.db import Database
from tests.api.lookup.conftest import Library, Paper
from tests.support.ministry import Ministry, Person
from tests.support.offline import PhoneIndex

As = Callable[[Person], Awaitable[Phone]]
PAPERS = (
    Paper("Về việc tu bổ đê điều", 187, "QĐ-TTg"),
    Paper("Về việc rà soát quy hoạch sử dụng đất ven biển", 12, "QĐ-BTNMT", "Bộ Tài nguyên"),
    Paper("Phê duyệt quy hoạch tài nguyên nước", 187, "QĐ-BTNMT", issued_on=date(2020, 5, 1)),
    Paper("Quy định về hạn mức giao đất", 3, "2025/QĐ-UBND", "Ủy ban nhân dân tỉnh Phú Thọ"),
    Paper(
        "Góp ý quy hoạch sử dụng đất", None, "SXD-QH", "Sở Xây dựng", type_code="official_letter"
    ),
)
QUERIES = (
    *(paper.title for paper in PAPERS),
    "quy hoach su dung dat", "tai nguyen nuoc", "187/QĐ-TTg", "qd 187 btnmt", "số 12-QĐ-BTNMT",
    "so xay dung", "quyết định", "phu tho", "khong co gi ca",
)  # fmt: skip


async def synced(phone: Phone, index: PhoneIndex) -> dict[str, Any]:
    asked = {"cursor": index.cursor} if index.cursor else {}
    told: dict[str, Any] = (await phone.get("/lookup/offline", params=asked)).json()
    index.take(told)
    return told


async def test_the_phone_gives_the_order_of_the_server(
    library: Library, as_: As, ministry: Ministry
) -> None:
    await library.receive(*PAPERS)
    index = PhoneIndex()
    await synced(await as_(ministry.leader), index)
    today = day_in_vietnam(library.engines.db.clock()).toordinal()

    for query in QUERIES:
        here = [str(one.document.id) for one in (await library.ask(ministry.leader, query)).results]
        assert index.search(query, today)[:20] == here, query


async def test_the_first_answer_is_the_servers_where_documents_have_text(
    library: Library, as_: As, ministry: Ministry
) -> None:
    spoken = [
        Paper(
            one.title, one.number, one.symbol, one.issuer, one.issued_on, one.type_code,
            pages=(f"{one.title}. Căn cứ Luật Đất đai và quy hoạch tài nguyên; " * 3, "Nơi nhận"),
        )
        for one in PAPERS
    ]  # fmt: skip
    await library.receive(*spoken)
    index = PhoneIndex()
    await synced(await as_(ministry.leader), index)
    today = day_in_vietnam(library.engines.db.clock()).toordinal()

    for query in [*(paper.title for paper in PAPERS), "187/QĐ-TTg", "12/QĐ-BTNMT"]:
        first = (await library.ask(ministry.leader, query)).results[0]
        assert index.search(query, today)[0] == str(first.document.id), query


async def test_nothing_new_is_told_in_few_bytes(
    library: Library, as_: As, ministry: Ministry
) -> None:
    await library.receive(*PAPERS)
    phone, index = await as_(ministry.leader), PhoneIndex()
    await synced(phone, index)
    before = index.cursor

    told = await synced(phone, index)

    assert (told["cursor"], told["documents"], told["gone"]) == (before, [], [])
    assert not told["reset"]


async def test_only_what_the_official_may_see_is_sent(
    library: Library, as_: As, ministry: Ministry
) -> None:
    await library.receive(*PAPERS[:2])
    await library.receive(PAPERS[3], stranger=True)
    await library.let_read(ministry.officer, PAPERS[0])
    index = PhoneIndex()

    await synced(await as_(ministry.officer), index)

    assert set(index.documents) == {str(PAPERS[0].id)}


async def test_a_right_that_ends_and_a_secret_that_is_found_leave_the_phone(
    library: Library, as_: As, ministry: Ministry, db: Database
) -> None:
    await library.receive(*PAPERS[:3])
    for paper in PAPERS[:3]:
        await library.let_read(ministry.officer, paper)
    phone, index = await as_(ministry.officer), PhoneIndex()
    await synced(phone, index)

    async with db.begin() as tx:
        mine = col(DocumentReader.official_id) == ministry.officer.id
        await tx.session.exec(
            delete(DocumentReader).where(mine, col(DocumentReader.document_id) == PAPERS[0].id)
        )
        secret = await tx.session.get_one(Document, PAPERS[1].id)
        await quarantine.find(tx, secret, page=0, level="mật")
    told = await synced(phone, index)

    assert set(told["gone"]) == {str(PAPERS[0].id), str(PAPERS[1].id)}
    assert set(index.documents) == {str(PAPERS[2].id)}


async def test_what_the_index_learns_later_than_the_document_changed_is_sent_too(
    library: Library, as_: As, ministry: Ministry
) -> None:
    await library.receive(PAPERS[0])
    phone, index = await as_(ministry.leader), PhoneIndex()
    await synced(phone, index)
    ends = date(2026, 2, 1)

    await library.say_force(PAPERS[0], Force(until=ends))
    early = await synced(phone, index)
    await library.work()
    late = await synced(phone, index)

    column = late["columns"].index("until")
    assert [told["documents"][0][column] for told in (early, late)] == [0, ends.toordinal()]


async def test_an_answer_that_was_lost_is_given_again(
    library: Library, as_: As, ministry: Ministry
) -> None:
    await library.receive(PAPERS[0])
    phone, index = await as_(ministry.leader), PhoneIndex()
    await synced(phone, index)
    await library.receive(PAPERS[1])

    lost = (await phone.get("/lookup/offline", params={"cursor": index.cursor})).json()
    again = await synced(phone, index)
    await synced(phone, index)

    assert again["documents"] == lost["documents"] != []
    assert set(index.documents) == {str(PAPERS[0].id), str(PAPERS[1].id)}


async def test_a_cursor_that_nobody_knows_begins_anew(
    library: Library, as_: As, ministry: Ministry
) -> None:
    await library.receive(PAPERS[0])
    leader, clerk = await as_(ministry.leader), await as_(ministry.clerk)
    foreign = (await clerk.get("/lookup/offline")).json()["cursor"]

    for cursor in (str(uuid4()), foreign):
        told = (await leader.get("/lookup/offline", params={"cursor": cursor})).json()
        assert told["reset"]
        assert len(told["documents"]) == 1


async def test_the_statistics_are_those_of_the_server(as_: As, ministry: Ministry) -> None:
    phone = await as_(ministry.officer)

    answer = await phone.get("/lookup/offline/lexicon")

    assert answer.status_code == HTTPStatus.OK
    assert answer.content.startswith(b"{")
    assert "immutable" in answer.headers["cache-control"]


def test_a_thousand_changed_documents_fit_into_300_kilobytes() -> None:
    clock = date(2026, 1, 5)
    kept = [_kept(number, clock) for number in range(1000)]
    change = rules.Difference(tuple(one.document.id for one in kept), (), more=False, held={})

    body = (
        OfflineDelta.of(Delta(uuid4(), reset=True, change=change, kept=kept))
        .model_dump_json()
        .encode()
    )

    assert len(gzip.compress(body, 6)) <= 300 * 1000


SYLLABLES = (
    "phê", "duyệt", "quy", "hoạch", "sử", "dụng", "đất", "tài", "nguyên", "môi", "trường", "biển",
    "đảo", "khí", "hậu", "thủy", "văn", "địa", "chất", "khoáng", "sản", "đo", "đạc", "bản", "đồ",
    "viễn", "thám", "chuyển", "đổi", "số", "kế", "hoạch", "nhiệm", "vụ", "kinh", "phí", "dự",
    "toán", "xây", "dựng",
)  # fmt: skip


def _kept(number: int, day: date) -> Kept:
    chance = Random(number)
    title = "Về việc " + " ".join(chance.choice(SYLLABLES) for _ in range(26))
    now = datetime(day.year, day.month, day.day, tzinfo=UTC)
    document = Document(
        id=uuid4(), agency_id=UUID(int=1), direction=Direction.INCOMING, type_code="decision",
        title=title, number=number, symbol="QĐ-BTNMT", issuer=f"Sở thứ {number % 63}",
        issued_on=day + timedelta(days=number), state=State.REGISTERED, recipients=[],
        created_at=now,
    )  # fmt: skip
    file = Revision(
        document_id=document.id, agency_id=document.agency_id, ordinal=1, sha256="0" * 64, size=1,
        purpose=Purpose.RECEIVED, pages=3, text_state=TextState.READ, created_at=now,
    )  # fmt: skip
    source = Source(
        document.id, document.agency_id, 1, file.id, "Quyết định", title, number, "QĐ-BTNMT",
        document.issuer, document.issued_on, (),
    )  # fmt: skip
    return Kept(document, read(source).entry, file)
