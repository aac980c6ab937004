"""What is refused as a PDF, and with which code."""

from pathlib import Path

import pikepdf
import pytest

from api.documents.pages import opening
from api.documents.pages.errors import EncryptedPdf, NotPdf, PdfTooComplex
from api.documents.pages.opening import opened, page_of
from core.errors import NotFound
from tests.support.pdfs import encrypted, raw_pdf, written


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return written(tmp_path / "good.pdf", ["Một"], ["Hai"])


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF", b"PK\x03\x04" + b"\x00" * 2000, b"<html>", b"\x00" * 2000 + b"%PDF-1.7"],
)
def test_a_file_without_the_magic_bytes_is_no_pdf(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)

    with pytest.raises(NotPdf) as refusal, opened(path):
        pass

    assert refusal.value.facts == {"why": "magic"}


@pytest.mark.parametrize("content", [b"%PDF-1.7\n" + b"\x00\xff" * 1000, b"%PDF-1.7\n%%EOF"])
def test_garbage_behind_the_magic_bytes_is_damaged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)

    with pytest.raises(NotPdf), opened(path):
        pass


@pytest.mark.parametrize("user", ["secret", ""])
def test_an_encrypted_file_is_refused_even_if_it_only_restricts(
    good: Path, tmp_path: Path, user: str
) -> None:
    with pytest.raises(EncryptedPdf), opened(encrypted(good, tmp_path / "locked.pdf", user=user)):
        pass


def test_a_file_without_pages_is_refused(tmp_path: Path) -> None:
    with pikepdf.new() as empty:
        empty.save(tmp_path / "empty.pdf")

    with pytest.raises(NotPdf), opened(tmp_path / "empty.pdf"):
        pass


def test_no_file_is_blamed_for_what_was_wrong_with_the_one_before(tmp_path: Path) -> None:
    locked, empty = tmp_path / "locked.pdf", tmp_path / "empty.pdf"
    with pikepdf.new() as pdf:
        pdf.save(empty)
        pdf.add_blank_page()
        pdf.save(locked, encryption=pikepdf.Encryption(owner="a", user="b"))

    with pytest.raises(EncryptedPdf), opened(locked):
        pass
    with pytest.raises(NotPdf) as refusal, opened(empty):
        pass

    assert refusal.value.facts == {"why": "no_pages"}


def test_a_file_of_too_many_pages_is_refused(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MAX_PAGES", 1)

    with pytest.raises(PdfTooComplex) as refusal, opened(good):
        pass

    assert refusal.value.facts == {"why": "pages", "limit": 1}


def test_a_count_of_pages_that_lies_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lie.pdf"
    path.write_bytes(raw_pdf(b"").replace(b"/Count 1", b"/Count 9"))

    with opened(path) as document, pytest.raises(NotPdf), page_of(document, 5):
        pass


@pytest.mark.parametrize("index", [-1, 2])
def test_a_page_that_is_not_there_is_not_found(good: Path, index: int) -> None:
    with opened(good) as document, pytest.raises(NotFound), page_of(document, index):
        pass


def test_a_cut_off_file_is_read_as_far_as_it_goes_or_refused(good: Path, tmp_path: Path) -> None:
    whole = good.read_bytes()
    for share in range(1, 20):
        path = tmp_path / "part.pdf"
        path.write_bytes(whole[: len(whole) * share // 20])
        try:
            with opened(path) as document:
                assert 0 < len(document) <= 2
        except NotPdf:
            continue
