"""Words alone as a signature's appearance: on copies and on attachments in files of their own.

NĐ 30/2020, Annex I: at the top right of the first page, no picture, letters of Times New Roman
(here Liberation Serif, of the same measures), upright, 10 points, black.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name as name
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, append_signature_field
from pyhanko.sign.fields import SigSeedSubFilter as SubFilter
from pyhanko.sign.signers.cms_embedder import (
    PdfCMSEmbedder,
    SigIOSetup,
    SigMDPSetup,
    SigObjSetup,
)
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from api.signing.pdf.certificate import SignerCertificate, must_be_usable
from api.signing.pdf.cms import prepared
from api.signing.pdf.errors import NotSignable
from api.signing.pdf.fields import add_font
from api.signing.pdf.layout import Rect
from api.signing.pdf.objects import dictionary, entry
from api.signing.pdf.prepared import CHUNK, RESERVED, Prepared
from api.signing.pdf.revision import Revision, revising
from api.signing.pdf.typeface import Typeface, encode, load
from core.clock import VIETNAM

SIZE = 10.0
_LEADING = 12.0
#: White between the words and the edges of the page, and how long a line may become.
_MARGIN = 20.0
_WIDEST = 220.0
_QUARTER, _HALF, _THREE_QUARTERS = 90, 180, 270
#: How the words are turned on a page that is shown turned (ISO 32000-2, 8.3.4).
_TURNS = {
    0: (1, 0, 0, 1),
    _QUARTER: (0, 1, -1, 0),
    _HALF: (-1, 0, 0, -1),
    _THREE_QUARTERS: (0, -1, 1, 0),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is seen of a page: its rectangle, and by how much it is turned clockwise."""

    left: float
    bottom: float
    right: float
    top: float
    turn: int


def prepare_label(
    path: Path,
    signer: SignerCertificate,
    field: str,
    *,
    words: Sequence[str],
    signing_time: datetime,
    face: Path,
) -> Prepared:
    """Add the revision with words and an empty signature; return what has to be signed.

    Nothing but evidence may be added after it (DocMDP, no changes).
    """
    must_be_usable(signer, signing_time)
    with revising(path) as writer:
        if "/AcroForm" in writer.root:
            raise NotSignable(why="active_content", entry="/AcroForm")
        _place(writer, field, [*_wrapped(words, load(face))], load(face))
        embedding = PdfCMSEmbedder().write_cms(field, writer, existing_fields_only=True)
        next(embedding)
        embedding.send(_setup(signer, signing_time))
        region, _ = embedding.send(
            SigIOSetup(md_algorithm="sha256", in_place=True, chunk_size=CHUNK)
        )
    return prepared(field, region, signer)


def sheet_of(page: Any) -> Sheet:
    """Read what is seen of a page; what it has from its parents counts too."""
    box = _inherited(page, "/CropBox") or _inherited(page, "/MediaBox") or (0, 0, 595, 842)
    edges = [float(edge) for edge in box]
    (left, right), (bottom, top) = sorted(edges[::2]), sorted(edges[1::2])
    turn = int(_inherited(page, "/Rotate") or 0) % 360
    return Sheet(left, bottom, right, top, turn if turn in _TURNS else 0)


def corner(sheet: Sheet, width: float, height: float) -> Rect:
    """Return the rectangle at the top right of what is seen, in the page's own points."""
    match sheet.turn:
        case 90:
            left, bottom = sheet.left + _MARGIN, sheet.top - _MARGIN - width
            return Rect(left, bottom, left + height, bottom + width)
        case 180:
            left, bottom = sheet.left + _MARGIN, sheet.bottom + _MARGIN
            return Rect(left, bottom, left + width, bottom + height)
        case 270:
            left, bottom = sheet.right - _MARGIN - height, sheet.bottom + _MARGIN
            return Rect(left, bottom, left + height, bottom + width)
        case _:
            left, bottom = sheet.right - _MARGIN - width, sheet.top - _MARGIN - height
            return Rect(left, bottom, left + width, bottom + height)


def _place(writer: Revision, field: str, lines: Sequence[str], face: Typeface) -> None:
    width, height = max(_width(line, face) for line in lines), _LEADING * len(lines)
    sheet = sheet_of(writer.page(0))
    rect = corner(sheet, width, height)
    box: Any = (rect.left, rect.bottom, rect.right, rect.top)  # pyHanko says int, and takes both
    append_signature_field(writer, SigFieldSpec(field, on_page=0, box=box))
    (widget,) = (each.get_object() for each in writer.root["/AcroForm"]["/Fields"])
    shape = {
        "/Type": name("/XObject"),
        "/Subtype": name("/Form"),
        "/BBox": _numbers(0, 0, width, height),
        "/Matrix": _numbers(*_TURNS[sheet.turn], 0, 0),
        "/Resources": dictionary({"/Font": dictionary({"/KGUpright": add_font(writer, face)})}),
    }
    drawn = generic.StreamObject(dictionary(shape), stream_data=_drawn(lines, height))
    widget[name("/AP")] = dictionary({"/N": writer.add_object(drawn)})


def _drawn(lines: Sequence[str], height: float) -> bytes:
    shown = " T* ".join(f"<{''.join(f'{code:04X}' for code in encode(line))}> Tj" for line in lines)
    first = height - SIZE
    text = f"q BT /KGUpright {SIZE:g} Tf {_LEADING:g} TL 0 g 0 {first:.2f} Td {shown} ET Q"
    return text.encode("ascii")


def _wrapped(words: Sequence[str], face: Typeface) -> Iterator[str]:
    """Break what is too long between words."""
    for text in words:
        line = ""
        for word in text.split():
            longer = f"{line} {word}".strip()
            if line and _width(longer, face) > _WIDEST:
                yield line
                longer = word
            line = longer
        yield line


def _width(line: str, face: Typeface) -> float:
    return sum(face.widths[code - 1] for code in encode(line)) * SIZE / 1000


def _numbers(*values: float) -> Any:
    return generic.ArrayObject(map(generic.FloatObject, values))


def _inherited(page: Any, key: str) -> Any:
    """Return an entry of a page or of what stands above it in the tree."""
    node, above = page, 0
    while key not in node and "/Parent" in node and above < 50:  # noqa: PLR2004 - trees are low
        node, above = node["/Parent"], above + 1
    return entry(node, key)


def _setup(signer: SignerCertificate, signing_time: datetime) -> Any:
    return SigObjSetup(
        sig_placeholder=SignatureObject(
            timestamp=signing_time.astimezone(VIETNAM),
            subfilter=SubFilter.PADES,
            name=signer.name,
            bytes_reserved=RESERVED,
        ),
        mdp_setup=SigMDPSetup(md_algorithm="sha256", certify=True, docmdp_perms=MDPPerm.NO_CHANGES),
    )
