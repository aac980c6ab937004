"""Tesseract as a bounded subprocess: one picture, one process, no network, no state."""

import shutil
import unicodedata
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from typing_extensions import override

from api.documents.ocr.port import Layout, Ocr, OcrAbsent, OcrFailed
from api.documents.words import GAP, PARTS, Word
from core.bounds import OcrEngine
from core.sandbox import program

#: Two threads cost twice the time and gain a tenth.
_ONE_THREAD = {"OMP_THREAD_LIMIT": "1"}
#: Columns of what it prints with `tsv`.
_COLUMNS = 12
_PAGE, _WORD = "1", "5"
#: Its modes: "a single column of text of variable sizes" keeps header, body and signature in their
#: order; "a uniform block of text" finds short words too.
_MODES = {Layout.PAGE: "4", Layout.LINES: "6"}
#: More than this is no page of writing.
_MOST_WORDS = 20_000


class _Row(NamedTuple):
    """One word as Tesseract tells it, in pixels."""

    line: tuple[str, ...]
    left: int
    top: int
    width: int
    height: int
    confidence: float
    text: str


class TesseractOcr(Ocr):
    """Debian's `tesseract-ocr` with `tesseract-ocr-vie`."""

    def __init__(self, engine: OcrEngine) -> None:
        self._engine = engine

    @override
    async def is_there(self) -> bool:
        if shutil.which(self._engine.command) is None:
            return False
        listed = await self._run("--list-langs")
        return self._engine.language in listed.split()

    @override
    async def read(self, picture: Path, layout: Layout = Layout.PAGE) -> list[Word]:
        if shutil.which(self._engine.command) is None:
            raise OcrAbsent
        mode = ("-l", self._engine.language, "--psm", _MODES[layout])
        told = await self._run(str(picture), "stdout", *mode, "tsv")
        try:
            return list(words_in(told))
        except ValueError as error:
            raise OcrFailed("answer") from error

    async def _run(self, *arguments: str) -> str:
        try:
            ended = await program.run(self._engine, *arguments, environment=_ONE_THREAD)
        except TimeoutError:
            raise OcrFailed("time") from None
        if ended.status != 0:
            raise OcrFailed("crash")
        return ended.told.decode("utf-8", "replace")


def words_in(told: str) -> Iterator[Word]:
    """Yield the words that Tesseract's table tells, in parts of the page.

    Raises:
        ValueError: it is no such table.
    """
    rows = [row.split("\t") for row in told.splitlines()[1 : 2 * _MOST_WORDS]]
    rows = [row for row in rows if len(row) == _COLUMNS]
    sizes = [(int(row[8]), int(row[9])) for row in rows if row[0] == _PAGE]
    if len(sizes) != 1:
        raise ValueError(len(sizes))
    number = -1
    for _, group in groupby((_row(row) for row in rows if row[0] == _WORD), itemgetter(0)):
        line = [row for row in group if row.text]
        tall = max((row.height for row in line), default=0)
        edge: int | None = None
        for row in line:
            if edge is None or row.left - edge > GAP * tall:
                number += 1
            edge = row.left + row.width
            yield _word(row, number, sizes[0])


def _row(row: list[str]) -> _Row:
    left, top, width, height = (int(each) for each in row[6:10])
    text = "".join(unicodedata.normalize("NFC", row[11]).split())
    printable = "".join(sign for sign in text if sign.isprintable())
    return _Row(tuple(row[2:5]), left, top, width, height, float(row[10]), printable)


def _word(row: _Row, line: int, size: tuple[int, int]) -> Word:
    def part(pixels: int, of: int) -> int:
        return max(0, min(PARTS, pixels * PARTS // max(of, 1)))

    return Word(
        row.text,
        max(0, min(100, round(row.confidence))),
        line,
        part(row.left, size[0]),
        part(row.top, size[1]),
        part(row.left + row.width, size[0]),
        part(row.top + row.height, size[1]),
    )
