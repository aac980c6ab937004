"""What an official gets is the same whether documents exist that they may not see, or not.

Two databases: one holds more documents, of colleagues and of another agency, entered between the
visible ones. Every answer of the search must be equal in both, byte for byte.
"""

import random
import shutil
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import pytest
from sqlmodel import select

from api import wiring
from api.lookup import exporting, queries, suggesting
from api.lookup.exporting import USUAL, Format
from api.lookup.filters import Filters, Sort
from api.lookup.queries import Asked
from api.lookup.saved import queries as saved
from api.lookup.saved import service
from api.lookup.saved.service import Wish
from api.lookup.schemas import FacetsOut, ResultsOut, SuggestionsOut
from core.config import Settings
from core.ids import derived
from push.models import Notification
from tests.api.lookup.conftest import Library, Paper
from tests.support.clock import Clock
from tests.support.databases import PostgresFactory, SqliteFactory
from tests.support.ministry import Person, found

PROSE = (
    "quyết định phê duyệt đề án hòa giải thủy lợi hóa đơn điện tử kế hoạch phòng chống thiên tai"
    " bảo vệ môi trường nước sạch nông thôn mới chuyển đổi số yagi vneid UBND 187 2026"
)
WORDS = PROSE.split()
KINDS = ("decision", "plan", "directive", "report")
QUERIES = 40


def papers(dice: random.Random, names: Sequence[str]) -> list[Paper]:
    return [
        Paper(
            " ".join(dice.choices(WORDS, k=dice.randrange(2, 8))),
            number=dice.randrange(1, 30),
            symbol=dice.choice(["QĐ-TTg", "KH-UBND"]),
            type_code=dice.choice(KINDS),
            pages=(" ".join(dice.choices(WORDS, k=dice.randrange(1, 60))),) * dice.randrange(1, 3),
            name=name,
        )
        for name in names
    ]


def query(dice: random.Random) -> str:
    words = dice.choices(WORDS, k=dice.randrange(0, 7))
    return dice.choice(["{}", '"{}"', "{} 5/QĐ-TTg", "{} t", "14/KH-U{}"]).format(" ".join(words))


async def library_in(folder: Path, url: str, keys: Path) -> Library:
    folder.mkdir()
    shutil.copytree(keys, folder / "keys")
    engines = wiring.assemble(Settings(data=folder, database_url=url), clock=Clock())
    return Library(engines, await found(engines.db))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.engines)])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    factory: SqliteFactory | PostgresFactory = request.getfixturevalue(request.param)
    folders = [tmp_path / name for name in ("one", "other")]
    for folder in folders:
        folder.mkdir()
    return [factory.url(folder) for folder in folders]


@pytest.fixture
async def both(
    urls: list[str], tmp_path: Path, keys: Path
) -> AsyncGenerator[tuple[Library, Library]]:
    less = await library_in(tmp_path / "less", urls[0], keys)
    more = await library_in(tmp_path / "more", urls[1], keys)
    yield less, more
    for library in (less, more):
        await library.engines.sandbox.close()
        await library.engines.db.dispose()


async def fill(less: Library, more: Library, dice: random.Random) -> None:
    """Enter the same papers in both, and more in one: before, between and after."""
    shown = papers(dice, [f"shown {n}" for n in range(8)])
    hidden = papers(dice, [f"hidden {n}" for n in range(12)])
    for library in (less, more):
        for n, paper in enumerate(shown):
            if library is more:
                await library.receive(hidden[n], works=False)
            await library.receive(paper, works=False)
            await library.let_read(library.ministry.officer, paper)
        if library is more:
            await library.receive(*hidden[8:], stranger=True, works=False)
        await library.work()


async def told(library: Library, person: Person) -> bytes:
    """Return what saved searches have found, and what has rung."""
    actor = person.actor
    async with library.engines.db.read() as view:
        found = [
            (one.name, count, [(paper.id, at) for paper, at in
                               await saved.told_by(view, actor, one.id, limit=50)])
            for one, count in await saved.saved(view, actor)
        ]  # fmt: skip
        mine = select(Notification).where(Notification.official_id == person.id)
        rung = [(one.kind, one.subject) for one in (await view.session.exec(mine)).all()]
    return repr((found, sorted(rung))).encode()


async def keep_searches(library: Library, dice: random.Random) -> None:
    async with library.engines.db.begin() as tx:
        for person in (library.ministry.officer, library.ministry.leader):
            for n in range(6):
                wish = Wish(name=f"{n}", query=query(dice) or "tu bổ", filters=Filters())
                search_id = derived("saved", person.account, str(n))
                await service.keep(tx, person.actor, search_id, wish)


async def answers(library: Library, person: Person, asked: Asked) -> list[bytes]:
    index, actor = library.engines.index, person.actor
    async with library.engines.db.read() as view:
        found = await queries.search(view, index, actor, asked)
        counted = await queries.facets(view, index, actor, asked)
        typed = await suggesting.suggest(view, index, actor, asked.query)
        table = await exporting.rows(view, index, actor, asked, USUAL)
    shapes = (ResultsOut.of(found), FacetsOut.of(counted), SuggestionsOut.of(typed))
    written = [shape.model_dump_json().encode() for shape in shapes]
    return [*written, exporting.written(table, Format.CSV)]


@pytest.mark.parametrize("seed", [1, 2])
async def test_no_byte_of_any_answer_tells_of_hidden_documents(
    both: tuple[Library, Library], seed: int
) -> None:
    dice = random.Random(seed)
    less, more = both
    for library in both:
        await keep_searches(library, random.Random(seed))
    await fill(less, more, dice)

    alerts = await told(less, less.ministry.officer)
    assert b"lookup.answered" in alerts
    assert await told(more, more.ministry.officer) == alerts
    answered = 0
    for _ in range(QUERIES):
        filters = dice.choice([Filters(), Filters(type_code=dice.choice(KINDS))])
        asked = Asked(
            query=query(dice), filters=filters, sort=dice.choice(list(Sort)),
            limit=dice.randrange(1, 9),
        )  # fmt: skip
        without = await answers(less, less.ministry.officer, asked)
        assert await answers(more, more.ministry.officer, asked) == without
        answered += b'"found":0' not in without[0]

    assert answered > QUERIES / 3
