"""Evil annotations and sneaky fields: what a certification that allows filling is abused for."""

from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name as name
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from api.signing.pdf.objects import dictionary
from api.signing.pdf.revision import Revision
from tests.corpus.on_pages import numbers, update
from tests.corpus.specimens import Forgery
from tests.support.forgers import Attack

RECT = (50, 50, 500, 700)
SUBTYPES = (
    "Text", "Link", "FreeText", "Line", "Square", "Circle", "Polygon", "Highlight", "Underline",
    "StrikeOut", "Stamp", "Ink", "Popup", "FileAttachment", "Redact", "Watermark", "Screen",
)  # fmt: skip


def _picture(writer: Revision) -> Any:
    entries = dictionary({"/Subtype": name("/Form"), "/BBox": numbers((0, 0, 450, 650))})
    content = b"1 1 1 rg 0 0 450 650 re f 0 g BT /F1 30 Tf 20 500 Td (Dieu 1) Tj ET"
    return writer.add_object(generic.StreamObject(entries, stream_data=content))


def annotate(subtype: str, flags: int = 4) -> Attack:
    """Lay an annotation over the text."""

    def change(writer: Revision) -> None:
        entries = {
            "/Type": name("/Annot"),
            "/Subtype": name(f"/{subtype}"),
            "/Rect": numbers(RECT),
            "/F": generic.NumberObject(flags),
            "/Contents": generic.pdf_string("Điều 1"),
            "/AP": dictionary({"/N": _picture(writer)}),
        }
        _add(writer, dictionary(entries))

    return update(change)


def add_text_field(title: str, *, listed: bool) -> Attack:
    """Lay a text field over the text, with or without a place in the form."""

    def change(writer: Revision) -> None:
        entries = {
            "/Type": name("/Annot"),
            "/Subtype": name("/Widget"),
            "/FT": name("/Tx"),
            "/T": generic.pdf_string(title),
            "/V": generic.pdf_string("900"),
            "/Rect": numbers(RECT),
            "/F": generic.NumberObject(4),
            "/AP": dictionary({"/N": _picture(writer)}),
        }
        reference = _add(writer, dictionary(entries))
        if listed:
            form = writer.root["/AcroForm"]
            form["/Fields"].append(reference)
            writer.update_container(form["/Fields"])

    return update(change)


def add_empty_signature_field(rect: tuple[int, int, int, int]) -> Attack:
    """Put a signature field that nobody has signed where one can see it."""

    def change(writer: Revision) -> None:
        append_signature_field(writer, SigFieldSpec("Khac", on_page=0, box=rect))

    return update(change)


def remove_annotation(place: int) -> Attack:
    """Take a field off its page."""

    def change(writer: Revision) -> None:
        notes = writer.page(0)["/Annots"]
        del notes[place]
        writer.update_container(notes)

    return update(change)


def set_widget(title: str, key: str, value: Any) -> Attack:
    """Set an entry of a field: its place, its flags, what it does."""

    def change(writer: Revision) -> None:
        every = [each.get_object() for each in writer.root["/AcroForm"]["/Fields"]]
        field = next(field for field in every if str(field["/T"]) == title)
        field[name(key)] = value
        writer.update_container(field)

    return update(change)


def draw_widget(title: str, content: bytes) -> Attack:
    """Draw something else in the place of a field."""

    def change(writer: Revision) -> None:
        entries = dictionary({"/Subtype": name("/Form"), "/BBox": numbers((0, 0, 120, 60))})
        every = [each.get_object() for each in writer.root["/AcroForm"]["/Fields"]]
        field = next(field for field in every if str(field["/T"]) == title)
        stream = generic.StreamObject(entries, stream_data=content)
        field[name("/AP")] = dictionary({"/N": writer.add_object(stream)})
        writer.update_container(field)

    return update(change)


def evil_annotations() -> tuple[Forgery, ...]:
    """Return every kind of annotation, shown and hidden."""
    return tuple(
        Forgery(f"{subtype}-{flags}", annotate(subtype, flags), {"what": f"Annot/{subtype}"})
        for subtype in SUBTYPES
        for flags in (4, 2)
    )


def _add(writer: Revision, annotation: Any) -> Any:
    target = writer.page(0)
    reference = writer.add_object(annotation)
    if "/Annots" not in target:
        target[name("/Annots")] = generic.ArrayObject()
        writer.update_container(target)
    target["/Annots"].append(reference)
    writer.update_container(target["/Annots"])
    return reference
