"""A document answers a saved search exactly if the search over that document alone finds it."""

import random
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from api.documents import queries as documents
from api.documents.models import Document
from api.documents.rules import Direction, State, Urgency
from api.lookup.analysis.text import fold
from api.lookup.filters import Filters
from api.lookup.finding import rank
from api.lookup.index.port import Visible
from api.lookup.plan import plan_of
from api.lookup.saved import queries
from api.lookup.saved.matching import ANY, Findable, Watched
from api.people.acting import Scope
from core.clock import day_in_vietnam
from core.db import Database
from core.errors import NotFound
from core.sessions import owner_of
from tests.api.lookup.conftest import Library, Paper
from tests.support.delegations import delegated
from tests.support.ministry import Ministry

PROSE = (
    "quyết định phê duyệt đề án hòa giải thủy lợi hóa đơn điện tử kế hoạch phòng chống thiên tai"
    " bảo vệ môi trường nước sạch nông thôn mới chuyển đổi số yagi vneid UBND 187 2026"
)
WORDS = PROSE.split()
SHAPES = ("{}", "{}", "{}", '"{}"', "{} 5/QĐ-TTg", 'số 7-KH-UBND "{}"', "{} 🙂 (", "5/QĐ-TTg")
ASKED = 150


def papers(dice: random.Random) -> list[Paper]:
    def said(most: int) -> str:
        start = dice.randrange(len(WORDS))
        near = (WORDS * 3)[start : start + dice.randrange(1, most)]
        return " ".join(near if dice.random() < 0.6 else dice.choices(WORDS, k=len(near)))

    return [
        Paper(
            said(9), number=dice.randrange(1, 9), symbol=dice.choice(["QĐ-TTg", "KH-UBND"]),
            pages=tuple(said(50) for _ in range(dice.randrange(1, 4))), name=f"paper {n}",
        )
        for n in range(12)
    ]  # fmt: skip


def query(dice: random.Random) -> str:
    start, count = dice.randrange(len(WORDS)), dice.randrange(1, 9)
    near = (WORDS * 2)[start : start + count]
    words = " ".join(near if dice.random() < 0.7 else dice.choices(WORDS, k=count))
    return dice.choice(SHAPES).format(words if dice.random() < 0.5 else fold(words))


async def held(library: Library, document_id: UUID) -> Findable:
    async with library.engines.db.read() as view:
        found = await queries.findable(view, document_id)
    assert found is not None
    return found


async def searched(library: Library, asked: str, document_id: UUID) -> bool:
    """Run the search over one document."""
    alone = Visible(select(Document.id).where(col(Document.id) == document_id), many=False)
    async with library.engines.db.read() as view:
        plan = plan_of(asked)
        return bool(await rank(view, library.engines.index, plan, alone, closely=True))


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_matcher_says_what_the_search_over_the_document_says(
    library: Library, seed: int
) -> None:
    dice = random.Random(seed)
    shelf = papers(dice)
    await library.receive(*shelf)
    known = [await held(library, paper.id) for paper in shelf]

    said: list[bool] = []
    for asked in (query(dice) for _ in range(ASKED)):
        found, watched = dice.choice(known), Watched.read(Watched.of(plan_of(asked)).written())
        answers = found.answers(watched)
        assert answers == await searched(library, asked, found.document.id), asked
        if answers:
            assert set(watched.signs(Filters())) & set(found.signs), asked
        said.append(answers)

    assert min(said.count(True), said.count(False)) > ASKED / 10


FILTERS: tuple[dict[str, Any], ...] = (
    {}, {"type_code": "plan"}, {"type_code": "decision"}, {"issuer": "UBND tỉnh"}, {"number": 14},
    {"direction": Direction.INCOMING}, {"direction": Direction.OUTGOING},
    {"state": State.REGISTERED}, {"urgency": Urgency.FLASH}, {"issued_from": date(2026, 1, 1)},
    {"issued_to": date(2025, 12, 31)}, {"issued_from": date(2025, 1, 1), "type_code": "plan"},
    {"signer_id": UUID(int=5)},
)  # fmt: skip
SHELF = (
    Paper("Tu bổ đê điều", number=14, symbol="KH-UBND", issuer="UBND tỉnh", type_code="plan"),
    Paper("Tu bổ rừng", issued_on=date(2024, 5, 1)),
    Paper("Tu bổ kênh", issued_on=None, type_code="plan"),
)


@pytest.mark.parametrize("given", FILTERS)
async def test_filters_admit_what_their_conditions_select(
    library: Library, given: dict[str, Any]
) -> None:
    await library.receive(*SHELF)
    filters = Filters.read(Filters(**given).written())
    assert filters == Filters(**given)

    async with library.engines.db.read() as view:
        today = day_in_vietnam(view.now)
        conditions = filters.conditions(library.ministry.clerk.actor, today)
        selected = set((await view.session.exec(select(Document.id).where(*conditions))).all())

    for paper in SHELF:
        found = await held(library, paper.id)
        assert filters.admits(found.document, today) == (paper.id in selected)
        if paper.id in selected:
            nothing = Watched.of(plan_of(""))
            assert set(nothing.signs(filters)) <= set(found.signs)


def test_a_search_without_words_is_found_by_the_filter_that_tells_most() -> None:
    nothing = Watched.of(plan_of(""))

    assert nothing.signs(Filters(issuer="Bộ Y tế", type_code="plan")) == ["=issuer:bo y te"]
    assert nothing.signs(Filters(issued_from=date(2026, 1, 1))) == [ANY]


def test_the_terms_that_a_search_is_found_by_are_fewer_than_it_asks_for() -> None:
    watched = Watched.of(plan_of("kế hoạch tu bổ đê điều và ứng phó lũ lụt ở các huyện ven sông"))

    signs = watched.signs(Filters())
    weight_of_the_rest = sum(watched.terms[one] for one in watched.terms if one not in signs)
    assert weight_of_the_rest < watched.least
    assert len(signs) < len(watched.terms) / 2 + 1


async def test_readers_are_those_who_may_read_one_by_one(library: Library) -> None:
    people, db = library.ministry, library.engines.db
    shown, let, foreign = Paper("Một"), Paper("Hai"), Paper("Ba")
    await library.receive(shown, let)
    await library.receive(foreign, stranger=True)
    await library.let_read(people.officer, let)
    await delegated(db, people, people.colleague, Scope.TASKS)
    everybody = everybody_of(people)

    for paper in (shown, let, foreign):
        async with db.read() as view:
            among = await documents.readers_among(view, paper.id, everybody)
        assert among == [one for one in everybody if await may_read(db, one, paper.id)]
        assert len(among) == {"Một": 3, "Hai": 4, "Ba": 1}[paper.title]


def everybody_of(people: Ministry) -> list[UUID]:
    return sorted(person.id for person in vars(people).values())


async def may_read(db: Database, official_id: UUID, document_id: UUID) -> bool:
    async with db.read() as view:
        actor = await owner_of(view, official_id)
        assert actor is not None
        try:
            await documents.document(view, actor, document_id)
        except NotFound:
            return False
    return True
