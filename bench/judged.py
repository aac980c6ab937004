"""Judged sets for the search: documents, questions, and which documents answer them.

They come from the folder that `KHONGGIAY_DATA` names (its `lookup/to_jsonl.py` writes the lines);
else there is only the small corpus of the tests.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.harness import note
from tests.support.library import QUESTIONS, lines

_SETS = {
    "human questions": (("alqac",), "alqac.train"),
    "LLM questions": (("alqac",), "alqac.llm"),
    "known items": (("official", "congbao", "alqac"), "official"),
}


@dataclass(frozen=True, slots=True)
class Judged:
    """A set: the lines of a corpus, and questions with the ids that answer them."""

    name: str
    documents: list[dict[str, Any]]
    questions: list[tuple[str, set[str]]]


def sets(folder: Path) -> list[Judged]:
    """Return every set that is here; `folder` takes the lines."""
    data = Path(os.environ.get("KHONGGIAY_DATA", "")) / "lookup" / "to_jsonl.py"
    if not data.is_file():
        note("KHONGGIAY_DATA names no judged sets: only the small corpus of the tests is measured.")
        return [Judged("own", lines(), [(query, {one}) for query, one in QUESTIONS])]
    subprocess.run([sys.executable, data, folder], check=True, stdout=subprocess.DEVNULL)
    return [_set(folder, name, corpora, asked) for name, (corpora, asked) in _SETS.items()]


def _set(folder: Path, name: str, corpora: tuple[str, ...], asked: str) -> Judged:
    documents = [row for one in corpora for row in _rows(folder / f"{one}.corpus.jsonl")]
    questions = _rows(folder / f"{asked}.queries.jsonl")
    return Judged(name, documents, [(row["query"], set(row["relevant"])) for row in questions])


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
