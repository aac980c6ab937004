"""Attacks on what a document does when it is opened, and on the history of the file itself."""

import re
from pathlib import Path
from typing import Any

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name as name

from api.signing.pdf.objects import dictionary
from api.signing.pdf.revision import Revision
from tests.corpus.on_bytes import edit
from tests.corpus.on_pages import update
from tests.support.forgers import Attack


def script() -> Any:
    return dictionary({"/S": name("/JavaScript"), "/JS": generic.pdf_string("app.alert(1)")})


def set_root(key: str, value: Any) -> Attack:
    """Set an entry of the catalogue."""

    def change(writer: Revision) -> None:
        writer.root[name(key)] = value
        writer.replace_root()

    return update(change)


def set_form(key: str, value: Any) -> Attack:
    """Set an entry of the form."""

    def change(writer: Revision) -> None:
        form = writer.root["/AcroForm"]
        form[name(key)] = value
        writer.update_container(form)

    return update(change)


def drop_root(key: str) -> Attack:
    """Take an entry out of the catalogue."""

    def change(writer: Revision) -> None:
        del writer.root[key]
        writer.replace_root()

    return update(change)


def drop_field(title: str) -> Attack:
    """Take a field out of the form: its signature is no longer listed."""

    def change(writer: Revision) -> None:
        fields = writer.root["/AcroForm"]["/Fields"]
        kept = [fields.raw_get(place) for place in range(len(fields))]
        kept = [one for one in kept if str(one.get_object()["/T"]) != title]
        form = writer.root["/AcroForm"]
        form[name("/Fields")] = generic.ArrayObject(kept)
        writer.update_container(form)

    return update(change)


def drop_signature(title: str) -> Attack:
    """Take the signature out of its field and leave the picture."""

    def change(writer: Revision) -> None:
        every = [each.get_object() for each in writer.root["/AcroForm"]["/Fields"]]
        field = next(field for field in every if str(field["/T"]) == title)
        del field["/V"]
        writer.update_container(field)

    return update(change)


def save_anew(path: Path) -> None:
    """Rewrite the whole file, as a program does that knows nothing of signatures."""
    content = path.read_bytes()
    with pikepdf.open(path) as document:
        document.save(path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)
    assert path.read_bytes() != content


def save_packed(path: Path) -> None:
    """Rewrite the file with its objects in streams."""
    with pikepdf.open(path) as document:
        document.save(
            path.with_suffix(".new"), object_stream_mode=pikepdf.ObjectStreamMode.generate
        )
    path.with_suffix(".new").replace(path)


def lock(path: Path) -> None:
    """Encrypt the file."""
    with pikepdf.open(path) as document:
        locks = pikepdf.Encryption(user="khoa", owner="khoa")
        document.save(path.with_suffix(".new"), encryption=locks)
    path.with_suffix(".new").replace(path)


def append_body(*, trailer: str, end: str = "%%EOF\n") -> Attack:
    """Write another page content behind the end, with a table that is not quite one."""

    def change(file: bytes) -> bytes:
        number, start = _content_number(file), len(file)
        body = b"%d 0 obj\n<< /Length 16 >>\nstream\n0 0 400 400 re f\nendstream\nendobj\n" % number
        previous = int(file[file.rindex(b"startxref") :].split()[1])
        where = start + len(body)
        found = re.search(rb"/Root (\d+ \d+ R)", file[file.rindex(b"trailer") :])
        root = found[1].decode() if found else "1 0 R"
        text = trailer.format(number=number, start=start, previous=previous, where=where, root=root)
        return file + body + text.encode() + end.encode()

    return edit(change)


XREF = "xref\n{number} 1\n{start:010d} 00000 n \n"
ENDS = "startxref\n{where}\n"
TRAILERS = {
    "whole": XREF + "trailer\n<< /Size 99 /Root {root} /Prev {previous} >>\n" + ENDS,
    "without-previous": XREF + "trailer\n<< /Size 99 /Root {root} >>\n" + ENDS,
    "previous-itself": XREF + "trailer\n<< /Size 99 /Root {root} /Prev {where} >>\n" + ENDS,
    "without-root": XREF + "trailer\n<< /Size 99 /Prev {previous} >>\n" + ENDS,
    "without-trailer": XREF + ENDS,
    "without-table": "trailer\n<< /Size 99 /Root {root} /Prev {previous} >>\n",
    "old-startxref": XREF + "startxref\n{previous}\n",
    "nothing": "",
}


def _content_number(file: bytes) -> int:
    """Return the number of a page's content stream."""
    found = re.search(rb"/Contents (\d+) 0 R", file)
    assert found is not None
    return int(found[1])
