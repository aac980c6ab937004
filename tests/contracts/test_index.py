"""What every index must do. An adapter is done when this passes for it.

The model is a few lines of plain Python over the same terms: equal to it on each engine, the
engines are equal to each other.
"""

import random
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from api.lookup.analysis import bigrams, syllables
from api.lookup.index.port import Candidate, Index, Terms, Wanted
from api.lookup.index.postgres_fts import PostgresFtsIndex
from api.lookup.index.sqlite_fts import SqliteFtsIndex
from api.lookup.models import LookupEntry
from core.db import Database
from core.ids import derived

AGENCY = derived("agency")
PROSE = (
    "quyết định phê duyệt đề án hòa giải thủy lợi hóa đơn điện tử kế hoạch phòng chống thiên tai"
    " bảo vệ môi trường nước sạch nông thôn mới chuyển đổi số 187 2026 Ω привет"
)
WORDS = PROSE.split()
TOP = 20


@dataclass(frozen=True)
class Paper:
    id: UUID
    day: int
    terms: Terms


def terms_of(text: str) -> Terms:
    tokens = syllables(text)
    return Terms(tuple(dict.fromkeys(tokens)), tuple(dict.fromkeys(bigrams(tokens))))


def papers() -> list[Paper]:
    """Sixty documents; days repeat, so that ids must break ties."""
    dice = random.Random(7)
    return [
        Paper(
            derived("paper", str(n)),
            dice.randrange(739_000, 739_012),
            terms_of(" ".join(dice.choices(WORDS, k=dice.randrange(3, 40)))),
        )
        for n in range(60)
    ]


def wishes() -> list[Wanted]:
    dice = random.Random(11)
    found = []
    for n in range(100):
        tokens = syllables(" ".join(dice.choices(WORDS, k=dice.randrange(1, 6))))
        pairs = tuple(dict.fromkeys(bigrams(tokens)))
        relaxed = n % 3 == 0 and bool(pairs)
        found.append(
            Wanted((), pairs, fewest=1, limit=TOP)
            if relaxed
            else Wanted(tokens, pairs, fewest=0, limit=TOP)
        )
    return found


PAPERS = papers()
WISHES = wishes()


def by_the_model(wanted: Wanted, among: Sequence[Paper]) -> list[Candidate]:
    counted = [(len(set(paper.terms.bigrams) & set(wanted.bigrams)), paper) for paper in among]
    held = [
        (count, paper)
        for count, paper in counted
        if set(wanted.words) <= set(paper.terms.words) and count >= wanted.fewest
    ]
    held.sort(key=lambda one: (-one[0], -one[1].day, one[1].id))
    return [Candidate(paper.id, count) for count, paper in held[: wanted.limit]]


@dataclass(frozen=True)
class Library:
    """An index on its own engine, filled with papers."""

    index: Index
    db: Database

    async def add(self, paper: Paper) -> int:
        entry = LookupEntry(
            document_id=paper.id, agency_id=AGENCY, revision_id=paper.id, analysis=1,
            heading="", folded="", day=paper.day,
        )  # fmt: skip
        async with self.db.begin() as tx:
            tx.session.add(entry)
            await tx.session.flush()
            await self.index.put(tx.session, entry.position or 0, paper.terms)
        return entry.position or 0

    async def replace(self, position: int, terms: Terms) -> None:
        async with self.db.begin() as tx:
            await self.index.put(tx.session, position, terms)

    async def ask(self, wanted: Wanted, among: Sequence[Paper] = PAPERS) -> list[Candidate]:
        async with self.db.read() as view:
            return await self.index.candidates(view.session, wanted, only(among))


def only(among: Sequence[Paper]) -> SelectOfScalar[UUID]:
    seen = aliased(LookupEntry)
    return select(seen.document_id).where(col(seen.document_id).in_([one.id for one in among]))


@pytest.fixture
async def library(database_url: str) -> AsyncGenerator[Library]:
    embedded = database_url.startswith("sqlite")
    made = Library(SqliteFtsIndex() if embedded else PostgresFtsIndex(), Database(database_url))
    yield made
    await made.db.dispose()


def wish(text: str, *, limit: int = TOP) -> Wanted:
    terms = terms_of(text)
    return Wanted(terms.words, terms.bigrams, fewest=0, limit=limit)


async def test_the_order_of_every_answer_is_the_models(library: Library) -> None:
    for paper in PAPERS:
        await library.add(paper)

    for wanted in WISHES:
        assert await library.ask(wanted) == by_the_model(wanted, PAPERS)


async def test_most_of_the_wishes_have_answers() -> None:
    answers = [by_the_model(wanted, PAPERS) for wanted in WISHES]

    assert sum(bool(answer) for answer in answers) > len(WISHES) / 2
    assert any(len(answer) == TOP for answer in answers)


async def test_what_may_not_be_seen_plays_no_part(library: Library) -> None:
    seen = PAPERS[::2]
    for paper in PAPERS:
        await library.add(paper)

    for wanted in WISHES:
        assert await library.ask(wanted, seen) == by_the_model(wanted, seen)


async def test_new_terms_take_the_place_of_the_old(library: Library) -> None:
    position = await library.add(PAPERS[0])

    await library.replace(position, terms_of("bưu chính"))
    await library.replace(position, terms_of("bưu chính viễn thông"))

    assert await library.ask(wish(" ".join(PAPERS[0].terms.words[:1]))) == []
    assert await library.ask(wish("bưu chính viễn thông")) == [Candidate(PAPERS[0].id, 3)]


async def test_a_rolled_back_entry_is_not_found(library: Library) -> None:
    position = await library.add(PAPERS[0])

    with pytest.raises(ZeroDivisionError):
        async with library.db.begin() as tx:
            await library.index.put(tx.session, position, terms_of("bưu chính"))
            raise ZeroDivisionError

    assert await library.ask(wish("bưu chính")) == []


OPERATORS = ("and", "or", "not", "near", "words", "bigrams", "Ω", "x" * 64)


async def test_no_word_is_an_operator(library: Library) -> None:
    position = await library.add(PAPERS[0])

    for word in OPERATORS:
        await library.replace(position, terms_of(f"{word} điện tử"))
        assert await library.ask(wish(f"{word} điện")) == [Candidate(PAPERS[0].id, 1)]


async def test_a_document_without_terms_is_kept_and_never_found(library: Library) -> None:
    await library.add(Paper(PAPERS[0].id, 1, Terms((), ())))

    assert await library.ask(wish("điện")) == []
