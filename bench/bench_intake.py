"""Intake: what OCR reads and how fast, the fields of real documents, and a page as a picture."""

import asyncio
import gzip
import json
import os
import re
import tempfile
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from api.documents import intake
from api.documents.fields import Field, propose
from api.documents.flows import Office, open_page
from api.documents.headings import bare
from api.documents.ocr.tesseract import TesseractOcr
from api.documents.pages.drawing import PHONE, THUMBNAIL, draw_for_reading, render_page
from api.documents.paper import write_decision, write_letter
from api.documents.types import types
from api.documents.words import Box, Line, text_of
from api.lookup.analysis.text import syllables
from api.wiring import Engines
from bench import world
from bench.harness import Report, is_quick, note, percentile
from core.bounds import OcrEngine
from core.ids import new_id
from tests.support.correspondence import arrival, content
from tests.support.issuing import office
from tests.support.ministry import Ministry, found
from tests.support.papers import decision_page, letter
from tests.support.scans import as_scan, share_found

_HEADER = "cong hoa xa hoi chu nghia"


def main() -> None:
    report = Report("intake")
    with tempfile.TemporaryDirectory(prefix="kg-bench-") as temporary:
        folder = Path(temporary)
        papers = list(_papers(folder))
        asyncio.run(_ocr(report, folder, papers))
        _pictures(report, papers[0])
        asyncio.run(_first_pages(report, folder, papers[0]))
    _fields(report)


def _papers(folder: Path) -> Iterator[Path]:
    write_decision(decision_page(), folder / "decision.pdf")
    yield folder / "decision.pdf"
    write_letter(letter(), folder / "letter.pdf")
    yield folder / "letter.pdf"


async def _ocr(report: Report, folder: Path, papers: list[Path]) -> None:
    """Measure what is read of clean scans of our own papers, and pages a minute on one core."""
    ocr = TesseractOcr(OcrEngine())
    if not await ocr.is_there():
        note("  OCR is not measured: tesseract-ocr-vie is not installed")
        return
    shares, seconds, read = [], [], ""
    for paper, wanted in zip(papers, (_said(decision_page()), _said(letter())), strict=True):
        scan = as_scan(paper, folder / "scan.pdf")
        for _ in range(1 if is_quick() else 5):
            begun = time.perf_counter()
            drawn = draw_for_reading(scan, 0, 200, folder)
            read = text_of(await ocr.read(folder / drawn["bare"]))
            seconds.append(time.perf_counter() - begun)
        shares.append(share_found(syllables(wanted), syllables(read)))
    recall = sum(shares) / len(shares)
    report.add("folded syllables of clean renders", "share", recall, goal="ours >= 0.99")
    report.add("pages read on one core", "pages/min", 60 * len(seconds) / sum(seconds))


def _said(page: Any) -> str:
    """Return what must stand on a paper, in prose."""
    parts = [page["summary"], *page.get("articles", ()), *page.get("body", ())]
    return " ".join([*parts, *page.get("grounds", ())])


def _pictures(report: Report, paper: Path) -> None:
    spent = []
    for _ in range(5 if is_quick() else 30):
        begun = time.perf_counter()
        render_page(paper, 0, PHONE)
        spent.append(1000 * (time.perf_counter() - begun))
    report.add("draw a page 1080 wide as JPEG, p95", "ms", percentile(spent, 0.95))


async def _first_pages(report: Report, folder: Path, paper: Path) -> None:
    """Measure from the question to the bytes: a page that nobody has seen, and then once more."""
    cold: list[float] = []
    warm: list[float] = []
    small: list[int] = []
    async with world.engines_in(folder / "house") as engines:
        ministry = await found(engines.db)
        desk = office(engines)
        for number in range(8 if is_quick() else 60):
            document_id = await _arrived(engines, ministry, folder, paper, number)
            for spent in (cold, warm):
                begun = time.perf_counter()
                await _seen(engines, desk, ministry, document_id, PHONE)
                spent.append(1000 * (time.perf_counter() - begun))
            small.append(await _seen(engines, desk, ministry, document_id, THUMBNAIL))
    report.add("first page 1080 wide, not drawn yet: p95", "ms", percentile(cold, 0.95),
               goal="ours <= 60")  # fmt: skip
    report.add("the same, drawn: p95", "ms", percentile(warm, 0.95), goal="ours <= 5")
    report.add("thumbnails, the largest", "bytes", max(small), goal="ours <= 20480")


async def _arrived(
    engines: Engines, ministry: Ministry, folder: Path, paper: Path, number: int
) -> UUID:
    """Let a paper come in whose bytes nobody has seen."""
    path = folder / "copy.pdf"
    path.write_bytes(paper.read_bytes() + f"% {number}\n".encode())
    stored = await engines.blobs.put_file(path)
    held, document_id = replace(content(), sha256=stored.sha256, size=stored.size), new_id()
    async with engines.db.begin() as tx:
        clerk, said = ministry.clerk.actor, arrival(ministry)
        await intake.register(tx, clerk, document_id, arrival=said, content=held)
    return document_id


async def _seen(
    engines: Engines, desk: Office, ministry: Ministry, document_id: UUID, width: int
) -> int:
    seen = await open_page(desk, ministry.leader.actor, document_id, page=0, width=width)
    return len(b"".join([chunk async for chunk in await engines.blobs.read(seen.sha256)]))


def _fields(report: Report) -> None:
    """Measure on public documents that have a Vietnamese header, if they are here."""
    named = os.environ.get("KHONGGIAY_DATA", "../shared/data")
    folder = Path(named) / "lookup" / "official"
    if not folder.exists():
        note(f"  fields are not measured: no judged documents in {named}")
        return
    queries = json.loads((folder / "known_item_queries.json").read_text("utf-8"))
    with gzip.open(folder / "official_docs.jsonl.gz", "rt", encoding="utf-8") as file:
        texts = {row["id"]: row["text"] for row in map(json.loads, file)}
    rows = [(one, _lines(texts[one["doc"].removesuffix(".md")])) for one in queries]
    rows = [row for row in rows if _HEADER in bare(" ".join(line.text for line in row[1][:40]))]
    found = [(one, {p.field: p.value for p in propose([(0, lines)])}) for one, lines in rows]
    report.add("documents with a Vietnamese header", "documents", len(found))
    judged = {
        "number and symbol": [_number(said) == _plain(one["no"]) for one, said in found],
        "type": [_type(said) == bare(one["typ"]) for one, said in found],
        "date found": [Field.ISSUED_ON in said for _, said in found],
    }
    for name, goal in (("number and symbol", 0.98), ("type", 0.97), ("date found", 0.97)):
        share = sum(judged[name]) / len(judged[name])
        report.add(f"fields: {name}", "share", share, goal=f"ours >= {goal}")


def _number(said: dict[Field, str]) -> str:
    return _plain(said.get(Field.NUMBER, "") + said.get(Field.SYMBOL, ""))


def _type(said: dict[Field, str]) -> str:
    kind = types().get(said.get(Field.TYPE, ""))
    return bare(kind.vi) if kind else ""


def _plain(text: str) -> str:
    return re.sub(r"[^0-9a-z]", "", bare(text))


def _lines(markdown: str) -> list[Line]:
    """Return the blocks of a page that was made into markdown, each as a line."""
    text = re.sub(r"[*_]+", "", unicodedata.normalize("NFC", markdown))
    blocks = re.split(r"\n\s*\n|\n?\|\n?|\s\|\s", text)
    plain = (re.sub(r"\s+", " ", block).strip(" |-–_") for block in blocks)
    return [
        Line(block, 100, Box(0, 40 * n, 10_000, 40 * n + 20))
        for n, block in enumerate(filter(None, plain))
    ]


if __name__ == "__main__":
    main()
