"""What every engine for OCR promises; an adapter is done when this passes for it."""

from pathlib import Path

import pytest

from api.documents.ocr.absent import AbsentOcr
from api.documents.ocr.port import Ocr, OcrAbsent, OcrFailed
from api.documents.ocr.tesseract import TesseractOcr
from api.documents.words import PARTS, text_of
from core.bounds import OcrEngine
from tests.support.pdfs import written
from tests.support.scans import engine, pictures_of

LINES = ("BỘ TÀI NGUYÊN VÀ MÔI TRƯỜNG", "Kính gửi: Ủy ban nhân dân các tỉnh ven biển")


@pytest.fixture(params=["absent", "tesseract", "not installed"])
async def ocr(request: pytest.FixtureRequest) -> Ocr:
    if request.param == "tesseract":
        return await engine()
    if request.param == "absent":
        return AbsentOcr()
    return TesseractOcr(OcrEngine(command="tesseract-that-nobody-has"))


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    (page,) = pictures_of(written(tmp_path / "page.pdf", LINES))
    page.save(tmp_path / "page.png")
    return tmp_path / "page.png"


async def test_it_reads_exactly_when_it_says_that_it_is_there(ocr: Ocr, picture: Path) -> None:
    if await ocr.is_there():
        assert text_of(await ocr.read(picture)).splitlines() == list(LINES)
    else:
        with pytest.raises(OcrAbsent):
            await ocr.read(picture)


async def test_every_word_has_a_place_and_a_confidence(ocr: Ocr, picture: Path) -> None:
    if not await ocr.is_there():
        return
    words = await ocr.read(picture)

    for word in words:
        assert 0 <= word.left < word.right <= PARTS
        assert 0 <= word.top < word.bottom <= PARTS
        assert 0 <= word.confidence <= 100
        assert word.text.split() == [word.text]
    assert text_of(words).split() == [word.text for word in words]


async def test_what_is_no_picture_fails_and_the_next_is_read(ocr: Ocr, picture: Path) -> None:
    if not await ocr.is_there():
        return
    broken = picture.with_name("broken.png")
    broken.write_bytes(picture.read_bytes()[:2000])

    with pytest.raises(OcrFailed):
        await ocr.read(broken)

    assert await ocr.read(picture)
