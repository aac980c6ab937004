"""PDF files for tests: good ones, and such as no honest program writes."""

import zlib
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pikepdf
from PIL import Image
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from api.documents.paper.fonts import UPRIGHT

A4 = (595.28, 841.89)
_FONT = "test-serif"


def raw_pdf(content: bytes, size: tuple[int, int] = (612, 792)) -> bytes:
    """Return a one-page PDF with this content stream."""
    packed = zlib.compress(content, 9)
    return assemble(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R >>" % size,
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(packed), packed),
    )


def assemble(*objects: bytes) -> bytes:
    """Return a PDF of these objects, numbered from 1; the first is the catalogue."""
    body, places = b"%PDF-1.7\n", []
    for number, item in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, item)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return body + (
        b"xref\n0 %d\n0000000000 65535 f \n%b"
        b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF"
        % (size, table, size, len(body))
    )


def written(path: Path, *pages: Sequence[str], title: str = "") -> Path:
    """Write a PDF whose pages show these lines."""
    pdfmetrics.registerFont(TTFont(_FONT, UPRIGHT))
    canvas = Canvas(str(path), pagesize=A4, invariant=1)
    canvas.setTitle(title)
    for lines in pages:
        canvas.setFont(_FONT, 13)
        for number, line in enumerate(lines):
            canvas.drawString(85, 750 - 20 * number, line)
        canvas.showPage()
    canvas.save()
    return path


def scanned(path: Path, pages: int = 1) -> Path:
    """Write a PDF whose pages are pictures."""
    picture = Image.effect_noise((200, 283), 60)
    picture.save(path, "PDF", save_all=True, append_images=[picture] * (pages - 1))
    return path


def encrypted(source: Path, target: Path, *, user: str, owner: str = "owner") -> Path:
    """Write an encrypted copy."""
    with pikepdf.open(source) as document:
        document.save(target, encryption=pikepdf.Encryption(user=user, owner=owner))
    return target


def size_of(picture: bytes) -> tuple[int, int]:
    """Return width and height of a JPEG or PNG."""
    with Image.open(BytesIO(picture)) as image:
        return image.size
