"""The letters of number and date: a small embedded font with codes of our own.

The font is part of what the leader signs. Filling the number later adds nothing but codes into
that font, so that a verifier can redraw the text from its value and demand equality.
"""

import struct
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

from api.signing.pdf.errors import NotDrawable

_TONES = ("", "\u0301", "\u0300", "\u0309", "\u0303", "\u0323")
_VOWELS = "aăâeêioôơuưy"


def _vietnamese() -> str:
    small = [unicodedata.normalize("NFC", vowel + tone) for vowel in _VOWELS for tone in _TONES]
    letters = [letter for letter in (*small, "đ") if not letter.isascii()]
    return "".join(letters) + "".join(letter.upper() for letter in letters)


#: The code of a letter is its place here; letters are only ever added at the end.
ALPHABET = "".join(map(chr, range(0x20, 0x7F))) + _vietnamese() + "–"
_CODES = {letter: place for place, letter in enumerate(ALPHABET, start=1)}


@dataclass(frozen=True, slots=True)
class Typeface:
    """A font file cut down to our alphabet, with its measures in 1/1000 of the size."""

    name: str
    program: bytes
    glyphs: bytes
    widths: tuple[int, ...]
    box: tuple[int, int, int, int]
    ascent: int
    descent: int
    slant: float


@lru_cache(maxsize=4)
def load(path: Path) -> Typeface:
    """Cut the font file down to our alphabet."""
    font = TTFont(path, recalcTimestamp=False)
    options = subset.Options(hinting=False, layout_features=[], name_IDs=[6], notdef_outline=True)
    options.drop_tables += ["FFTM", "GPOS", "GSUB", "GDEF", "kern"]
    cutter = subset.Subsetter(options)
    cutter.populate(text=ALPHABET)
    cutter.subset(font)
    program = BytesIO()
    font.save(program, reorderTables=False)
    return _measured(font, program.getvalue())


def _measured(font: TTFont, program: bytes) -> Typeface:
    scale = 1000 / font["head"].unitsPerEm
    cmap = font.getBestCmap()
    names = [cmap[ord(letter)] for letter in ALPHABET]
    glyphs = [0, *(font.getGlyphID(name) for name in names)]
    head = font["head"]
    corners = (head.xMin, head.yMin, head.xMax, head.yMax)
    left, low, right, high = (round(corner * scale) for corner in corners)
    return Typeface(
        name=str(font["name"].getDebugName(6)),
        program=program,
        glyphs=struct.pack(f">{len(glyphs)}H", *glyphs),
        widths=tuple(round(font["hmtx"][name][0] * scale) for name in names),
        box=(left, low, right, high),
        ascent=round(font["hhea"].ascent * scale),
        descent=round(font["hhea"].descent * scale),
        slant=font["post"].italicAngle,
    )


def encode(text: str) -> list[int]:
    """Return the code of each letter, or refuse a letter outside our alphabet."""
    try:
        return [_CODES[letter] for letter in unicodedata.normalize("NFC", text)]
    except KeyError as unknown:
        raise NotDrawable(why="character", character=str(unknown.args[0])) from None


def to_unicode() -> bytes:
    """Return the CMap by which a reader copies and finds the text."""
    pairs = [f"<{code:04X}> <{ord(letter):04X}>" for letter, code in _CODES.items()]
    blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
    ranges = "\n".join(
        f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks
    )
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        f"{ranges}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode("ascii")
