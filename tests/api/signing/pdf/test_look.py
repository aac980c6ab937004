"""What an issued paper looks like (NĐ 30/2020, Annex I), measured on its picture.

poppler draws the pages: a renderer that we neither wrote nor use.
"""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from pyhanko.pdf_utils.reader import PdfFileReader

from api.documents.paper import seal, signature
from api.documents.paper.sandboxed import write_decision
from api.signing.pdf.fields import fill_number
from api.signing.pdf.layout import LEADER_FIELD, SEAL_FIELD
from api.signing.pdf.sandboxed import place_file_fields
from api.signing.pdf.signature import Look
from tests.support.databases import lacking
from tests.support.signed_papers import Desk

DPI = 300
MM = DPI / 25.4
SIGNER, AGENCY = "Trần Quốc Ánh", "Bộ Tài nguyên và Môi trường"
SEAL_MM = 36.0

Hues = tuple[int, ...]


@dataclass(frozen=True)
class Extent:
    """Where the pixels of a colour are, in pixels from the upper left corner."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top


#: Hues of 256, and how much of the hue a pixel needs; grey text has none.
RED, BLUE = (*range(246, 256), *range(11)), tuple(range(150, 181))
SATURATED = 90


def ink(picture: Image.Image, hues: Hues) -> Image.Image:
    """Return where a hue is, as white on black."""
    hue, saturation, _ = picture.convert("HSV").split()
    of_hue = hue.point([255 if value in hues else 0 for value in range(256)])
    coloured = saturation.point([255 if value >= SATURATED else 0 for value in range(256)])
    return ImageChops.darker(of_hue, coloured)


def extent_of(picture: Image.Image, hues: Hues) -> Extent:
    """Return the box around everything of a hue."""
    box = ink(picture, hues).getbbox()
    assert box is not None
    return Extent(*box)


@pytest.fixture(scope="module")
def paper(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A decision as the product writes, signs, numbers and seals it."""
    path = tmp_path_factory.mktemp("look") / "decision.pdf"
    layout = write_decision(
        {
            "agency": AGENCY, "kind": "Quyết định", "summary": "Về việc phê duyệt kết quả",
            "recipients": ["Như Điều 2;", "Lưu: VT."], "capacity": ["BỘ TRƯỞNG"],
            "signer": SIGNER, "symbol": "QĐ-BTNMT", "authority": "BỘ TRƯỞNG BỘ TÀI NGUYÊN",
            "articles": ["Phê duyệt kết quả.", "Quyết định có hiệu lực từ ngày ký."],
        },
        path,
    )  # fmt: skip
    place_file_fields(path, dict(layout))
    desk.sign(path, LEADER_FIELD, Look(image=signature.draw(SIGNER), reason="Ký ban hành"))
    fill_number(path, "07/QĐ-BTNMT", "Hà Nội, ngày 05 tháng 01 năm 2026")
    shutil.copy(path, path.with_name("unsealed.pdf"))
    desk.sign(path, SEAL_FIELD, Look(image=seal.draw(AGENCY), reason="Đóng dấu cơ quan"))
    return path


@pytest.fixture(scope="module")
def picture(paper: Path) -> Image.Image:
    return drawn(paper)


@pytest.fixture(scope="module")
def signature_alone(paper: Path) -> Extent:
    """Where the signature's ink is; later the seal hides some of it."""
    return extent_of(drawn(paper.with_name("unsealed.pdf")), BLUE)


def drawn(paper: Path) -> Image.Image:
    """Let poppler draw the first page."""
    if shutil.which("pdftoppm") is None:
        lacking("poppler-utils is not installed")
    target = paper.with_suffix("")
    command = ["pdftoppm", "-png", "-r", str(DPI), "-singlefile", str(paper), str(target)]
    subprocess.run(command, check=True)
    return Image.open(target.with_suffix(".png")).convert("RGB")


def test_the_seal_has_its_real_size(picture: Image.Image) -> None:
    red = extent_of(picture, RED)

    assert red.width / MM == pytest.approx(SEAL_MM, abs=0.2)
    assert red.height / MM == pytest.approx(SEAL_MM, abs=0.2)


def test_the_seal_covers_a_third_of_the_signature_at_its_left(
    picture: Image.Image, signature_alone: Extent
) -> None:
    red, blue = extent_of(picture, RED), signature_alone

    assert red.left < blue.left
    assert (red.right - blue.left) / blue.width == pytest.approx(1 / 3, abs=0.03)
    assert red.top < (blue.top + blue.bottom) / 2 < red.bottom


def test_the_signature_stands_between_the_title_and_the_name_in_its_column(
    paper: Path, signature_alone: Extent
) -> None:
    blue = signature_alone
    lines = {line: box for line, box in lines_of(paper) if line in {"BỘ TRƯỞNG", SIGNER}}
    title, name = lines["BỘ TRƯỞNG"], lines[SIGNER]

    assert title.bottom < blue.top < blue.bottom < name.top + name.height
    middle = (blue.left + blue.right) / 2
    assert middle == pytest.approx((name.left + name.right) / 2, abs=3 * MM)
    assert middle == pytest.approx((title.left + title.right) / 2, abs=3 * MM)


def lines_of(paper: Path) -> list[tuple[str, Extent]]:
    """Return the lines of the first page as poppler reads them, the last of equal ones."""
    command = ["pdftotext", "-bbox-layout", "-l", "1", str(paper), "-"]
    page = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = []
    for line in re.finditer(
        r'<line xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)</line>', page, re.DOTALL
    ):
        words = " ".join(re.findall(r">([^<>\n]+)</word>", line[5]))
        found.append(
            (words, Extent(*(round(float(edge) * DPI / 72) for edge in line.groups()[:4])))
        )
    return found


def test_where_the_seal_lies_over_the_signature_both_are_seen(picture: Image.Image) -> None:
    red, blue = extent_of(picture, RED), extent_of(picture, BLUE)
    shared = picture.crop((blue.left, blue.top, red.right, blue.bottom))

    assert ink(shared, RED).getbbox() is not None
    assert ink(shared, BLUE).getbbox() is not None


@pytest.mark.parametrize("field", [LEADER_FIELD, SEAL_FIELD])
def test_both_pictures_are_transparent_where_there_is_no_ink(paper: Path, field: str) -> None:
    with paper.open("rb") as file:
        alpha = alpha_of(PdfFileReader(file), field)

    assert min(alpha) == 0
    assert max(alpha) == 255


def alpha_of(reader: PdfFileReader, field: str) -> bytes:
    """Return how opaque each pixel of a signature's picture is."""
    (found,) = [each for each in reader.embedded_signatures if each.field_name == field]
    resources = found.sig_field["/AP"]["/N"]["/Resources"]["/XObject"]
    (shown,) = [resources[name] for name in resources]
    while shown["/Subtype"] == "/Form":
        inner = shown["/Resources"]["/XObject"]
        (shown,) = [inner[name] for name in inner]
    return bytes(shown["/SMask"].data)
