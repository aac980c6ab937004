"""Word files, read without Word: their text alone, from an archive that nobody trusts.

A stream through expat needs no memory for trees, and refuses every DOCTYPE, so that no entity is
ever expanded. What the archive says of sizes is not believed: bytes are counted as they come out.
"""

import re
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from api.documents.pages.errors import NotWord, WordTooComplex
from api.documents.pages.sandboxed import WORD, Inspected
from api.documents.secrecy import SecrecyLevel, highest, stamp_in

#: How every archive begins; a PDF never does.
MAGIC = b"PK\x03\x04"
_BODY = "word/document.xml"
#: What else is seen on a page; notes and comments too, since a stamp may be in them.
_BESIDE = re.compile(r"word/(?:header|footer|footnotes|endnotes|comments)\d*\.xml")
#: Pictures, drawn objects and other files: nobody has read what is in them.
_UNREAD = re.compile(r"word/(?:media|embeddings|charts|diagrams)/.+", re.IGNORECASE)
_MACROS = re.compile(r".*vbaProject.*\.bin|.*\.docm", re.IGNORECASE)
_MOST_PARTS = 5000
_MOST_BYTES = 200 * 1024 * 1024
_MOST_TEXT = 20_000_000
_MOST_PAGES = 2000
_CHUNK = 256 * 1024
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main "
_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main "
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\uffff]")


def is_archive(path: Path) -> bool:
    """Say whether a file begins like an archive."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def inspect(path: Path) -> Inspected:
    """Return the facts of a Word file, or refuse it."""
    with _opened(path) as archive:
        pages = _pages(archive, _BODY)
        beside = [page for name in _names(archive, _BESIDE) for page in _pages(archive, name)]
        is_whole = not _names(archive, _UNREAD)
    return {
        "media_type": WORD,
        "pages": len(pages),
        "title": None,
        "has_text": any(pages) and is_whole,
        "unread": [],
        "stamp": _stamp([*pages, *beside]),
    }


def read_text(path: Path) -> list[str]:
    """Return the text of each page, as far as Word has left marks where pages end."""
    with _opened(path) as archive:
        return _pages(archive, _BODY)


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise NotWord(why="archive") from error
    names = archive.namelist()
    if len(names) > _MOST_PARTS:
        raise WordTooComplex(why="parts", limit=_MOST_PARTS)
    if _BODY not in names:
        raise NotWord(why="body")
    if any(_MACROS.fullmatch(name) for name in names):
        raise NotWord(why="macros")
    return archive


def _names(archive: zipfile.ZipFile, pattern: re.Pattern[str]) -> list[str]:
    return [name for name in archive.namelist() if pattern.fullmatch(name)]


def _stamp(texts: list[str]) -> SecrecyLevel | None:
    return highest(stamp_in(text) for text in texts)


def _pages(archive: zipfile.ZipFile, name: str) -> list[str]:
    reader = _Reader()
    try:
        for chunk in _chunks(archive, name):
            reader.feed(chunk)
        return reader.end()
    except (expat.ExpatError, zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise NotWord(why="damaged") from error
    except RuntimeError as error:  # how an encrypted part shows itself
        raise NotWord(why="encrypted") from error


def _chunks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    total = 0
    with archive.open(name) as part:
        while chunk := part.read(_CHUNK):
            total += len(chunk)
            if total > _MOST_BYTES:
                raise WordTooComplex(why="size", limit=_MOST_BYTES)
            yield chunk


class _Reader:
    """Takes the text out of one part."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._finish
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._pages: list[list[str]] = [[]]
        self._in_text = False
        self._length = 0

    def feed(self, chunk: bytes) -> None:
        """Read on."""
        self._parser.Parse(chunk, False)

    def end(self) -> list[str]:
        """Return the text of each page."""
        self._parser.Parse(b"", True)
        pages = (_CONTROL.sub("", "".join(page)) for page in self._pages)
        return [_tidy(page) for page in pages]

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = _local(name)
        if local == "t":
            self._in_text = True
        elif local == "tab":
            self._add("\t")
        elif local == "lastRenderedPageBreak" or (local == "br" and "page" in attributes.values()):
            self._turn()
        elif local in {"br", "cr"}:
            self._add("\n")

    def _finish(self, name: str) -> None:
        local = _local(name)
        if local == "t":
            self._in_text = False
        elif local in {"p", "tc"}:
            self._add("\n")

    def _characters(self, text: str) -> None:
        if self._in_text:
            self._add(text)

    def _add(self, text: str) -> None:
        self._length += len(text)
        if self._length > _MOST_TEXT:
            raise WordTooComplex(why="text", limit=_MOST_TEXT)
        self._pages[-1].append(text)

    def _turn(self) -> None:
        if "".join(self._pages[-1]).strip():
            self._pages.append([])
        if len(self._pages) > _MOST_PAGES:
            raise WordTooComplex(why="pages", limit=_MOST_PAGES)

    def _refuse(self, *_: object) -> None:
        raise NotWord(why="doctype")


def _tidy(page: str) -> str:
    lines = unicodedata.normalize("NFC", page).splitlines()
    return "\n".join(line.rstrip() for line in lines).strip()


def _local(name: str) -> str:
    return name.removeprefix(_WORD).removeprefix(_STRICT)
