"""What must be right every time: numbers, keyboards, normal forms, and suggestions in time."""

import random
import time
import unicodedata
from collections.abc import Sequence
from typing import Any

from sqlmodel import select

from api.lookup import finding, queries, suggesting
from api.lookup.analysis.keyboard import repaired
from api.lookup.analysis.lexicon import lexicon
from api.lookup.analysis.numbers import key_of
from api.lookup.analysis.text import fold
from api.lookup.corpus import READER
from api.lookup.filters import Filters
from api.lookup.index.port import Index
from api.lookup.models import LookupEntry
from api.lookup.plan import plan_of
from api.lookup.queries import Asked
from api.lookup.schemas import ResultsOut
from bench.harness import Report, note, percentile
from bench.spellings import NUMBERS, leftovers, type_first
from core.db import Database

SEARCHED = 400


async def numbers(report: Report, db: Database, index: Index, printed: Sequence[str]) -> None:
    """Ask for every number in every spelling: what the store says, what the search puts first."""
    note(f"{len(printed)} numbers in {len(NUMBERS)} spellings")
    async with db.read() as view:
        known = dict((await view.session.exec(select(LookupEntry.document_id,
                                                     LookupEntry.number_key))).all())  # fmt: skip
    asked = [(how, spell(one), key_of(one)) for one in printed for how, spell in NUMBERS.items()]
    asked += [("type first", said, key_of(one)) for one in printed if (said := type_first(one))]
    took, wrong = [], 0
    async with db.read() as view:
        visible = finding.visible_to(READER, view, Filters())
        for _, query, key in asked:
            plan = plan_of(query)
            started = time.perf_counter()
            found = await finding.with_the_number(view, plan, visible)
            took.append(1000 * (time.perf_counter() - started))
            wrong += not found or {known[one] for one in found} != {key}
    report.add("numbers in every spelling: right", "share", 1 - wrong / len(asked),
               goal="ours >= 1")  # fmt: skip
    report.add("numbers: p50 in the store", "ms", percentile(took, 0.5))
    report.add("numbers: p99 in the store", "ms", percentile(took, 0.99), goal="ours <= 1")
    some = random.Random(4).sample(asked, min(SEARCHED, len(asked)))
    first = 0
    for _, query, key in some:
        async with db.read() as view:
            ranked = await queries.found(view, index, READER, Asked(query=query), plan_of(query))
        first += bool(ranked) and known[ranked[0].document_id] == key
    report.add("numbers, whole search: at rank 1", "share", first / len(some), goal="ours >= 1")


def keyboards(report: Report) -> None:
    """Undo what Telex and VNI left of every word of the lexicon."""
    known, often = lexicon(), 0
    right, right_often, count = 0, 0, 0
    for word, times in known.spellings.items():
        if fold(word) not in known.syllables or fold(word) == word:
            continue
        for typed in leftovers(word):
            is_right = repaired(fold(typed)) == fold(word)
            count, right = count + 1, right + is_right
            often, right_often = often + times, right_often + is_right * times
    report.add("Telex and VNI leftovers: syllables repaired", "share", right / count,
               goal="ours >= 0.995")  # fmt: skip
    report.add("the same, by how often they are used", "share", right_often / often)


async def normal_forms(report: Report, db: Database, index: Index, asked: Sequence[str]) -> None:
    """Ask in NFC and in NFD: not a byte may differ."""
    differ = 0
    for query in asked:
        answers = []
        for form in ("NFC", "NFD"):
            spelt = unicodedata.normalize(form, query)
            async with db.read() as view:
                found = await queries.search(view, index, READER, Asked(query=spelt))
            answers.append(ResultsOut.of(found).model_dump_json())
        differ += answers[0] != answers[1]
    report.add("NFC and NFD: answers that differ", "answers", differ, goal="ours <= 0")


async def typing(
    report: Report, name: str, db: Database, index: Index, titles: Sequence[str]
) -> None:
    """Suggest at every keystroke from the second on."""
    dice, took = random.Random(6), []
    for title in dice.sample(list(titles), min(40, len(titles))):
        words = " ".join(title.split()[:6])
        for end in range(2, min(len(words), 30)):
            async with db.read() as view:
                started = time.perf_counter()
                await suggesting.suggest(view, index, READER, words[:end])
                took.append(1000 * (time.perf_counter() - started))
    report.add(f"{name}: as you type, p50", "ms", percentile(took, 0.5))
    report.add(f"{name}: as you type, p99", "ms", percentile(took, 0.99), goal="ours <= 30")


def with_a_number(documents: Sequence[dict[str, Any]]) -> list[str]:
    """Return the numbers of documents as they are printed."""
    return [str(one["number"]) for one in documents if one.get("number") and key_of(one["number"])]
