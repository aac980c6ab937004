"""The search beside its peers: how well it answers, however the question is spelt, and how quickly.

    KHONGGIAY_DATA=folder python -m bench.bench_lookup [--questions N] [--passages N ...]

`--passages` adds distractors made of the sets' own sentences, to see how the times grow.
"""

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean, stdev

from api import migrations
from api.lookup import corpus
from api.lookup.analysis.text import fold
from api.lookup.corpus import halved
from api.wiring import index_of
from bench.harness import Report, note, percentile
from bench.judged import Judged, sets
from bench.peers import searches
from bench.peers.searches import Search
from core.db import Database
from core.ids import derived

GOALS = {
    "human questions": "ours >= 0.90", "LLM questions": "ours >= 0.905",
    "known items": "ours >= 0.93", "own": "ours >= 0.95",
}  # fmt: skip
PEERS: dict[str, Callable[..., Search | None]] = {
    "FTS5 bm25": searches.stock_fts5,
    "FTS5 bigrams": searches.fts5_bigrams,
    "tantivy": searches.tantivy,
}


class Ours:
    """The product's search over a set, in a database of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder, self._url = folder, f"sqlite+aiosqlite:///{folder / 'corpus.db'}"
        migrations.upgrade(self._url)
        self.took: list[float] = []

    def load(self, documents: Sequence[dict[str, object]]) -> float:
        """Load documents; return how many a second."""
        lines = self.folder / "corpus.jsonl"
        lines.write_text("".join(json.dumps(one) + "\n" for one in documents), "utf-8")
        started = time.perf_counter()
        asyncio.run(self._load(lines))
        return len(documents) / (time.perf_counter() - started)

    async def _load(self, lines: Path) -> None:
        db = Database(self._url)
        await corpus.load(db, index_of(db), lines, lambda _: None)
        await db.dispose()

    def ranks(self, questions: Sequence[tuple[str, set[str]]]) -> list[float]:
        """Ask; return for each question one over the rank of its answer."""
        return asyncio.run(self._ranks(questions))

    async def _ranks(self, questions: Sequence[tuple[str, set[str]]]) -> list[float]:
        db = Database(self._url)
        found = []
        for query, relevant in questions:
            started = time.perf_counter()
            ids = await corpus.ask(db, index_of(db), query)
            self.took.append(1000 * (time.perf_counter() - started))
            wanted = {derived("corpus", one) for one in relevant}
            found.append(_reciprocal([one in wanted for one in ids]))
        await db.dispose()
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=1_000_000, help="of each set at most")
    parser.add_argument("--passages", type=int, nargs="*", default=[], help="sizes to grow to")
    asked = parser.parse_args()
    report = Report("lookup")
    with tempfile.TemporaryDirectory(prefix="kg-lookup-") as folder:
        judged = sets(Path(folder))
        for number, one in enumerate(judged):
            quality(report, one, Path(folder) / str(number), asked.questions)
        for size in asked.passages:
            growth(report, judged[-1], Path(folder) / f"grown {size}", size)


def quality(report: Report, judged: Judged, folder: Path, most: int) -> None:
    """Measure how well one set is answered, in every spelling, beside every peer."""
    questions = judged.questions[:most]
    note(f"{judged.name}: {len(judged.documents)} documents, {len(questions)} questions")
    ours = Ours(folder)
    rate = ours.load(judged.documents)
    plain = ours.ranks(questions)
    peers = {name: make(judged.documents) for name, make in PEERS.items()}
    for name, peer in peers.items():
        if peer is None:
            note(f"{name} is not installed: not measured")
            continue
        theirs, took = _asked(peer, questions)
        goal = GOALS[judged.name]
        report.add(f"{judged.name}: MRR@10", "share", mean(plain), goal=goal,
                   against=(name, mean(theirs)))  # fmt: skip
        times = (name, percentile(took, 0.5))
        report.add(f"{judged.name}: p50", "ms", percentile(ours.took, 0.5), against=times)
        if name == "FTS5 bigrams":
            _gain(report, judged.name, plain, theirs)
    report.add(f"{judged.name}: recall@10", "share", mean(rank > 0 for rank in plain))
    report.add(f"{judged.name}: documents loaded", "1/s", rate)
    _spellings(report, judged.name, ours, questions, mean(plain))


def _spellings(
    report: Report, name: str, ours: Ours, questions: Sequence[tuple[str, set[str]]], mrr: float
) -> None:
    dice = random.Random(0)
    spell: dict[str, Callable[[str], str]] = {
        "without diacritics": fold,
        "with half of them": lambda query: halved(query, dice),
    }
    for how, spelt in spell.items():
        found = mean(ours.ranks([(spelt(query), relevant) for query, relevant in questions]))
        report.add(f"{name} {how}: MRR@10 lost", "share", mrr - found, goal="ours <= 0.005")


def _gain(report: Report, name: str, ours: list[float], theirs: list[float]) -> None:
    """Report the paired gain over the best stock engine, and its standard error."""
    gains = [one - other for one, other in zip(ours, theirs, strict=True)]
    report.add(f"{name}: paired gain over FTS5 bigrams", "share", mean(gains))
    report.add(f"{name}: its standard error", "share", stdev(gains) / len(gains) ** 0.5)


def growth(report: Report, judged: Judged, folder: Path, size: int) -> None:
    """Measure the times among so many passages, most of them distractors."""
    note(f"growing to {size} passages")
    ours = Ours(folder)
    rate = ours.load(grown(judged.documents, size))
    ours.ranks(judged.questions[:300])
    report.add(f"{size} passages: p50", "ms", percentile(ours.took, 0.5), goal="ours <= 5")
    report.add(f"{size} passages: p99", "ms", percentile(ours.took, 0.99), goal="ours <= 40")
    kept = sum(path.stat().st_size for path in folder.glob("corpus.db*"))
    report.add(f"{size} passages: database", "bytes/passage", kept / size)
    report.add(f"{size} passages: documents loaded", "1/s", rate)


def grown(documents: Sequence[dict[str, object]], size: int) -> list[dict[str, object]]:
    """Return the documents, and more of about a passage each, made of their sentences."""
    dice = random.Random(1)
    sentences = [one for row in documents for one in str(row["body"]).split("\n") if len(one) > 40]
    sentences = sentences or [str(row["title"]) for row in documents]
    more: list[dict[str, object]] = [
        {"id": f"distractor {n}", "title": dice.choice(sentences)[:120],
         "body": " ".join(dice.choices(sentences, k=5))[:1400]}
        for n in range(max(0, size - len(documents)))
    ]  # fmt: skip
    return [*documents, *more]


def _asked(
    peer: Search, questions: Sequence[tuple[str, set[str]]]
) -> tuple[list[float], list[float]]:
    ranks, took = [], []
    for query, relevant in questions:
        started = time.perf_counter()
        ids = peer(query)
        took.append(1000 * (time.perf_counter() - started))
        ranks.append(_reciprocal([one in relevant for one in ids]))
    return ranks, took


def _reciprocal(right: list[bool]) -> float:
    return 1 / (right.index(True) + 1) if True in right else 0.0


if __name__ == "__main__":
    main()
