"""Signing transactions: from the yes to the signed file (B-B), many of them at once.

One process, its sandbox, SQLite, the simulated operator without a delay: what is measured is our
own work. The rate is told beside what the PDF work alone takes of CPU.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlmodel import select

from api import background, migrations, wiring
from api.signing import service
from api.signing.asking import Wanted
from api.signing.models import EvidenceRecord, SignatureRequest
from api.signing.mssp.simulated_phones import SIGNING, WRONG_SIGNATURE
from api.signing.rules import State
from api.wiring import Engines
from bench.harness import Report, is_quick, note, percentile
from core.actor import Actor
from core.config import Settings
from core.ids import new_id
from core.worker import Worker
from tests.support.ministry import found
from tests.support.signing import drafted, enrol, operator, written
from tests.support.step_up import step_up_for

PAPERS = 8 if is_quick() else 120
#: A phone takes one prompt at a time: so many simulated ones sign, all of them at once.
PHONES = sorted(set(SIGNING) - {WRONG_SIGNATURE})[: 2 if is_quick() else 20]


def main() -> None:
    os.environ["KHONGGIAY_SIGNING__SIMULATED_DELAY"] = "0"
    report = Report("transactions")
    with tempfile.TemporaryDirectory(prefix="kg-bench-") as folder:
        seconds, cpu, waits = asyncio.run(_measure(Path(folder)))
    report.add(
        f"{PAPERS} transactions from the yes to the signed file", "1/s", PAPERS / seconds,
        goal="ours >= 20",
    )  # fmt: skip
    report.add("CPU of one transaction, all processes", "ms", cpu * 1e3 / PAPERS)
    report.add("raw signature kept -> signed, p50", "ms", percentile(waits, 0.5))
    report.add(
        "raw signature kept -> signed, p99", "ms", percentile(waits, 0.99), goal="ours <= 50"
    )


async def _measure(folder: Path) -> tuple[float, float, list[float]]:
    url = f"sqlite+aiosqlite:///{folder}/khonggiay.db"
    await asyncio.to_thread(migrations.upgrade, url)
    engines = wiring.assemble(Settings(data=folder, database_url=url))
    try:
        note(f"transactions: putting {PAPERS} papers before {len(PHONES)} phones ...")
        asked = await _submit_all(engines)
        note("transactions: all say yes ...")
        for request_id, actor in asked:
            step_up = await step_up_for(engines, request_id)
            async with engines.db.begin() as tx:
                await service.consent(tx, actor, request_id, step_up=step_up)
        began, used = time.perf_counter(), _cpu()
        await _sign_all(engines)
        seconds = time.perf_counter() - began
        waits = await _waits(engines)
    finally:
        await engines.sandbox.close()
        await engines.db.dispose()
    return seconds, _cpu() - used, waits


def _cpu() -> float:
    """Return the CPU time of this process and of its workers, as far as they have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


async def _submit_all(engines: Engines) -> list[tuple[UUID, Actor]]:
    ministry = await found(engines.db)
    await enrol(engines, ministry)
    paper = await written(engines, ministry)
    asked = []
    for number in range(PAPERS):
        document_id = await drafted(engines, ministry, paper)
        async with engines.db.begin() as tx:
            request = await service.submit(
                tx, ministry.officer.actor, document_id, Wanted(ministry.leader.id)
            )
            request.phone_number = PHONES[number % len(PHONES)]
            tx.session.add(request)
        leader = ministry.leader.actor
        asked.append((request.id, Actor(leader.id, leader.agency_id, leader.roles, new_id())))
    return asked


async def _sign_all(engines: Engines) -> None:
    handlers = {"signing.collect": background.handlers(engines)["signing.collect"]}
    worker = asyncio.create_task(Worker(engines.db, handlers).run())
    try:
        async with asyncio.timeout(300), engines.db.commits() as committed:
            while not await _are_signed(engines):
                await committed.wait()
                committed.clear()
    finally:
        worker.cancel()
    if operator(engines).prompts() != PAPERS:
        raise RuntimeError("more prompts than papers")


async def _are_signed(engines: Engines) -> bool:
    async with engines.db.read() as view:
        states = (await view.session.exec(select(SignatureRequest.state))).all()
    return all(state is State.EMBEDDED for state in states)


async def _waits(engines: Engines) -> list[float]:
    """Return for each paper the ms between the kept raw signature and the signed file."""
    async with engines.db.read() as view:
        rows: Sequence[Any] = (await view.session.exec(select(EvidenceRecord))).all()
    times: dict[UUID, dict[str, datetime]] = {}
    for row in rows:
        times.setdefault(row.request_id, {})[row.kind] = row.at
    return [(one["embed"] - one["keep"]).total_seconds() * 1e3 for one in times.values()]


if __name__ == "__main__":
    main()
