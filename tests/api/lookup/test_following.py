"""The index follows the documents, and may do so again from the start at any time."""

import asyncio
from typing import Any

import pytest
from sqlmodel import col, select

from api.documents.events import DocumentNumbered
from api.documents.models import Document
from api.lookup import flows, service
from api.lookup.models import LookupEntry, LookupPassage
from api.lookup.reading import read
from core.errors import Stale
from core.jobs import Job, JobState
from tests.api.lookup.conftest import Library, Paper

PAPER = Paper("Tăng cường bảo vệ rừng", pages=("Trang một.", "Trang hai."))
FACT: dict[str, Any] = {"body": {"document_id": str(PAPER.id)}}


async def kept(library: Library) -> tuple[list[str], list[str]]:
    async with library.engines.db.read() as view:
        entries = await view.session.exec(select(LookupEntry.heading))
        pages = await view.session.exec(
            select(LookupPassage.folded).order_by(col(LookupPassage.page))
        )
        return list(entries.all()), list(pages.all())


async def rename(library: Library, title: str) -> None:
    async with library.engines.db.begin() as tx:
        document = await tx.session.get_one(Document, PAPER.id)
        document.title = title


async def test_a_registered_document_is_indexed_by_a_job(library: Library) -> None:
    await library.receive(PAPER)

    async with library.engines.db.read() as view:
        job = (await view.session.exec(select(Job).where(Job.kind == "lookup.index"))).one()
    assert job.state is JobState.DONE
    assert await kept(library) == (
        ["Quyết định Tăng cường bảo vệ rừng"],
        ["trang mot", "trang hai"],
    )


async def test_the_same_fact_again_changes_nothing(library: Library) -> None:
    await library.receive(PAPER)
    before = await kept(library)

    for _ in range(2):
        await flows.follow(library.engines.db, library.engines.index, FACT)

    assert await kept(library) == before
    assert (await library.ask(library.ministry.leader, "trang hai")).found == 1


async def test_a_changed_document_is_found_by_its_new_words_only(library: Library) -> None:
    await library.receive(PAPER)
    await rename(library, "Trồng cây gây rừng")

    await flows.follow(library.engines.db, library.engines.index, FACT)

    leader = library.ministry.leader
    assert await library.titles(leader, "trồng cây") == ["Trồng cây gây rừng"]
    assert await library.titles(leader, "tăng cường") == []


async def test_a_reading_that_was_overtaken_is_not_kept(library: Library) -> None:
    await library.receive(PAPER)
    async with library.engines.db.read() as view:
        old = await service.source(view, PAPER.id)
    await rename(library, "Trồng cây gây rừng")

    with pytest.raises(Stale):
        async with library.engines.db.begin() as tx:
            await service.keep(tx, library.engines.index, old, read(old))


async def test_two_workers_at_once_keep_one_entry(library: Library) -> None:
    await library.receive(PAPER, works=False)
    engines = library.engines

    await asyncio.gather(*(flows.follow(engines.db, engines.index, FACT) for _ in range(4)))

    assert await kept(library) == (
        ["Quyết định Tăng cường bảo vệ rừng"],
        ["trang mot", "trang hai"],
    )


async def test_a_drafted_document_gets_its_number_in_the_index(library: Library) -> None:
    await library.receive(PAPER)
    async with library.engines.db.begin() as tx:
        document = await tx.session.get_one(Document, PAPER.id)
        document.number, document.symbol = 7, "QĐ-BTNMT"
        tx.emit(
            DocumentNumbered(
                document_id=PAPER.id, by=library.ministry.clerk.id, number=7, year=2026
            )
        )

    await library.work()

    assert await library.titles(library.ministry.clerk, "07/QĐ-BTNMT") == [PAPER.title]
    assert await library.titles(library.ministry.clerk, "qd 7 btnmt") == [PAPER.title]
