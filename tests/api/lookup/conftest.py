"""A library: documents that come in through the clerk, and the work that makes them findable."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from api import background
from api.documents import intake, service
from api.documents.contents import Arrival, Content
from api.documents.models import Document
from api.documents.rules import Force
from api.lookup import queries
from api.lookup.queries import Asked
from api.lookup.results import Results
from api.wiring import Engines
from core.actor import Actor
from core.ids import derived
from core.worker import Worker
from tests.support.ministry import Ministry, Person


@dataclass(frozen=True)
class Paper:
    """A document as it lies on the clerk's desk."""

    title: str
    number: int | None = None
    symbol: str = ""
    issuer: str = "Thủ tướng Chính phủ"
    issued_on: date | None = date(2026, 1, 4)
    type_code: str = "decision"
    pages: tuple[str, ...] = ("",)
    name: str = field(default="")
    signer: str = ""

    @property
    def id(self) -> UUID:
        return derived("paper", self.name or self.title)


@dataclass(frozen=True)
class Library:
    """The clerk's desk, and the search."""

    engines: Engines
    ministry: Ministry

    async def receive(self, *papers: Paper, stranger: bool = False, works: bool = True) -> None:
        """Register papers, ours or the other agency's, and let the work behind the API run."""
        people = self.ministry
        clerk, leader = (people.stranger,) * 2 if stranger else (people.clerk, people.leader)
        for paper in papers:
            await self._register(clerk.actor, paper, leader.id)
        if works:
            await self.work()

    async def let_read(self, person: Person, paper: Paper) -> None:
        async with self.engines.db.begin() as tx:
            await service.let_read(tx, paper.id, [person.id], "assigned")

    async def say_force(self, paper: Paper, force: Force) -> None:
        clerk = self.ministry.clerk.actor
        async with self.engines.db.begin() as tx:
            document = await tx.session.get_one(Document, paper.id)
            await intake.say_force(tx, clerk, paper.id, force, version=document.version)

    async def work(self) -> None:
        await Worker(self.engines.db, background.handlers(self.engines)).run_due()

    async def ask(self, person: Person, query: str, **page: Any) -> Results:
        async with self.engines.db.read() as view:
            return await queries.search(
                view, self.engines.index, person.actor, Asked(query=query, **page)
            )

    async def titles(self, person: Person, query: str) -> list[str]:
        return [one.document.title for one in (await self.ask(person, query)).results]

    async def _register(self, clerk: Actor, paper: Paper, presented_to: UUID) -> None:
        arrival = Arrival(
            type_code=paper.type_code, title=paper.title, number=paper.number,
            symbol=paper.symbol, issuer=paper.issuer, issued_on=paper.issued_on,
            presented_to=presented_to, confirmed=True, signer=paper.signer,
        )  # fmt: skip
        content = Content(
            sha256=paper.id.hex * 2, size=1, pages=len(paper.pages), texts=list(paper.pages),
            has_text=all(paper.pages),
        )  # fmt: skip
        async with self.engines.db.begin() as tx:
            await intake.register(tx, clerk, paper.id, arrival=arrival, content=content)


@pytest.fixture
def library(engines: Engines, ministry: Ministry) -> Library:
    return Library(engines, ministry)
