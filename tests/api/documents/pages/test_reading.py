"""What is known of a file before it is let in."""

from pathlib import Path

import pikepdf
import pytest

from api.documents.pages import reading
from api.documents.pages.errors import PdfTooComplex
from api.documents.pages.reading import inspect, read_text
from tests.support.pdfs import scanned, written

LINES = ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "Kính gửi: Bộ Nội vụ"]


def with_note(path: Path, words: bytes, kind: str = "/FreeText") -> Path:
    """Lay an annotation over the first page whose appearance shows the words."""
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        look = document.make_stream(
            b"BT /F 14 Tf 2 4 Td (" + words + b") Tj ET",
            Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 100, 20],
            Resources=pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font)),
        )  # fmt: skip
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name(kind), Rect=[100, 780, 200, 800], F=4,
            AP=pikepdf.Dictionary(N=look), FT=pikepdf.Name.Sig, T=pikepdf.String("s"),
        )  # fmt: skip
        document.pages[0].Annots = pikepdf.Array([document.make_indirect(note)])
        if kind == "/Widget":
            document.Root.AcroForm = pikepdf.Dictionary(Fields=document.pages[0].Annots)
        document.save()
    return path


def test_pages_title_and_text_of_a_good_file(tmp_path: Path) -> None:
    path = written(tmp_path / "a.pdf", LINES, ["Trang hai"], title="Công văn  số 1")

    assert inspect(path) == {
        "media_type": "application/pdf",
        "pages": 2,
        "title": "Công văn số 1",
        "has_text": True,
        "unread": [],
        "stamp": None,
    }
    assert read_text(path) == ["\n".join(LINES), "Trang hai"]


def test_a_hyphen_at_the_end_of_a_line_stays(tmp_path: Path) -> None:
    path = written(tmp_path / "a.pdf", ["Quyết định số 12/QĐ-", "BTNMT; kinh tế -", "kỹ thuật"])

    assert read_text(path) == ["Quyết định số 12/QĐ-BTNMT; kinh tế -\nkỹ thuật"]


def test_a_scan_is_not_yet_read(tmp_path: Path) -> None:
    facts = inspect(scanned(tmp_path / "a.pdf", pages=2))

    assert (facts["pages"], facts["has_text"], facts["unread"]) == (2, False, [0, 1])


def test_the_mark_of_a_signature_does_not_make_a_scan_read(tmp_path: Path) -> None:
    path = with_note(scanned(tmp_path / "a.pdf"), b"Nguoi ky: CONG THONG TIN", kind="/Widget")

    assert inspect(path)["has_text"] is False
    assert read_text(path) == [""]


def test_a_few_printed_words_do_not_make_a_scan_read(tmp_path: Path) -> None:
    path = scanned(tmp_path / "a.pdf")
    words = written(tmp_path / "words.pdf", ["Số: 12/QĐ-BTNMT"])
    with pikepdf.open(path, allow_overwriting_input=True) as scan, pikepdf.open(words) as over:
        scan.pages[0].add_overlay(over.pages[0], None)
        scan.save()

    assert inspect(path)["unread"] == [0]


def test_one_pictured_page_leaves_the_whole_file_unread(tmp_path: Path) -> None:
    path = written(tmp_path / "a.pdf", LINES)
    with (
        pikepdf.open(path, allow_overwriting_input=True) as document,
        pikepdf.open(scanned(tmp_path / "scan.pdf")) as scan,
    ):
        document.pages.extend(scan.pages)
        document.save()

    facts = inspect(path)

    assert (facts["has_text"], facts["unread"]) == (False, [1])


def test_an_empty_page_between_read_ones_hides_nothing(tmp_path: Path) -> None:
    facts = inspect(written(tmp_path / "a.pdf", LINES, [], LINES))

    assert (facts["has_text"], facts["unread"]) == (True, [])


@pytest.mark.parametrize(
    ("lines", "stamp"),
    [
        (["MẬT", *LINES], "mật"),
        ([*LINES, "T U Y Ệ T   M Ậ T"], "tuyệt mật"),
        (["Số: 01/BC" + " " * 40 + "TỐI MẬT"], "tối mật"),
        (["-MẬT-", "Số: 01/BC"], "mật"),
        (["CỤC BẢO MẬT", "bí mật"], None),
    ],
)
def test_a_secrecy_stamp_is_seen_on_any_page(
    tmp_path: Path, lines: list[str], stamp: str | None
) -> None:
    assert inspect(written(tmp_path / "a.pdf", LINES, lines))["stamp"] == stamp


def test_a_stamp_laid_over_the_page_as_an_annotation_is_seen(tmp_path: Path) -> None:
    path = with_note(written(tmp_path / "a.pdf", LINES), b"TOI MAT")

    assert inspect(path)["stamp"] == "tối mật"
    assert "MAT" not in read_text(path)[0]


@pytest.mark.parametrize("bound", ["MAX_PAGE_TEXT", "MAX_TEXT"])
def test_more_text_than_any_document_has_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(reading, bound, 10)

    with pytest.raises(PdfTooComplex):
        inspect(written(tmp_path / "a.pdf", LINES))


def test_reading_changes_nothing_in_the_file(tmp_path: Path) -> None:
    path = with_note(written(tmp_path / "a.pdf", LINES), b"note")
    before = path.read_bytes()

    inspect(path)
    read_text(path)

    assert path.read_bytes() == before
