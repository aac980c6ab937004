"""What every index must do. An adapter is done when this passes for it.

The model is a few lines of plain Python over the same terms: equal to it on each engine, the
engines are equal to each other.
"""

import random
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from api.lookup.analysis.text import bigrams, syllables
from api.lookup.index.port import Hit, Index, Posting, Shelf, Visible, Wanted
from api.lookup.index.postgres_fts import PostgresFtsIndex
from api.lookup.index.sqlite_fts import SqliteFtsIndex
from api.lookup.models import LookupEntry, LookupPassage
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
    terms: tuple[str, ...]


def terms_of(text: str) -> tuple[str, ...]:
    tokens = syllables(text)
    return tuple(dict.fromkeys([*tokens, *bigrams(tokens)]))


def papers() -> list[Paper]:
    dice = random.Random(7)
    return [
        Paper(derived("paper", str(n)), terms_of(" ".join(dice.choices(WORDS, k=length))))
        for n, length in enumerate(dice.choices(range(3, 40), k=60))
    ]


def wishes() -> list[Wanted]:
    """A hundred wishes; weights repeat, so that the order of keeping must break ties."""
    dice = random.Random(11)
    found = []
    for n in range(100):
        terms = terms_of(" ".join(dice.choices(WORDS, k=dice.randrange(1, 6))))
        required = terms[:1] if n % 4 == 0 else ()
        found.append(Wanted([(one, dice.randrange(1, 4)) for one in terms], required, limit=TOP))
    return found


PAPERS = papers()
WISHES = wishes()


def by_the_model(wanted: Wanted, kept: Mapping[int, Paper]) -> list[Hit]:
    hits = [
        Hit(position, paper.id.int, points)
        for position, paper in kept.items()
        if (points := sum(weight for term, weight in wanted.terms if term in paper.terms))
        and set(wanted.required) <= set(paper.terms)
    ]
    hits.sort(key=lambda hit: (-hit.points, -hit.position))
    return hits[: wanted.limit]


@dataclass
class Library:
    """An index on its own engine, filled with papers."""

    index: Index
    db: Database
    shelf: Shelf
    positions: dict[UUID, int] = field(default_factory=dict)

    async def add(self, *kept: Paper) -> None:
        for paper in kept:
            row = self._row(paper)
            async with self.db.begin() as tx:
                tx.session.add(row)
                await tx.session.flush()
                self.positions[paper.id] = row.position or 0
                await self.index.add(tx.session, self.shelf, [self.posting(paper)])

    async def drop(self, paper: Paper) -> None:
        async with self.db.begin() as tx:
            await self.index.drop(tx.session, self.shelf, [self.posting(paper)])

    async def ask(
        self, wanted: Wanted, among: Sequence[Paper] = PAPERS, *, many: bool = False
    ) -> list[Hit]:
        seen = aliased(self.shelf.rows)
        ids = [paper.id for paper in among]
        visible = Visible(select(seen.document_id).where(col(seen.document_id).in_(ids)), many)
        async with self.db.read() as view:
            return await self.index.find(view.session, self.shelf, wanted, visible)

    def by_the_model(self, wanted: Wanted, among: Sequence[Paper] = PAPERS) -> list[Hit]:
        return by_the_model(wanted, {self.positions[paper.id]: paper for paper in among})

    def posting(self, paper: Paper) -> Posting:
        return Posting(self.positions[paper.id], paper.terms)

    def _row(self, paper: Paper) -> LookupEntry | LookupPassage:
        if self.shelf is Shelf.PASSAGE:
            return LookupPassage(
                document_id=paper.id, agency_id=AGENCY, page=0, part=0, folded=""
            )  # fmt: skip
        return LookupEntry(
            document_id=paper.id, agency_id=AGENCY, revision_id=paper.id, analysis=1,
            heading="", folded="", fields="",
        )  # fmt: skip


@pytest.fixture(params=list(Shelf))
async def library(database_url: str, request: pytest.FixtureRequest) -> AsyncGenerator[Library]:
    embedded = database_url.startswith("sqlite")
    index = SqliteFtsIndex() if embedded else PostgresFtsIndex()
    made = Library(index, Database(database_url), request.param)
    yield made
    await made.db.dispose()


def wish(text: str) -> Wanted:
    return Wanted([(term, 1) for term in terms_of(text)], limit=TOP)


async def test_the_order_of_every_answer_is_the_models(library: Library) -> None:
    await library.add(*PAPERS)

    for wanted in WISHES:
        assert await library.ask(wanted) == library.by_the_model(wanted)


def test_most_of_the_wishes_have_answers() -> None:
    answers = [by_the_model(wanted, dict(enumerate(PAPERS))) for wanted in WISHES]

    assert sum(bool(answer) for answer in answers) > len(WISHES) / 2
    assert any(len(answer) == TOP for answer in answers)


@pytest.mark.parametrize("many", [True, False])
async def test_what_may_not_be_seen_plays_no_part(library: Library, *, many: bool) -> None:
    seen = PAPERS[::2]
    await library.add(*PAPERS)

    for wanted in WISHES:
        found = await library.ask(wanted, seen, many=many)
        assert found == library.by_the_model(wanted, seen)


async def test_what_was_dropped_is_not_found_by_any_term(library: Library) -> None:
    await library.add(*PAPERS)
    gone, left = PAPERS[:30], PAPERS[30:]

    for paper in gone:
        await library.drop(paper)

    for wanted in WISHES:
        assert await library.ask(wanted) == library.by_the_model(wanted, left)


async def test_a_rolled_back_row_is_not_found(library: Library) -> None:
    await library.add(PAPERS[0])
    other = Posting(library.positions[PAPERS[0].id] + 1, terms_of("bưu chính"))

    with pytest.raises(ZeroDivisionError):
        async with library.db.begin() as tx:
            await library.index.add(tx.session, library.shelf, [other])
            raise ZeroDivisionError

    assert await library.ask(wish("bưu chính")) == []


OPERATORS = ("and", "or", "not", "near", "terms", "Ω", "x" * 64)


async def test_no_word_is_an_operator(library: Library) -> None:
    kept = [Paper(derived(word), terms_of(f"{word} điện tử")) for word in OPERATORS]
    await library.add(*kept)

    for word, paper in zip(OPERATORS, kept, strict=True):
        wanted = Wanted([(term, 1) for term in terms_of(word)], ("dien_tu",), limit=TOP)
        assert [hit.document for hit in await library.ask(wanted, kept)] == [paper.id.int]


async def test_a_row_without_terms_is_kept_and_never_found(library: Library) -> None:
    await library.add(Paper(PAPERS[0].id, ()))

    assert await library.ask(wish("điện")) == []
