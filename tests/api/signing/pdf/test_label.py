"""Words alone on copies and attachments (NĐ 30/2020, Annex I), measured on their picture."""

import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageFont
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from api.documents.paper.sandboxed import bare_copy
from api.signing.pdf.errors import NotSignable
from api.signing.pdf.label import Sheet, corner, prepare_label
from api.signing.pdf.layout import COPY_FIELD
from api.signing.pdf.signature import embed
from api.signing.verify.rules import Policy, Reason, Verdict
from tests.support import forgers
from tests.support.databases import lacking
from tests.support.signed_papers import AGENCY, FONTS, Desk

DPI = 300
POINT = DPI / 72
WORDS = ["Trích sao", "Bộ Tài nguyên và Môi trường", "2026-11-30T14:10:21+07:00"]
FACE = FONTS / "LiberationSerif-Regular.ttf"


def white(path: Path, *, turn: int = 0) -> Path:
    """Return a page with nothing at its top."""
    canvas = Canvas(str(path), invariant=1, pagesize=A4)
    canvas.setPageRotation(turn)
    canvas.drawString(280, 420, "middle")
    canvas.save()
    return path


def sealed(desk: Desk, path: Path, words: list[str] | None = None) -> Path:
    prepared = prepare_label(
        path, desk.agency, COPY_FIELD,
        words=words or WORDS, signing_time=desk.clock(), face=FACE,
    )  # fmt: skip
    embed(path, prepared, desk.agency, desk.ca.sign(AGENCY, prepared.to_sign, prepared.mechanism))
    return path


def drawn(path: Path) -> Image.Image:
    if shutil.which("pdftoppm") is None:
        lacking("poppler-utils is not installed")
    target = path.with_suffix("")
    command = ["pdftoppm", "-png", "-r", str(DPI), "-singlefile", str(path), str(target)]
    subprocess.run(command, check=True)
    return Image.open(target.with_suffix(".png")).convert("RGB")


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_the_words_stand_upright_at_the_top_right_ten_points_high_and_black(
    desk: Desk, tmp_path: Path, turn: int
) -> None:
    picture = drawn(sealed(desk, white(tmp_path / "page.pdf", turn=turn)))
    words = picture.crop((picture.width // 2, 0, picture.width, int(picture.height * 0.15)))
    ink = words.convert("L").point([255 if value < 128 else 0 for value in range(256)])
    left, top, right, bottom = ink.getbbox() or (0, 0, 0, 0)

    colours = words.convert("HSV").split()[1]
    assert colours.point([255 if value > 30 else 0 for value in range(256)]).getbbox() is None
    assert words.convert("L").point([255 if value < 40 else 0 for value in range(256)]).getbbox()
    assert (words.width - right) / POINT == pytest.approx(20, abs=2)
    assert top / POINT == pytest.approx(22, abs=3)
    expected = ImageFont.truetype(str(FACE), 10 * POINT)
    widest = max(expected.getlength(line) for line in WORDS)
    assert right - left == pytest.approx(widest, rel=0.02)
    assert (bottom - top) / POINT == pytest.approx(height_of(3), abs=3)


def height_of(lines: int) -> float:
    """Return how high so many lines are, in points: from a capital's top to a tail."""
    return 12 * (lines - 1) + 9


def test_no_picture_stands_in_the_file(desk: Desk, tmp_path: Path) -> None:
    content = sealed(desk, white(tmp_path / "page.pdf")).read_bytes()

    assert b"/Subtype /Image" not in content


def test_what_is_sealed_with_words_is_valid_and_nothing_may_follow(
    desk: Desk, tmp_path: Path
) -> None:
    path = sealed(desk, white(tmp_path / "page.pdf"))

    report = desk.verify(path, Policy.OWN)
    assert (report.verdict, report.reason) == (Verdict.VALID, Reason.TRUSTED)
    assert report.as_json()["signatures"][0]["kind"] == "agency"
    forgers.add_annotation(path)
    assert desk.verify(path).reason is Reason.CHANGED_AFTER_SIGNING


def test_long_names_take_several_lines(desk: Desk, tmp_path: Path) -> None:
    name = "Trung tâm Công nghệ thông tin và Chuyển đổi số thuộc Văn phòng Bộ Tài nguyên"

    picture = drawn(sealed(desk, white(tmp_path / "page.pdf"), ["Sao y", name, WORDS[2]]))

    words = picture.crop((picture.width // 2, 0, picture.width, int(picture.height * 0.15)))
    ink = words.convert("L").point([255 if value < 128 else 0 for value in range(256)])
    _, top, _, bottom = ink.getbbox() or (0, 0, 0, 0)
    assert (bottom - top) / POINT == pytest.approx(height_of(4), abs=3)
    assert ImageChops.invert(picture.crop((0, 0, picture.width // 2, 300))).getbbox() is None


def test_a_form_is_not_labelled_but_what_it_shows_is(desk: Desk, tmp_path: Path) -> None:
    path = desk.certified()
    with pytest.raises(NotSignable):
        sealed(desk, desk.copy(path))

    bare = tmp_path / "bare.pdf"
    assert bare_copy(path, bare, [1]) == 1
    assert desk.verify(sealed(desk, bare), Policy.OWN).verdict is Verdict.VALID


@pytest.mark.parametrize(
    ("turn", "expected"),
    [(0, (375, 802)), (90, (20, 722)), (180, (20, 20)), (270, (555, 20))],
)
def test_the_corner_is_where_a_reader_sees_it(turn: int, expected: tuple[int, int]) -> None:
    sheet = Sheet(left=0, bottom=0, right=595, top=842, turn=turn)

    rect = corner(sheet, 200 if turn in {0, 180} else 100, 20)

    assert (rect.left, rect.bottom) == expected
