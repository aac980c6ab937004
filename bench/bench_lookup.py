"""The search beside its peers: how well it answers, however the question is spelt, and how quickly.

    KHONGGIAY_DATA=folder python -m bench.bench_lookup [--questions N] [--passages N] [--only PART]

`--passages` adds distractors made of the sets' own sentences, to see how times and sizes grow: the
goals are for 112000. `--only` measures one part: quality, exact, saved or growth.
"""

import argparse
import random
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean, stdev

from api.lookup.analysis.text import fold
from api.lookup.corpus import halved
from bench import exact, growing, watching
from bench.harness import Report, is_quick, note, percentile
from bench.judged import Judged, sets
from bench.ours import Ours, Question, reciprocal
from bench.peers import searches
from bench.peers.searches import Search

#: What each set asks for, and how well it must be answered.
GOALS = {
    "human questions": ("ours >= 0.90", "ours >= 0.98"),
    "LLM questions": ("ours >= 0.905", None),
    "known items": ("ours >= 0.93", None),
    "own": ("ours >= 0.95", "ours >= 1"),
}
PEERS: dict[str, Callable[..., Search | None]] = {
    "FTS5 bm25": searches.stock_fts5,
    "FTS5 bigrams": searches.fts5_bigrams,
    "tantivy": searches.tantivy,
    "PostgreSQL ts_rank": searches.postgresql,
}
PARTS = ("quality", "exact", "saved", "growth")
REMEMBERED = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=20 if is_quick() else 1_000_000,
                        help="of each set at most")  # fmt: skip
    parser.add_argument("--passages", type=int, nargs="*", default=[], help="sizes to grow to")
    parser.add_argument("--only", choices=PARTS, help="one part alone")
    asked = parser.parse_args()
    report = Report("lookup")
    with tempfile.TemporaryDirectory(prefix="kg-lookup-") as folder:
        judged = sets(Path(folder))
        if asked.only in {None, "quality"}:
            for number, one in enumerate(judged):
                quality(report, one, Path(folder) / str(number), asked.questions)
        if asked.only in {None, "exact"}:
            must_be_right(report, judged[-1], Path(folder) / "exact")
        if asked.only in {None, "saved"}:
            rows = judged[-1].documents
            watching.measure(report, rows, Path(folder) / "saved", judged[-1].name)
        if asked.only in {None, "growth"}:
            for size in asked.passages:
                growing.measure(report, judged[-1], Path(folder) / f"grown {size}", size)
    searches.end()


def quality(report: Report, judged: Judged, folder: Path, most: int) -> None:
    """Measure how well one set is answered, in every spelling, beside every peer."""
    name, questions = judged.name, judged.questions[:most]
    note(f"{name}: {len(judged.documents)} documents, {len(questions)} questions")
    ours = Ours(folder)
    rate = ours.load(judged.documents)
    plain = ours.ranks(questions)
    goal, recalled = GOALS[name]
    for peer_name, make in PEERS.items():
        peer = make(judged.documents)
        if peer is None:
            note(f"{peer_name} is not here: not measured")
            continue
        theirs, took = asked_of(peer, questions)
        against = (peer_name, mean(theirs))
        report.add(f"{name}: MRR@10", "share", mean(plain), goal=goal, against=against)
        times = (peer_name, percentile(took, 0.5))
        report.add(f"{name}: p50", "ms", percentile(ours.took, 0.5), against=times)
        if peer_name == "FTS5 bigrams":
            _gain(report, name, plain, theirs)
    report.add(f"{name}: recall@10", "share", mean(rank > 0 for rank in plain), goal=recalled)
    report.add(f"{name}: p99", "ms", percentile(ours.took, 0.99))
    report.add(f"{name}: CPU, mean", "ms", mean(ours.cpu))
    report.add(f"{name}: documents loaded", "1/s", rate)
    _spellings(report, name, ours, questions, mean(plain))
    if name == "known items":
        _half_remembered(report, judged, ours, questions)


def _spellings(
    report: Report, name: str, ours: Ours, questions: Sequence[Question], mrr: float
) -> None:
    dice = random.Random(0)
    spell: dict[str, Callable[[str], str]] = {
        "without diacritics": fold,
        "with half of them": lambda query: halved(query, dice),
    }
    for how, spelt in spell.items():
        found = mean(ours.ranks([(spelt(query), relevant) for query, relevant in questions]))
        report.add(f"{name} {how}: MRR@10 lost", "share", mrr - found, goal="ours <= 0.005")


def _half_remembered(
    report: Report, judged: Judged, ours: Ours, questions: Sequence[Question]
) -> None:
    """Ask with the first words alone, and with the type of the document beside them."""
    short = [(" ".join(query.split()[:REMEMBERED]), relevant) for query, relevant in questions]
    found = mean(ours.ranks(short))
    report.add("known items, first 8 syllables: MRR@10", "share", found, goal="ours >= 0.58")
    types = {str(row["id"]): str(row["type"]) for row in judged.documents if row.get("type")}
    typed = [(query, relevant, types[one]) for query, relevant in short
             for one in relevant if one in types]  # fmt: skip
    at_five = mean(rank >= 1 / 5 for rank in ours.ranks_of_type(typed))
    report.add("known items, first 8 syllables and the type: recall@5", "share", at_five,
               goal="ours >= 0.90")  # fmt: skip


def _gain(report: Report, name: str, ours: list[float], theirs: list[float]) -> None:
    """Report the paired gain over the best stock engine, and its standard error."""
    gains = [one - other for one, other in zip(ours, theirs, strict=True)]
    report.add(f"{name}: paired gain over FTS5 bigrams", "share", mean(gains))
    report.add(f"{name}: its standard error", "share", stdev(gains) / len(gains) ** 0.5)


def must_be_right(report: Report, judged: Judged, folder: Path) -> None:
    """Measure what must be right every time."""
    ours = Ours(folder)
    ours.load(judged.documents)
    exact.keyboards(report)
    printed = exact.with_a_number(judged.documents)[: 100 if is_quick() else None]
    ours.run(lambda db, index: exact.numbers(report, db, index, printed))
    queries = [query for query, _ in judged.questions[:100]]
    ours.run(lambda db, index: exact.normal_forms(report, db, index, queries))
    titles = [str(row["title"]) for row in judged.documents if row["title"]]
    ours.run(lambda db, index: exact.typing(report, judged.name, db, index, titles))


def asked_of(peer: Search, questions: Sequence[Question]) -> tuple[list[float], list[float]]:
    """Ask a peer; return one over each rank, and the milliseconds that each answer took."""
    ranks, took = [], []
    for query, relevant in questions:
        ids, spent = searches.timed(peer, query)
        took.append(spent)
        ranks.append(reciprocal([one in relevant for one in ids]))
    return ranks, took


if __name__ == "__main__":
    main()
