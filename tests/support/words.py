"""Word files for tests: good ones, and such as no honest program writes."""

import zipfile
from collections.abc import Sequence
from html import escape
from pathlib import Path

BODY = "word/document.xml"
_NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def part(*pages: Sequence[str], root: str = "document") -> str:
    """Return one part: the lines of each page, a mark of Word's between the pages."""
    turn = "<w:p><w:r><w:lastRenderedPageBreak/></w:r></w:p>"
    return f'<?xml version="1.0"?><w:{root} xmlns:w="{_NAMESPACE}"><w:body>' + (
        turn.join("".join(map(_paragraph, lines)) for lines in pages) + f"</w:body></w:{root}>"
    )


def _paragraph(line: str) -> str:
    # Word cuts a line into runs wherever it likes.
    middle = len(line) // 2
    runs = (line[:middle], line[middle:])
    told = "".join(f'<w:r><w:t xml:space="preserve">{escape(run)}</w:t></w:r>' for run in runs)
    return f"<w:p>{told}</w:p>"


def word_file(path: Path, *pages: Sequence[str], **parts: str | bytes) -> Path:
    """Write a Word file; further parts by their names, `/` and `.` written `__` and `_dot_`."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        if pages:
            archive.writestr(BODY, part(*pages))
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return path
