"""Word files give their text alone, and a hostile one is refused within its limits."""

import unicodedata
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.documents.pages import docx
from api.documents.pages.sandboxed import inspect_file, text_of
from core.bounds import SandboxLimits
from core.errors import AppError
from core.sandbox import Sandbox
from tests.support.words import part, word_file

LIMITS = SandboxLimits(workers=1, memory_bytes=768 * 1024**2, cpu_seconds=5, wall_seconds=40)
PAGES = (["Số: 12/QĐ-BTNMT", "Căn cứ <Luật> & Nghị định"], ["Nơi nhận: như trên"])


@pytest.fixture
async def sandbox() -> AsyncGenerator[Sandbox]:
    sandbox = Sandbox(LIMITS)
    yield sandbox
    await sandbox.close()


def test_each_page_gives_its_lines(tmp_path: Path) -> None:
    path = word_file(tmp_path / "a.docx", *PAGES)

    assert docx.read_text(path) == ["\n".join(lines) for lines in PAGES]
    assert docx.inspect(path) == {
        "media_type": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "pages": 2,
        "title": None,
        "has_text": True,
        "unread": [],
        "stamp": None,
    }


@pytest.mark.parametrize("name", ["word__header1_dot_xml", "word__footnotes_dot_xml"])
def test_a_stamp_beside_the_text_is_found(tmp_path: Path, name: str) -> None:
    path = word_file(tmp_path / "a.docx", *PAGES, **{name: part(["TỐI MẬT"], root="hdr")})

    assert docx.inspect(path)["stamp"] == "tối mật"


def test_what_is_in_a_picture_nobody_has_read(tmp_path: Path) -> None:
    path = word_file(tmp_path / "a.docx", *PAGES, word__media__image1_dot_png=b"\x89PNG")

    assert not docx.inspect(path)["has_text"]


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"word__document_dot_xml": "<a"}, "damaged"),
        ({"word__document_dot_xml": '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'}, "doctype"),
        ({"xl__workbook_dot_xml": "<a/>"}, "body"),
        ({"word__document_dot_xml": part(), "word__vbaProject_dot_bin": b"x"}, "macros"),
    ],
)
def test_what_is_no_word_file_says_why(tmp_path: Path, parts: dict[str, str], why: str) -> None:
    path = word_file(tmp_path / "a.docx", **parts)

    with pytest.raises(AppError) as refusal:
        docx.inspect(path)

    assert (refusal.value.code, refusal.value.facts["why"]) == ("documents.not_word", why)


def test_a_cut_archive_is_refused(tmp_path: Path) -> None:
    path = word_file(tmp_path / "a.docx", *PAGES)
    path.write_bytes(path.read_bytes()[:200])

    with pytest.raises(AppError) as refusal:
        docx.inspect(path)

    assert refusal.value.code == "documents.not_word"


@pytest.mark.parametrize(
    "bomb",
    [
        b"<a>" + b" " * 400_000_000 + b"</a>",
        b"<a>" * 3_000_000,
        b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:t>'
        + b"x" * 30_000_000
        + b"</w:t></w:document>",
    ],
    ids=["blanks", "depth", "text"],
)
async def test_a_bomb_ends_in_the_sandbox_and_the_next_file_is_read(
    sandbox: Sandbox, tmp_path: Path, bomb: bytes
) -> None:
    path = word_file(tmp_path / "bomb.docx", word__document_dot_xml=bomb)

    with pytest.raises(AppError) as refusal:
        await sandbox.run(inspect_file, path)

    assert refusal.value.code in {
        "documents.word_too_complex", "documents.not_word", "sandbox.killed",
    }  # fmt: skip
    good = word_file(tmp_path / "good.docx", *PAGES)
    assert await sandbox.run(text_of, good) == ["\n".join(lines) for lines in PAGES]


PLAIN = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FFF, categories=["L", "N", "P"]))


@given(st.lists(PLAIN, max_size=5))
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    path = word_file(tmp_path_factory.mktemp("any") / "a.docx", lines)

    assert "".join(docx.read_text(path)[0].split()) == "".join(
        unicodedata.normalize("NFC", "".join(lines)).split()
    )
