"""Fonts, sizes and measures of Decree 30/2020, Annex I."""

import unicodedata
from functools import cache
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph

from api.documents.paper import fonts

SERIF, BOLD, ITALIC, BOLD_ITALIC = "KG-Serif", "KG-Bold", "KG-Italic", "KG-BoldItalic"
#: Top, bottom, left, right.
MARGINS = (20 * mm, 20 * mm, 30 * mm, 17 * mm)
WIDTH, HEIGHT = A4
TEXT_WIDTH = WIDTH - MARGINS[2] - MARGINS[3]
TEXT_HEIGHT = HEIGHT - MARGINS[0] - MARGINS[1]
#: The head's and the foot's columns.
LEFT_SHARE = 0.44
GUTTER = 14.0


@cache
def set_up_fonts() -> None:
    """Make the four cuts known, once for each process."""
    cuts = {
        SERIF: fonts.UPRIGHT,
        BOLD: fonts.BOLD,
        ITALIC: fonts.ITALIC,
        BOLD_ITALIC: fonts.BOLD_ITALIC,
    }
    for name, path in cuts.items():
        pdfmetrics.registerFont(TTFont(name, str(path)))
    pdfmetrics.registerFontFamily(SERIF, SERIF, BOLD, ITALIC, BOLD_ITALIC)


def _style(font: str, size: float, alignment: int, **more: float) -> ParagraphStyle:
    return ParagraphStyle(
        name=f"{font}{size}", fontName=font, fontSize=size, leading=size * 1.25,
        alignment=alignment, splitLongWords=1, **more,
    )  # fmt: skip


SUPERIOR = _style(SERIF, 12, TA_CENTER)
AGENCY = _style(BOLD, 12, TA_CENTER)
MOTTO = _style(BOLD, 13, TA_CENTER)
SUBJECT = _style(SERIF, 12, TA_CENTER)
KIND = _style(BOLD, 14, TA_CENTER)
BODY = _style(SERIF, 14, TA_JUSTIFY, firstLineIndent=36, spaceAfter=6)
LAST = _style(SERIF, 14, TA_JUSTIFY, firstLineIndent=36, spaceAfter=6, keepWithNext=1)
GROUND = _style(ITALIC, 14, TA_JUSTIFY, firstLineIndent=36, spaceAfter=6)
ADDRESSEE = _style(SERIF, 14, TA_LEFT, leftIndent=108)
RECIPIENT = _style(SERIF, 11, TA_LEFT)
RECIPIENTS = _style(BOLD_ITALIC, 12, TA_LEFT)
CAPACITY = _style(BOLD, 13, TA_CENTER)


def paragraph(text: str, style: ParagraphStyle, *, lead: str = "") -> Paragraph:
    """Set plain text, after a bold lead."""
    bold = f"<b>{_plain(lead)}</b> " if lead else ""
    return Paragraph(bold + _plain(text), style)


def balanced(part: Paragraph, width: float) -> float:
    """Return the least width that breaks centred text into no more lines than `width` does."""
    height = part.wrap(width, TEXT_HEIGHT)[1]
    low, high = width / 3, width
    while high - low > 1:
        middle = (low + high) / 2
        if part.wrap(middle, TEXT_HEIGHT)[1] > height or part.minWidth() > middle:
            low = middle
        else:
            high = middle
    return float(high)


def _plain(text: str) -> str:
    composed = unicodedata.normalize("NFC", text)
    shown = "".join(sign for sign in composed if sign.isprintable() or sign.isspace())
    return escape(" ".join(shown.split()))


def width_of(text: str, font: str, size: float) -> float:
    """Return how wide a line is."""
    return float(pdfmetrics.stringWidth(text, font, size))
