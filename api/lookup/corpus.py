"""A corpus of one's own: a ministry loads its documents and questions, and measures the search.

Everything runs through the tables, the index and the search of the product; only the files behind
the documents are missing, because a corpus has none.
"""

import asyncio
import datetime as dt
import json
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from statistics import mean
from typing import Annotated, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError
from sqlmodel import col, delete, func, select

from api.documents.models import Document, PageText, Revision
from api.documents.rules import Direction, Purpose, State, TextState
from api.documents.types import types
from api.lookup import queries, service
from api.lookup.analysis.text import composed, fold
from api.lookup.errors import NotACorpus, UnreadableLine
from api.lookup.index.port import Index
from api.lookup.plan import plan_of
from api.lookup.queries import Asked
from api.lookup.reading import Reading, Source, read
from core.actor import Actor, Role
from core.db import Database, Tx
from core.ids import derived

AGENCY = derived("corpus")
#: A clerk of the corpus: may read all of it.
READER = Actor(derived("corpus", "reader"), AGENCY, frozenset({Role.CLERK}))
BATCH = 200
PAGE = 1500
TOP = 10
_HUNDREDTH = 0.99

Progress = Callable[[int], None]
_Model = TypeVar("_Model", bound=BaseModel)


#: Texts that were read out of files hold NUL now and then; PostgreSQL takes none.
_Text = Annotated[str, AfterValidator(lambda text: text.replace("\0", " "))]


class Line(BaseModel):
    """A document of a corpus; an id may be a number, and what is not known may be empty."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    id: str
    title: _Text | None = ""
    number: _Text | None = None
    issuer: _Text | None = None
    type: _Text | None = None
    date: Annotated[dt.date | None, BeforeValidator(lambda day: day or None)] = None
    body: _Text | None = ""


class Question(BaseModel):
    """A question, and the documents that answer it."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    query: str
    relevant: list[str]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A document of a corpus as it is kept."""

    document: Document
    revision: Revision
    texts: tuple[PageText, ...]
    reading: Reading


async def load(db: Database, index: Index, path: Path, progress: Progress) -> int:
    """Load a file of documents; one that is loaded again takes the place of itself.

    Raises:
        NotACorpus: the database holds documents of an agency.
    """
    async with db.read() as view:
        others = select(func.count()).where(col(Document.agency_id) != AGENCY)
        if (await view.session.exec(others)).one():
            raise NotACorpus
    count = 0
    async for batch in _batches(path, db.clock()):
        async with db.begin() as tx:
            await _keep(tx, index, batch)
        count += len(batch)
        progress(count)
    return count


async def evaluate(
    db: Database, index: Index, questions: Sequence[Question], progress: Progress
) -> dict[str, float | int]:
    """Ask every question, and say how well and how quickly they were answered."""
    ranks: list[int] = []
    recalls: list[float] = []
    took: list[float] = []
    for count, question in enumerate(questions, 1):
        wanted = {derived("corpus", one) for one in question.relevant}
        started = time.perf_counter()
        found = await ask(db, index, question.query)
        took.append(1000 * (time.perf_counter() - started))
        ranks.append(next((n for n, one in enumerate(found, 1) if one in wanted), 0))
        recalls.append(len(wanted.intersection(found)) / max(1, len(wanted)))
        progress(count)
    return {
        "queries": len(questions),
        "recall@10": round(mean(recalls or [0]), 4),
        "mrr@10": round(mean([1 / rank if rank else 0.0 for rank in ranks] or [0]), 4),
        "p50_ms": round(_quantile(took, 0.5), 2),
        "p99_ms": round(_quantile(took, _HUNDREDTH), 2),
    }


def questions_in(path: Path) -> list[Question]:
    """Read a file of questions."""
    return [_parsed(Question, raw, number) for number, raw in _lines(path)]


def halved(query: str, dice: random.Random) -> str:
    """Return a query with the diacritics of every second syllable dropped."""
    odd = dice.randrange(2)
    parts = composed(query).split(" ")
    return " ".join(fold(part) if n % 2 == odd else part for n, part in enumerate(parts))


async def ask(db: Database, index: Index, query: str) -> list[UUID]:
    """Return the best documents in their order; what is shown of them is not measured."""
    asked = Asked(query=query)
    async with db.read() as view:
        found = await queries.found(view, index, READER, asked, plan_of(query))
    return [one.document_id for one in found[:TOP]]


def _quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values) or [0.0]
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def _batches(path: Path, now: dt.datetime) -> AsyncIterator[list[Loaded]]:
    rows: list[Line] = []
    for number, raw in _lines(path):
        rows.append(_parsed(Line, raw, number))
        if len(rows) == BATCH:
            yield await asyncio.to_thread(_read_all, rows, now)
            rows = []
    if rows:
        yield await asyncio.to_thread(_read_all, rows, now)


def _read_all(rows: Sequence[Line], now: dt.datetime) -> list[Loaded]:
    latest = {row.id: row for row in rows}
    return [_loaded(row, now) for row in latest.values()]


async def _keep(tx: Tx, index: Index, batch: Sequence[Loaded]) -> None:
    ids = [one.document.id for one in batch]
    known = await tx.session.exec(select(Document.id).where(col(Document.id).in_(ids)))
    for document_id in known.all():
        await service.forget(tx, index, document_id)
        await _delete(tx, document_id)
    tx.session.add_all([one.document for one in batch])
    await tx.session.flush()
    tx.session.add_all([one.revision for one in batch])
    await tx.session.flush()
    tx.session.add_all([text for one in batch for text in one.texts])
    await service.add(tx, index, [one.reading for one in batch])


async def _delete(tx: Tx, document_id: UUID) -> None:
    revision = derived(document_id, "revision")
    await tx.session.exec(delete(PageText).where(col(PageText.revision_id) == revision))
    await tx.session.exec(delete(Revision).where(col(Revision.id) == revision))
    await tx.session.exec(delete(Document).where(col(Document.id) == document_id))


def _loaded(row: Line, now: dt.datetime) -> Loaded:
    body = composed(row.body or "")
    pages = list(pages_of(body))
    document = _document(row, now)
    revision = Revision(
        id=derived(document.id, "revision"), document_id=document.id, agency_id=AGENCY, ordinal=1,
        purpose=Purpose.RECEIVED, sha256=sha256(body.encode()).hexdigest(),
        size=len(body.encode()), pages=len(pages), created_at=now,
        text_state=TextState.READ if pages else TextState.NOT_YET_READ,
    )  # fmt: skip
    texts = tuple(
        PageText(revision_id=revision.id, page=page, agency_id=AGENCY, text=text)
        for page, text in enumerate(pages)
    )
    source = Source(
        document_id=document.id, agency_id=AGENCY, version=1, revision_id=revision.id,
        kind=service.kind_of(document), title=document.title, number=None,
        symbol=document.symbol, issuer=document.issuer, issued_on=document.issued_on,
        pages=tuple(enumerate(pages)),
    )  # fmt: skip
    return Loaded(document, revision, texts, read(source))


def _document(row: Line, now: dt.datetime) -> Document:
    return Document(
        id=derived("corpus", row.id), agency_id=AGENCY, direction=Direction.INCOMING,
        type_code=type_code(row.type or ""), title=composed(row.title or "")[:1000],
        symbol=composed(row.number or "")[:80], issuer=composed(row.issuer or "")[:200],
        issued_on=row.date, state=State.REGISTERED, recipients=[], created_at=now,
    )  # fmt: skip


def type_code(name: str) -> str:
    """Return the code of a type by its Vietnamese name; of a foreign one its folded name."""
    folded = fold(name)
    known = {fold(one.vi): one.code for one in types().values()}
    return known.get(folded) or "_".join(folded.split())[:40]


def pages_of(body: str) -> Iterator[str]:
    """Cut a body without pages into parts of about a page, at its lines."""
    held: list[str] = []
    room = PAGE
    for line in _pieces(body):
        held.append(line)
        room -= len(line)
        if room < 0:
            yield "\n".join(held)
            held, room = [], PAGE
    if held:
        yield "\n".join(held)


def _pieces(body: str) -> Iterator[str]:
    """Yield the lines of a body; one that is longer than two pages in parts, cut at blanks."""
    for line in body.splitlines():
        rest = line.strip()
        while len(rest) > 2 * PAGE:
            piece = rest[:PAGE].rpartition(" ")[0] or rest[:PAGE]
            yield piece
            rest = rest[len(piece) :]
        if rest:
            yield rest


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        yield from ((number, raw) for number, raw in enumerate(file, 1) if raw.strip())


def _parsed(model: type[_Model], raw: bytes, number: int) -> _Model:
    try:
        return model.model_validate(json.loads(raw))
    except (ValueError, ValidationError, RecursionError) as error:
        raise UnreadableLine(line=number) from error
