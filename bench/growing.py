"""How times and sizes grow with the archive, beside the peers in the same run."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench import exact
from bench.harness import Report, note, percentile
from bench.judged import Judged
from bench.ours import Ours
from bench.peers import searches
from bench.peers.searches import Search
from tests.support.databases import postgres_server

ASKED = 300
#: The size for which the goals are.
ARCHIVE = 112_000
_PEERS: dict[str, Callable[..., Search | None]] = {
    "FTS5 bm25": searches.stock_fts5,
    "tantivy": searches.tantivy,
    "PostgreSQL ts_rank": searches.postgresql,
}


def measure(report: Report, judged: Judged, folder: Path, size: int) -> None:
    """Measure times, sizes and rates among so many passages, most of them distractors."""
    note(f"growing to {size} passages")
    documents = grown(judged.documents, size)
    ours = Ours(folder)
    rate = ours.load(documents)
    report.add(f"{size} passages: loaded", "1/s", rate)
    report.add(f"{size} passages: database", "bytes/passage", ours.size / size)
    asked = [one for one in judged.questions if 6 <= len(one[0].split()) <= 20][:ASKED]
    ours.ranks(asked)
    _times(report, f"{size} passages", ours.took, size)
    report.add(f"{size} passages: CPU p50", "ms", percentile(ours.cpu, 0.5))
    titles = [str(row["title"]) for row in judged.documents if row["title"]]
    ours.run(lambda db, index: exact.typing(report, f"{size} passages", db, index, titles))
    if size <= ARCHIVE:
        for name, make in _PEERS.items():
            _beside(report, name, make, documents, [query for query, _ in asked], ours)
        _on_postgresql(report, documents, asked, folder, size)


def _times(report: Report, name: str, took: Sequence[float], size: int) -> None:
    median, most = ("ours <= 5", "ours <= 40") if size <= ARCHIVE else (None, "ours <= 150")
    report.add(f"{name}: p50", "ms", percentile(took, 0.5), goal=median)
    report.add(f"{name}: p99", "ms", percentile(took, 0.99), goal=most)


def _beside(
    report: Report, name: str, make: Callable[..., Search | None],
    documents: Sequence[dict[str, Any]], asked: Sequence[str], ours: Ours,
) -> None:  # fmt: skip
    peer, built = searches.built(make, documents)
    if peer is None:
        note(f"{name} is not here: not measured")
        return
    took = [searches.timed(peer, query)[1] for query in asked]
    for share in (0.5, 0.99):
        case = f"{len(documents)} documents: p{100 * share:.0f}"
        theirs = percentile(took, share)
        report.add(case, "ms", percentile(ours.took, share), against=(name, theirs))
    report.add(f"{name} built: documents", "1/s", len(documents) / built)


def _on_postgresql(
    report: Report, documents: Sequence[dict[str, Any]], asked: Sequence[tuple[str, set[str]]],
    folder: Path, size: int,
) -> None:  # fmt: skip
    """Measure our own search on PostgreSQL, against its own ranking in the same server."""
    if not searches.has_postgresql():
        note("PostgreSQL is not here: not measured")
        return
    with postgres_server() as server:
        url = searches.new_database(server)
        ours = Ours(folder / "postgresql", url.replace("postgresql://", "postgresql+asyncpg://"))
        ours.load(documents)
        ours.ranks(asked)
        stock = searches.postgresql_at(searches.new_database(server), documents)
        took = [searches.timed(stock, query)[1] for query, _ in asked]
        for share, goal in ((0.5, None), (0.99, "ratio <= 0.25")):
            report.add(f"{size} passages on PostgreSQL: p{100 * share:.0f}", "ms",
                       percentile(ours.took, share), goal=goal,
                       against=("ts_rank", percentile(took, share)))  # fmt: skip


def grown(documents: Sequence[dict[str, Any]], size: int) -> list[dict[str, Any]]:
    """Return the documents, and more of about a passage each, made of their sentences."""
    dice = random.Random(1)
    sentences = [one for row in documents for one in str(row["body"]).split("\n") if len(one) > 40]
    sentences = sentences or [str(row["title"]) for row in documents]
    more: list[dict[str, Any]] = [
        {"id": f"distractor {n}", "title": dice.choice(sentences)[:120],
         "body": " ".join(dice.choices(sentences, k=5))[:1400]}
        for n in range(max(0, size - len(documents)))
    ]  # fmt: skip
    return [*documents, *more]
