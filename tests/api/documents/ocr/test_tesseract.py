"""Tesseract is read column by column, and never gets more than its limits."""

from pathlib import Path

import pytest
from PIL import Image

from api.documents.ocr.port import OcrFailed
from api.documents.ocr.tesseract import TesseractOcr, words_in
from api.documents.paper import write_decision
from api.documents.words import text_of
from api.lookup.analysis.text import syllables
from core.bounds import OcrEngine
from tests.support.papers import decision_page
from tests.support.scans import engine, pictures_of, share_found

HEAD = (
    "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext"
)


def row(line: int, left: int, text: str, confidence: float = 96.4) -> str:
    return f"5\t1\t1\t1\t{line}\t1\t{left}\t100\t80\t20\t{confidence}\t{text}"


def test_a_wide_gap_parts_two_columns() -> None:
    page = "1\t1\t0\t0\t0\t0\t0\t0\t1000\t2000\t-1\t"
    table = [HEAD, page, row(1, 0, "Số:"), row(1, 90, "12/QĐ"), row(1, 400, "Hà"), row(2, 0, "Nội")]

    words = list(words_in("\n".join(table)))

    assert text_of(words).splitlines() == ["Số: 12/QĐ", "Hà", "Nội"]
    assert words[2] == ("Hà", 96, 1, 4000, 500, 4800, 600)


@pytest.mark.parametrize("told", ["", "nonsense", HEAD, "a\tb\n5\t1"])
def test_what_is_no_table_is_refused(told: str) -> None:
    with pytest.raises(ValueError, match="0"):
        list(words_in(told))


async def test_a_clean_page_gives_its_syllables(tmp_path: Path) -> None:
    ocr = await engine()
    sheet = tmp_path / "decision.pdf"
    write_decision(decision_page(), sheet)
    (page,) = pictures_of(sheet)
    page.save(tmp_path / "page.png")

    read = syllables(text_of(await ocr.read(tmp_path / "page.png")))

    wanted = syllables(" ".join(decision_page()["articles"] + decision_page()["grounds"]))
    assert share_found(wanted, read) >= 0.99


@pytest.mark.parametrize(
    "limits", [{"memory_bytes": 64 * 1024**2}, {"cpu_seconds": 0}, {"wall_seconds": 0}]
)
async def test_a_picture_gets_no_more_than_its_limits(
    tmp_path: Path, limits: dict[str, int]
) -> None:
    await engine()
    Image.effect_noise((1600, 2200), 90).save(tmp_path / "noise.png")
    ocr = TesseractOcr(OcrEngine().model_copy(update=limits))

    with pytest.raises(OcrFailed):
        await ocr.read(tmp_path / "noise.png")
