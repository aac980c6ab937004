"""An official finds what they may read, however they spell it, and feels nothing of the rest."""

from datetime import date, timedelta

import pytest

from api.documents.rules import TextState
from api.lookup.analysis.text import fold
from core.errors import Malformed
from tests.api.lookup.conftest import Library, Paper
from tests.support.clock import Clock

FLOOD = Paper(
    "Phê duyệt Kế hoạch phòng, chống thiên tai năm 2026",
    number=187,
    symbol="QĐ-TTg",
    pages=(
        "QUYẾT ĐỊNH\nPhê duyệt Kế hoạch",
        "Điều 2. Các bộ, ngành bố trí kinh phí tu bổ đê điều\nvà hòa giải tranh chấp nguồn nước.",
    ),
)
WATER = Paper(
    "Về việc cấp nước sạch nông thôn",
    number=25,
    symbol="BTNMT-VP",
    type_code="official_letter",
    issuer="Bộ Tài nguyên và Môi trường",
    pages=("Kính gửi các tỉnh. Đề nghị rà soát hạ tầng cấp nước.",),
)
SCAN = Paper("Tăng cường bảo vệ rừng đầu nguồn", number=9, symbol="CT-TTg", type_code="directive")
ALL = (FLOOD, WATER, SCAN)


SPELLINGS = (
    "phòng chống thiên tai",
    "phong chong thien tai",
    "PHÒNG chống THIEN tai",
    "tu bổ đê điều",
    "tu bo de dieu",
    "hoà giải tranh chấp",
    "Thủ tướng đê điều",
    "quyết định phê duyệt kế hoạch",
    "187/QĐ-TTg",
    "qd 187 ttg",
    "số 187-QĐ-TTg",
    "thực hiện quyết định số 187/qd-ttg ngày 4 tháng 1 của Thủ tướng",
)


async def test_any_words_of_a_document_find_it_first(library: Library) -> None:
    await library.receive(*ALL)

    found = {query: await library.titles(library.ministry.leader, query) for query in SPELLINGS}

    assert {query: titles[:1] for query, titles in found.items()} == {
        query: [FLOOD.title] for query in SPELLINGS
    }


async def test_the_snippet_is_the_papers_own_text_with_its_page(library: Library) -> None:
    await library.receive(*ALL)

    (result,) = (await library.ask(library.ministry.leader, "tu bo de dieu")).results

    assert result.snippet is not None
    marked = result.snippet.marked
    assert result.snippet.page == 1
    assert "tu bổ đê điều và hòa giải" in marked.text
    assert [marked.text[start:end] for start, end in marked.spans] == ["tu", "bổ", "đê", "điều"]


async def test_a_scan_is_found_by_its_fields_and_says_so(library: Library) -> None:
    await library.receive(*ALL)

    (result,) = (await library.ask(library.ministry.leader, "bao ve rung dau nguon")).results

    assert result.document.id == SCAN.id
    assert result.text_state is TextState.NOT_YET_READ
    assert result.snippet is None
    assert [result.title.text[a:b] for a, b in result.title.spans][:2] == ["bảo", "vệ"]


async def test_the_exact_number_stands_first_whatever_else_matches(library: Library) -> None:
    rivals = [
        Paper(f"Sửa đổi Quyết định số 187/QĐ-TTg lần {n}", pages=("187/QĐ-TTg " * 9,))
        for n in range(3)
    ]
    await library.receive(*rivals, FLOOD)

    found = await library.titles(library.ministry.leader, "187/QĐ-TTg")

    assert found[0] == FLOOD.title
    assert len(found) == 4


async def test_exact_accents_decide_between_words_that_fold_alike(library: Library) -> None:
    newspapers = Paper("Quản lý báo chí", issued_on=date(2024, 1, 4))
    security = Paper("Quản lý bảo chỉ", issued_on=date(2025, 1, 4))
    await library.receive(newspapers, security)

    assert (await library.titles(library.ministry.leader, "báo chí"))[0] == newspapers.title
    assert (await library.titles(library.ministry.leader, "bảo chỉ"))[0] == security.title


async def test_one_wrong_word_does_not_hide_a_document(library: Library) -> None:
    await library.receive(*ALL)

    query = "kế hoạch phòng chống thiên tai của xã"

    assert await library.titles(library.ministry.leader, query) == [FLOOD.title]


async def test_equals_go_by_date_then_by_id(library: Library) -> None:
    alike = [
        Paper("Họp giao ban", name=f"{day} {n}", issued_on=date(2026, 1, day))
        for day in (3, 4) for n in range(3)
    ]  # fmt: skip
    await library.receive(*alike)

    found = (await library.ask(library.ministry.leader, "họp giao ban")).results

    days_and_ids = [(one.document.issued_on, one.document.id) for one in found]
    newest_first = sorted(alike, key=lambda paper: (-(paper.issued_on or date.min).day, paper.id))
    assert days_and_ids == [(paper.issued_on, paper.id) for paper in newest_first]


async def test_pages_of_results_follow_each_other_without_gap(library: Library) -> None:
    papers = [Paper(f"Giấy mời họp lần thứ {n}") for n in range(7)]
    await library.receive(*papers)
    everything = await library.ask(library.ministry.leader, "giay moi hop")

    seen, cursor = [], None
    for _ in range(4):
        part = await library.ask(library.ministry.leader, "giay moi hop", cursor=cursor, limit=2)
        seen += part.results
        cursor = part.cursor
        assert part.found == len(papers)

    assert cursor is None
    assert [one.document.id for one in seen] == [one.document.id for one in everything.results]


async def test_nothing_is_felt_of_documents_of_others(library: Library) -> None:
    leader, stranger = library.ministry.leader, library.ministry.stranger
    queries = ["phòng chống thiên tai", "187/QĐ-TTg", "nước", "kế hoạch cấp nước của xã"]
    await library.receive(FLOOD, WATER)
    before = [await library.ask(leader, query) for query in queries]
    theirs = [
        Paper(FLOOD.title, name=f"their {n}", number=187, symbol="QĐ-TTg", pages=("nước sạch",) * 3)
        for n in range(5)
    ]

    await library.receive(*theirs, stranger=True)

    assert [await library.ask(leader, query) for query in queries] == before
    assert (await library.ask(stranger, "thiên tai")).found == 5


async def test_nothing_is_felt_of_documents_of_colleagues(library: Library) -> None:
    officer, query = library.ministry.officer, "phòng chống thiên tai, cấp nước của tỉnh"
    await library.receive(FLOOD)
    await library.let_read(officer, FLOOD)
    before = await library.ask(officer, query)

    await library.receive(WATER, Paper(FLOOD.title, name="another", number=187, symbol="QĐ-TTg"))

    assert before.found == 1
    assert await library.ask(officer, query) == before


async def test_rights_are_those_of_the_moment_of_asking(library: Library) -> None:
    await library.receive(FLOOD)
    officer = library.ministry.officer
    assert (await library.ask(officer, "thiên tai")).found == 0

    await library.let_read(officer, FLOOD)

    assert (await library.ask(officer, "thiên tai")).found == 1


async def test_a_document_without_a_date_is_found_last_among_equals(library: Library) -> None:
    await library.receive(
        Paper("Họp báo", name="undated", issued_on=None),
        Paper("Họp báo", name="old", issued_on=date(1999, 1, 1)),
    )

    found = (await library.ask(library.ministry.leader, "hop bao")).results

    assert [one.document.issued_on for one in found] == [date(1999, 1, 1), None]


async def test_age_counts_only_between_equals(library: Library, clock: Clock) -> None:
    old = Paper("Chuyển đổi số trong y tế", issued_on=date(2010, 1, 4))
    young = Paper("Y tế cơ sở", pages=("Chuyển các kiến nghị; đổi mới; số liệu trong y tế.",))
    await library.receive(old, young)
    clock.tick(timedelta(days=400))

    assert (await library.titles(library.ministry.leader, "chuyển đổi số trong y tế"))[
        0
    ] == old.title


async def test_words_that_stand_apart_are_found(library: Library) -> None:
    await library.receive(*ALL)

    assert await library.titles(library.ministry.leader, "điều bổ tu") == [FLOOD.title]


async def test_a_phrase_between_quotes_must_stand_together(library: Library) -> None:
    await library.receive(*ALL)
    leader = library.ministry.leader

    assert await library.titles(leader, '"tu bổ đê điều"') == [FLOOD.title]
    assert await library.titles(leader, "«tu bo» nước") == [FLOOD.title]
    assert await library.titles(leader, '"đê điều tu bổ"') == []


async def test_keystrokes_left_behind_do_not_matter(library: Library) -> None:
    await library.receive(*ALL)
    leader = library.ministry.leader

    assert (await library.titles(leader, "tu boor ddee ddieeuf"))[0] == FLOOD.title
    assert (await library.titles(leader, "phong2 cho61ng thie6n tai"))[0] == FLOOD.title


STRANGE = (
    "", " ", "\x00", "thiên\x00tai", '"', "'", "a' OR 1=1 --", "NEAR(thiên tai)", "words : x",
    "(((", "-tai", "*", "thien*", "🙂", "\u202etai", "\u0301\u0301", "%_", "a_b", "&|!:<->",
    "187/", "/" * 1000, "tai " * 250, "x" * 1000, "187/QĐ-TTg " * 90, "đ" * 10_000, "\ud800",
)  # fmt: skip


async def test_anything_may_be_asked(library: Library) -> None:
    await library.receive(FLOOD)

    found = {query: (await library.ask(library.ministry.leader, query)).found for query in STRANGE}

    assert {query for query, count in found.items() if count} == {
        "thiên\x00tai", "-tai", "\u202etai", "tai " * 250, "187/QĐ-TTg " * 90, "187/",
        "thien*", "NEAR(thiên tai)",
    }  # fmt: skip


FOREIGN = ("x", "====", "\x00", "MSAyIDM", "ữ", "MSBhIGIgYw")


async def test_a_foreign_cursor_is_refused(library: Library) -> None:
    for cursor in FOREIGN:
        with pytest.raises(Malformed):
            await library.ask(library.ministry.leader, "tai", cursor=cursor)


async def test_folded_queries_get_the_same_documents(library: Library) -> None:
    await library.receive(*ALL)

    for query in ("phòng chống thiên tai", "nước", "187/QĐ-TTg", "kế hoạch cấp nước của xã"):
        plain = await library.titles(library.ministry.leader, fold(query))
        assert plain == await library.titles(library.ministry.leader, query)
