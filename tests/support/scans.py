"""Scanned paper: written pages as pictures, stamped or not, and the engine that reads them."""

import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pypdfium2
from PIL import Image, ImageDraw, ImageFont

from api.documents.ocr.tesseract import TesseractOcr
from api.documents.paper.fonts import BOLD
from core.bounds import OcrEngine
from tests.support.databases import lacking

DOTS = 200


async def engine() -> TesseractOcr:
    """Return the real engine, or skip where it is not installed."""
    ocr = TesseractOcr(OcrEngine())
    if shutil.which("tesseract") is None or not await ocr.is_there():
        lacking("tesseract-ocr with tesseract-ocr-vie")
    return ocr


def pictures_of(pdf: Path, dots: int = DOTS) -> list[Image.Image]:
    """Return the pages of a PDF as grey pictures."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=dots / 72).to_pil().convert("L") for page in document]
    finally:
        document.close()


def as_scan(pdf: Path, target: Path, stamp: str = "", dots: int = DOTS) -> Path:
    """Write a PDF whose pages are pictures of another's, the first one perhaps stamped."""
    pages = [page.convert("RGB") for page in pictures_of(pdf, dots)]
    if stamp:
        _stamp(pages[0], stamp)
    return bound(pages, target, dots)


def bound(pages: Sequence[Image.Image], target: Path, dots: int = DOTS) -> Path:
    """Write pictures as the pages of a PDF."""
    pages[0].save(target, "PDF", save_all=True, append_images=pages[1:], resolution=dots)
    return target


def _stamp(page: Image.Image, words: str) -> None:
    pen = ImageDraw.Draw(page)
    font = ImageFont.truetype(BOLD, 46)
    place = (220, 150)
    left, top, right, bottom = pen.textbbox(place, words, font=font)
    pen.rectangle((left - 22, top - 16, right + 22, bottom + 16), outline=(190, 20, 20), width=4)
    pen.text(place, words, font=font, fill=(190, 20, 20))


def share_found(wanted: Sequence[str], read: Sequence[str]) -> float:
    """Return which share of the words was read, each as often as it stands there."""
    missing = Counter(wanted) - Counter(read)
    return 1 - missing.total() / max(len(wanted), 1)
