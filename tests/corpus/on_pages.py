"""Attacks by an incremental update on what pages show: content, resources, the tree of pages."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name as name

from api.signing.pdf.objects import dictionary
from api.signing.pdf.revision import Revision, revising
from tests.support.forgers import Attack

LIE = b"BT /F1 40 Tf 50 500 Td (900 000 000) Tj ET"


def update(change: Callable[[Revision], None]) -> Attack:
    """Return an attack that adds a revision."""

    def attack(path: Path) -> None:
        with revising(path) as writer:
            change(writer)
            writer.append()

    return attack


def numbers(values: tuple[float, ...]) -> Any:
    return generic.ArrayObject(map(generic.FloatObject, values))


def _stream(content: bytes) -> Any:
    return generic.StreamObject(stream_data=content)


def replace_content(page: int, content: bytes) -> Attack:
    """Give a page another content stream."""

    def change(writer: Revision) -> None:
        target = writer.page(page)
        target[name("/Contents")] = writer.add_object(_stream(content))
        writer.update_container(target)

    return update(change)


def extend_content(page: int, content: bytes, *, before: bool = False) -> Attack:
    """Put another content stream before or behind that of a page."""

    def change(writer: Revision) -> None:
        target = writer.page(page)
        streams = [target.raw_get("/Contents"), writer.add_object(_stream(content))]
        target[name("/Contents")] = generic.ArrayObject(streams[::-1] if before else streams)
        writer.update_container(target)

    return update(change)


def overwrite_content(page: int, content: bytes) -> Attack:
    """Write another content into the stream that is there."""

    def change(writer: Revision) -> None:
        stream = writer.page(page)["/Contents"]
        stream._data, stream._encoded_data = content, None
        writer.update_container(stream)

    return update(change)


def set_page(page: int, key: str, value: Callable[[], Any]) -> Attack:
    """Set an entry of a page: its box, its turn, its actions."""

    def change(writer: Revision) -> None:
        target = writer.page(page)
        target[name(key)] = value()
        writer.update_container(target)

    return update(change)


def replace_font(page: int) -> Attack:
    """Let the letters of a page mean others (shadow attack: replace by font)."""

    def change(writer: Revision) -> None:
        font = writer.page(page)["/Resources"]["/Font"]["/F1"]
        font[name("/BaseFont")] = name("/ZapfDingbats")
        font[name("/Encoding")] = dictionary(
            {
                "/Type": name("/Encoding"),
                "/Differences": generic.ArrayObject([generic.NumberObject(65), name("/a1")]),
            }
        )
        writer.update_container(font)

    return update(change)


def replace_resources(page: int) -> Attack:
    """Give a page other resources."""

    def change(writer: Revision) -> None:
        target = writer.page(page)
        font = dictionary(
            {"/Type": name("/Font"), "/Subtype": name("/Type1"), "/BaseFont": name("/Symbol")}
        )
        fonts = dictionary({"/F1": writer.add_object(font)})
        target[name("/Resources")] = dictionary({"/Font": fonts})
        writer.update_container(target)

    return update(change)


def remove_page(page: int) -> Attack:
    """Take a page out of the tree."""

    def change(writer: Revision) -> None:
        tree = writer.root["/Pages"]
        del tree["/Kids"][page]
        tree[name("/Count")] = generic.NumberObject(len(tree["/Kids"]))
        writer.update_container(tree)

    return update(change)


def add_page(place: int) -> Attack:
    """Put a page of one's own into the tree."""

    def change(writer: Revision) -> None:
        tree = writer.root["/Pages"]
        fresh = dictionary(
            {
                "/Type": name("/Page"),
                "/MediaBox": numbers((0, 0, 595, 842)),
                "/Contents": writer.add_object(_stream(b"0 0 300 300 re f")),
                "/Parent": writer.root.raw_get("/Pages"),
            }
        )
        tree["/Kids"].insert(place, writer.add_object(fresh))
        tree[name("/Count")] = generic.NumberObject(len(tree["/Kids"]))
        writer.update_container(tree)

    return update(change)


def swap_pages(writer: Revision) -> None:
    tree = writer.root["/Pages"]
    kids = tree["/Kids"]
    first, second = kids.raw_get(0), kids.raw_get(1)
    kids[0], kids[1] = second, first
    writer.update_container(tree)


def show_a_page_twice(writer: Revision) -> None:
    tree = writer.root["/Pages"]
    tree["/Kids"].append(tree["/Kids"].raw_get(0))
    tree[name("/Count")] = generic.NumberObject(len(tree["/Kids"]))
    writer.update_container(tree)


def another_tree(writer: Revision) -> None:
    """Let the catalogue lead to pages of one's own (shadow attack: hide and replace)."""
    page = dictionary(
        {
            "/Type": name("/Page"),
            "/MediaBox": numbers((0, 0, 595, 842)),
            "/Contents": writer.add_object(_stream(LIE)),
        }
    )
    kids = generic.ArrayObject([writer.add_object(page)])
    tree = {"/Type": name("/Pages"), "/Kids": kids, "/Count": generic.NumberObject(1)}
    reference = writer.add_object(dictionary(tree))
    page[name("/Parent")] = reference
    writer.root[name("/Pages")] = reference
    writer.replace_root()
