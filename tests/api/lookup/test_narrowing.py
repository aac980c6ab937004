"""Searches are narrowed, counted, sorted, suggested and taken away as tables, under the rights."""

import csv
import io
import zipfile
from collections.abc import Awaitable, Callable
from datetime import date
from http import HTTPStatus
from typing import Any, Literal
from unicodedata import normalize
from xml.etree import ElementTree as ET

import httpx2 as httpx
import pytest

from api.demo.phone import Phone
from api.documents.rules import Direction, Force, Validity
from api.lookup import queries, suggesting
from api.lookup.analysis.restoring import restored
from api.lookup.exporting import Format, written
from api.lookup.filters import Filters, Mine, Sort
from api.lookup.queries import Asked
from api.lookup.results import Facets
from api.lookup.suggesting import Suggestions
from core.audit import AuditRecord
from core.ids import new_id
from tests.api.lookup.conftest import Library, Paper
from tests.support.answers import rows
from tests.support.ministry import Person

As = Callable[[Person], Awaitable[Phone]]
DYKES = Paper("Tu bổ đê điều", number=14, symbol="KH-UBND", issuer="UBND tỉnh", type_code="plan")
FOREST = Paper(
    "Tu bổ rừng", number=9, symbol="CT-TTg", type_code="directive", issued_on=date(2024, 5, 1),
    signer="Trần Hồng Hà",
)  # fmt: skip
WATER = Paper("Tu bổ kênh nước", number=25, symbol="CV-BTC", issued_on=date(2025, 7, 1))
ALL = (DYKES, FOREST, WATER)


async def narrowed(library: Library, query: str, **filters: object) -> list[str]:
    found = await library.ask(library.ministry.leader, query, filters=Filters(**filters))  # type: ignore[arg-type]  # each by its name
    return [one.document.title for one in found.results]


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        ({"type_code": "plan"}, [DYKES]),
        ({"issuer": "UBND tỉnh"}, [DYKES]),
        ({"number": 9}, [FOREST]),
        ({"issued_from": date(2025, 1, 1), "issued_to": date(2025, 12, 31)}, [WATER]),
        ({"mine": Mine.PRESENTED}, [DYKES, WATER, FOREST]),
        ({"mine": Mine.DRAFTED}, []),
        ({"task_id": new_id()}, []),
        ({"meeting_id": new_id()}, []),
        ({"signer_id": new_id()}, []),
        ({"signer": "Trần Hồng Hà"}, [FOREST]),
        ({"validity": Validity.ENDED}, []),
        ({"direction": Direction.INTERNAL}, []),
        ({"mine": Mine.LEADING}, []),
        ({"mine": Mine.COORDINATING}, []),
    ],
)
async def test_every_filter_narrows_words_and_lists_alike(
    library: Library, filters: dict[str, object], left: list[Paper]
) -> None:
    await library.receive(*ALL)

    assert set(await narrowed(library, "tu bổ", **filters)) == {one.title for one in left}
    assert await narrowed(library, "", **filters) == [one.title for one in left]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        (Sort.NEWEST, [DYKES, WATER, FOREST]),
        (Sort.OLDEST, [FOREST, WATER, DYKES]),
        (Sort.NUMBER, [WATER, DYKES, FOREST]),
    ],
)
async def test_results_come_in_the_order_that_was_asked_for_page_by_page(
    library: Library, sort: Sort, order: list[Paper]
) -> None:
    await library.receive(*ALL)

    seen, cursor = [], None
    for _ in order:
        part = await library.ask(
            library.ministry.leader, "tu bo", sort=sort, cursor=cursor, limit=1
        )
        seen += [one.document.title for one in part.results]
        cursor = part.cursor

    assert (seen, cursor) == ([one.title for one in order], None)


FORCES: tuple[tuple[dict[str, Any], Validity | None], ...] = (
    ({"until": date(2026, 1, 1)}, Validity.ENDED),
    ({"since": date(2030, 1, 1)}, Validity.NOT_YET),
    ({"since": date(2020, 1, 1)}, Validity.IN_FORCE),
    ({"since": date(2020, 1, 1), "noted": Validity.PARTLY_ENDED}, Validity.PARTLY_ENDED),
    ({"until": date(2030, 1, 1), "noted": Validity.SUSPENDED}, Validity.SUSPENDED),
    ({}, None),
)


async def test_documents_are_found_by_whether_they_hold_today(library: Library) -> None:
    shelf = [Paper("Tu bổ", name=f"{n}") for n in range(len(FORCES))]
    await library.receive(*shelf)
    for paper, (force, _) in zip(shelf, FORCES, strict=True):
        await library.say_force(paper, Force(**force))
    await library.work()

    leader = library.ministry.leader
    for paper, (_, validity) in zip(shelf, FORCES, strict=True):
        found = await library.ask(leader, "tu bổ", filters=Filters(validity=validity))
        ids = [one.document.id for one in found.results]
        assert (ids == [paper.id]) if validity else (paper.id in ids)
    counted = await facets(library, leader)
    assert dict(counted["validity"]) == {one: 1 for _, one in FORCES if one}
    order = [one.validity for one in (await library.ask(leader, "tu bổ")).results]
    assert order[-1] is Validity.ENDED


async def test_an_agency_is_found_under_the_name_that_it_had(library: Library) -> None:
    now, before = "Bộ Nông nghiệp và Môi trường", "Bộ Tài nguyên và Môi trường"
    await library.receive(Paper("Tu bổ đê", issuer=now), Paper("Tu bổ kè", issuer=before))

    for name in (now, before):
        assert set(await narrowed(library, "", issuer=name)) == {"Tu bổ đê", "Tu bổ kè"}
        assert set(await narrowed(library, name)) == {"Tu bổ đê", "Tu bổ kè"}
    merged = "Bộ Nông nghiệp và Phát triển nông thôn"
    assert await narrowed(library, "", issuer=merged) == ["Tu bổ đê"]


async def test_signers_and_recipients_are_found_as_words(library: Library) -> None:
    await library.receive(*ALL)

    assert await narrowed(library, "tran hong ha") == [FOREST.title]


async def facets(library: Library, person: Person) -> Facets:
    async with library.engines.db.read() as view:
        return await queries.facets(view, library.engines.index, person.actor, Asked(query="tu bổ"))


async def test_facets_count_what_may_be_seen_and_feel_nothing_of_the_rest(
    library: Library,
) -> None:
    await library.receive(*ALL)
    before = await facets(library, library.ministry.leader)

    await library.receive(Paper("Tu bổ mật", type_code="report"), stranger=True)

    assert before["type_code"] == [("decision", 1), ("directive", 1), ("plan", 1)]
    assert before["year"] == [("2024", 1), ("2025", 1), ("2026", 1)]
    assert await facets(library, library.ministry.leader) == before
    assert (await facets(library, library.ministry.officer))["type_code"] == []


async def suggested(library: Library, person: Person, typed: str) -> Suggestions:
    async with library.engines.db.read() as view:
        return await suggesting.suggest(view, library.engines.index, person.actor, typed)


@pytest.mark.parametrize(
    "typed", ["tu bổ đ", "tu bo de", "Tu bổ đê đi", "tu bo de ", "14/k", "số 14"]
)
async def test_titles_and_numbers_are_suggested_while_they_are_typed(
    library: Library, typed: str
) -> None:
    await library.receive(*ALL)

    found = await suggested(library, library.ministry.leader, typed)

    assert found.documents[0].document.title == DYKES.title
    assert (await suggested(library, library.ministry.officer, typed)).documents == []


async def test_words_are_suggested_from_the_language_alone(library: Library) -> None:
    before = await suggested(library, library.ministry.leader, "quy ho")

    await library.receive(Paper("Quy hozzz"))

    after = await suggested(library, library.ministry.leader, "quy ho")
    assert before.words == after.words
    assert "hoach" in before.words


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("nghi quyet ve dat dai", "nghị quyết về đất đai"),
        ("uy ban nhan dan tinh", "uỷ ban nhân dân tỉnh"),
        ("quyeets ddinhj cuar boj truowngr", "quyết định của bộ trưởng"),
        ("nghị quyết", None),
        ("Nghị Quyết", None),
        ('"nghi quyet" 187/QĐ-TTg', '"nghị quyết" 187/QĐ-TTg'),
        ("Nghi quyet của HĐND", "Nghị quyết của HĐND"),
        ("NGHI QUYET", "NGHỊ QUYẾT"),
        ("nghi quyet, " + "x " * 40 + "(Đê)", "nghị quyết, " + "x " * 40 + "(Đê)"),
        ("", None),
        ("🙂 \x00", None),
    ],
)
def test_diacritics_are_put_back(typed: str, meant: str | None) -> None:
    assert restored(typed) == meant


def test_a_spreadsheet_gets_no_formulas() -> None:
    raw = written([["Trích yếu"], ["=1+1"], ["Đê, điều\n“mới”"]], Format.CSV)

    read = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert read == [["Trích yếu"], ["'=1+1"], ["Đê, điều\n“mới”"]]


@pytest.mark.parametrize(
    ("cell", "harmless"),
    [
        ("Đê; =1+1", "Đê;' =1+1"),
        ("Đê;-1", "Đê;'-1"),
        ("Đê\n@SUM(A1)", "Đê\n'@SUM(A1)"),
        (' "=1+1"', '\' "=1+1"'),
        ("＝1+1", "'＝1+1"),
        ("Số 12/QĐ-UBND; kính gửi: A-B", "Số 12/QĐ-UBND; kính gửi: A-B"),
    ],
)
def test_no_part_of_a_cell_becomes_a_formula_wherever_it_is_cut(cell: str, harmless: str) -> None:
    raw = written([[cell]], Format.CSV).decode("utf-8-sig")

    assert list(csv.reader(io.StringIO(raw))) == [[harmless]]


async def test_what_is_taken_away_is_written_down_and_kept_by_nobody_on_the_way(
    library: Library, as_: As
) -> None:
    await library.receive(*ALL)
    phone = await as_(library.ministry.leader)

    table = await phone.send("GET", "/lookup/export?q=tu%20bo&file=docx&columns=title")

    assert table.headers["content-disposition"] == 'attachment; filename="van-ban.docx"'
    assert table.headers["cache-control"] == "private, no-store"
    with zipfile.ZipFile(io.BytesIO(table.content)) as parts:
        body = ET.fromstring(parts.read("word/document.xml"))
    assert len([one for one in body.iter() if one.tag.endswith("gridCol")]) == 1
    said = "".join(body.itertext())
    assert said.endswith(f": {len(ALL)} văn bản.")
    assert library.ministry.leader.full_name in said
    audited = await rows(library.engines.db, AuditRecord)
    (taken,) = [one for one in audited if one.action == "lookup.export"]
    assert (taken.actor_id, taken.facts) == (
        library.ministry.leader.id,
        {"rows": 3, "file": "docx"},
    )


def test_a_table_for_papers_can_be_opened() -> None:
    raw = written([["Trích yếu"], ["<b> & \x07 đê"]], Format.DOCX)

    with zipfile.ZipFile(io.BytesIO(raw)) as parts:
        text = "|".join(ET.fromstring(parts.read("word/document.xml")).itertext())
    assert text == "Trích yếu|<b> &  đê"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
async def test_a_name_narrows_in_either_form_of_unicode(
    library: Library, as_: As, form: Literal["NFC", "NFD"]
) -> None:
    await library.receive(*ALL)
    phone = await as_(library.ministry.leader)

    for name, paper in (("signer", FOREST), ("issuer", DYKES)):
        asked = str(httpx.QueryParams({"q": "", name: normalize(form, getattr(paper, name))}))
        (found,) = (await phone.send("GET", f"/lookup?{asked}")).json()["items"]
        assert found["id"] == str(paper.id)


async def test_a_phone_narrows_counts_and_takes_away(library: Library, as_: As) -> None:
    await library.receive(*ALL)
    phone = await as_(library.ministry.leader)

    found = (
        await phone.send(
            "GET", "/lookup?q=ke%20hoach%20tu%20bo%20de%20dieu&type_code=plan&sort=newest"
        )
    ).json()
    meant = (await phone.send("GET", "/lookup?q=nghi%20quyet")).json()["did_you_mean"]
    counted = (await phone.send("GET", "/lookup/facets?q=tu%20bo")).json()
    typed = (await phone.send("GET", "/lookup/suggestions?q=tu%20bo%20d")).json()
    table = await phone.send(
        "GET", "/lookup/export?q=tu%20bo&sort=number&columns=number&columns=title"
    )

    assert [one["title"]["text"] for one in found["items"]] == [DYKES.title]
    assert meant == "nghị quyết"
    assert {"value": "plan", "count": 1} in counted["type_code"]
    assert typed["documents"][0]["number"] == "14/KH-UBND"
    assert table.status_code == HTTPStatus.OK
    assert table.text.splitlines()[1:3] == ["25/CV-BTC,Tu bổ kênh nước", "14/KH-UBND,Tu bổ đê điều"]
