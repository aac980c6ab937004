"""A ministry measures the search with documents and questions of its own."""

import json
import random
import unicodedata
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.lookup import corpus, queries
from api.lookup.analysis.text import fold
from api.lookup.corpus import READER, Question, halved, pages_of
from api.lookup.errors import NoArchive, NotACorpus, UnreadableLine
from api.lookup.index.port import Index
from api.lookup.queries import Asked
from api.wiring import index_of
from core.db import Database
from core.ids import derived
from tests.api.lookup.conftest import Library, Paper
from tests.support.library import QUESTIONS, lines

Archive = tuple[Database, Index]
ASKED = [Question(query=query, relevant=[one]) for query, one in QUESTIONS]


@pytest.fixture
async def archive(database_url: str, tmp_path: Path) -> AsyncGenerator[Archive]:
    db = Database(database_url)
    index = index_of(db)
    await corpus.load(db, index, written(tmp_path, lines()), print)
    yield db, index
    await db.dispose()


def written(folder: Path, rows: Sequence[Mapping[str, Any]], name: str = "corpus.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


async def found(archive: Archive, query: str) -> list[object]:
    db, index = archive
    async with db.read() as view:
        answer = await queries.search(view, index, READER, Asked(query=query))
    return [one.document.id for one in answer.results]


@pytest.mark.parametrize(
    "spell",
    [str, fold, str.upper, lambda query: unicodedata.normalize("NFD", query),
     lambda query: halved(query, random.Random(0))],
)  # fmt: skip
async def test_every_question_finds_its_document_first(
    archive: Archive, spell: Callable[[str], str]
) -> None:
    asked = [one.model_copy(update={"query": spell(one.query)}) for one in ASKED]

    measured = await corpus.evaluate(*archive, asked, print)

    assert (measured["queries"], measured["recall@10"], measured["mrr@10"]) == (len(ASKED), 1, 1)


async def test_a_document_that_is_loaded_again_takes_its_own_place(
    archive: Archive, tmp_path: Path
) -> None:
    db, index = archive
    again = [lines()[0] | {"title": "Trồng tre chắn sóng", "body": ""}]

    await corpus.load(db, index, written(tmp_path, again), print)

    assert (await found(archive, "trồng tre chắn sóng"))[0] == derived("corpus", "dyke")
    assert derived("corpus", "dyke") not in await found(archive, "rọ thép, đá hộc")


async def test_an_archive_of_an_agency_is_no_place_for_a_corpus(
    library: Library, tmp_path: Path
) -> None:
    await library.receive(Paper("Bảo vệ rừng"))

    with pytest.raises(NotACorpus):
        await corpus.load(
            library.engines.db, library.engines.index, written(tmp_path, lines()), print
        )


async def test_a_line_that_cannot_be_read_is_named(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"id": "a"}\n\n{"id": null}\n', "utf-8")

    with pytest.raises(UnreadableLine) as refusal:
        await corpus.load(*archive, path, print)

    assert refusal.value.facts == {"line": 3}


async def test_what_programs_write_into_such_files_is_taken(
    archive: Archive, tmp_path: Path
) -> None:
    rows: list[dict[str, Any]] = [
        {"id": 7, "title": "Nuôi tôm\0 hùm", "date": "", "number": 12, "body": "lồng\0bè"},
        {"id": 8, "title": "Nuôi tôm sú", "date": "2024-02-29", "issuer": None, "more": [1]},
    ]
    await corpus.load(*archive, written(tmp_path, rows), print)
    asked = [
        Question.model_validate({"query": "nuôi tôm", "relevant": relevant})
        for relevant in ([7], [8, 9], [])
    ]

    measured = await corpus.evaluate(*archive, asked, print)

    assert measured["recall@10"] == 0.5


def test_a_line_as_deep_as_the_sea_is_named(tmp_path: Path) -> None:
    path = tmp_path / "deep.jsonl"
    path.write_text("[" * 200_000 + "\n", "utf-8")

    with pytest.raises(UnreadableLine):
        corpus.questions_in(path)


@pytest.mark.parametrize("word", ["eval", "rebuild"])
@pytest.mark.parametrize("at", ["none.db", "none/none.db", "empty.db"])
def test_what_is_not_there_is_not_measured_and_not_made(tmp_path: Path, word: str, at: str) -> None:
    (tmp_path / "empty.db").touch()
    file = [str(written(tmp_path, [], "questions.jsonl"))] if word == "eval" else []

    refused = CliRunner().invoke(app, ["lookup", word, *file, "--db", f"sqlite:///{tmp_path / at}"])

    assert isinstance(refused.exception, NoArchive)
    assert not (tmp_path / "none.db").exists()


def test_a_long_body_is_cut_into_pages_and_nothing_is_lost() -> None:
    body = "\n".join(
        [f"Điều {n}. " + "các cơ quan thi hành " * 20 for n in range(40)] + ["x" * 9999]
    )

    pages = list(pages_of(body))

    assert len(pages) > 10
    assert "".join(pages).replace("\n", "").replace(" ", "") == body.replace("\n", "").replace(
        " ", ""
    )


def test_half_of_the_diacritics_are_dropped_the_same_ones_every_time() -> None:
    query = "tu bổ đê điều mùa lũ"

    assert halved(query, random.Random(0)) == halved(query, random.Random(0))
    assert halved(query, random.Random(0)) in {"tu bổ de điều mua lũ", "tu bo đê dieu mùa lu"}


def test_the_command_ends_with_one_line_of_what_it_measured(tmp_path: Path) -> None:
    db = ["--db", f"sqlite:///{tmp_path / 'new' / 'corpus.db'}"]
    rows = [{"query": query, "relevant": [one]} for query, one in QUESTIONS]
    asked = written(tmp_path, rows, "questions.jsonl")
    run = CliRunner()

    loaded = run.invoke(app, ["lookup", "load", str(written(tmp_path, lines())), *db])
    measured = run.invoke(app, ["lookup", "eval", str(asked), "--fold", *db])
    rebuilt = run.invoke(app, ["lookup", "rebuild", *db])

    assert json.loads(loaded.stdout.splitlines()[-1]) == {"documents": len(lines())}
    line = json.loads(measured.stdout.splitlines()[-1])
    assert list(line) == ["queries", "recall@10", "mrr@10", "p50_ms", "p99_ms"]
    assert line["mrr@10"] == 1
    assert json.loads(rebuilt.stdout.splitlines()[-1]) == {"documents": len(lines())}
