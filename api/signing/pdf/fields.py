"""The fields of our form: placed before anyone signs, two of them filled in between."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name as name
from pyhanko.sign.fields import (
    FieldMDPAction,
    FieldMDPSpec,
    SigFieldSpec,
    append_signature_field,
)

from api.signing.pdf.drawing import draw, pen_of
from api.signing.pdf.errors import FieldMissing, NotSignable
from api.signing.pdf.layout import (
    COSIGNER_FIELDS,
    DATE_FIELD,
    LEADER_FIELD,
    NUMBER_FIELD,
    SEAL_FIELD,
    FieldLayout,
    Rect,
)
from api.signing.pdf.objects import dictionary, entry
from api.signing.pdf.revision import Revision, revising
from api.signing.pdf.signed_fields import signed_fields
from api.signing.pdf.typeface import Typeface, load, to_unicode

_PRINTED = 4  # annotation flag "print"
_READ_ONLY = 1  # field flag: viewers offer no editing
_SYMBOLIC = 4  # font flag: codes are ours
_ITALIC = 64
_LEFT, _CENTRED = 0, 1
#: Entries of the catalogue that make a page do or show what nobody signed for.
_ACTIVE = ("/OpenAction", "/AA", "/Collection", "/Perms", "/AcroForm")


@dataclass(frozen=True, slots=True)
class Typefaces:
    """The font files from which number (upright) and date (italic) are drawn."""

    upright: Path
    italic: Path
    size: float = 13.0

    @classmethod
    def from_folder(cls, folder: Path) -> Self:
        """Take Liberation Serif from a folder of fonts."""
        return cls(folder / "LiberationSerif-Regular.ttf", folder / "LiberationSerif-Italic.ttf")


def place_fields(path: Path, layout: FieldLayout, typefaces: Typefaces) -> None:
    """Put number, date, signature and seal fields on an unsigned PDF of ours.

    All are there before anyone signs: whoever signs first certifies the others' empty fields too.
    """
    with revising(path) as writer:
        _must_be_plain(writer)
        _place_text_fields(writer, layout, typefaces)
        for title, (page, rect) in zip(COSIGNER_FIELDS, layout.cosigners, strict=False):
            _place_signature_field(writer, title, page, rect)
        _place_signature_field(writer, LEADER_FIELD, layout.signature_page, layout.signature)
        _place_signature_field(writer, SEAL_FIELD, layout.signature_page, layout.seal)
        writer.append()


def fill_number(path: Path, number: str, date_line: str) -> None:
    """Fill number and date; run again with the same values it changes nothing."""
    values = {NUMBER_FIELD: number, DATE_FIELD: date_line}
    with revising(path) as writer:
        fields = text_fields(writer.root)
        if any(name_ not in fields for name_ in values):
            raise FieldMissing(field=NUMBER_FIELD)
        changed = {key: text for key, text in values.items() if entry(fields[key], "/V") != text}
        for key, text in changed.items():
            _fill(writer, fields[key], text)
        if changed:
            writer.append()


def text_fields(root: Any) -> Mapping[str, Any]:
    """Return our text fields of a document by their names."""
    form = entry(root, "/AcroForm", {})
    every = [reference.get_object() for reference in entry(form, "/Fields", ())]
    ours = (NUMBER_FIELD, DATE_FIELD)
    return {str(field["/T"]): field for field in every if str(entry(field, "/T")) in ours}


def _must_be_plain(writer: Revision) -> None:
    present = [key for key in _ACTIVE if key in writer.root]
    if present:
        raise NotSignable(why="active_content", entry=present[0])
    if any(signed_fields(writer.prev)):
        raise NotSignable(why="already_signed")
    if "/JavaScript" in entry(writer.root, "/Names", {}):
        raise NotSignable(why="active_content", entry="/JavaScript")


def _place_text_fields(writer: Revision, layout: FieldLayout, typefaces: Typefaces) -> None:
    upright = add_font(writer, load(typefaces.upright))
    italic = add_font(writer, load(typefaces.italic))
    size = f"{typefaces.size:g}"
    number = _text_field(NUMBER_FIELD, layout.number, f"/KGUpright {size} Tf 0 g", _LEFT)
    date = _text_field(DATE_FIELD, layout.date, f"/KGItalic {size} Tf 0 g", _CENTRED)
    fields = [_on_page(writer, layout.head_page, field) for field in (number, date)]
    fonts = dictionary({"/KGUpright": upright, "/KGItalic": italic})
    form = {"/Fields": generic.ArrayObject(fields), "/DR": dictionary({"/Font": fonts})}
    writer.root[name("/AcroForm")] = writer.add_object(dictionary(form))
    writer.replace_root()


def _text_field(title: str, rect: Rect, appearance: str, alignment: int) -> Any:
    edges = (rect.left, rect.bottom, rect.right, rect.top)
    return dictionary(
        {
            "/Type": name("/Annot"),
            "/Subtype": name("/Widget"),
            "/FT": name("/Tx"),
            "/T": generic.pdf_string(title),
            "/Rect": generic.ArrayObject(map(generic.FloatObject, edges)),
            "/F": generic.NumberObject(_PRINTED),
            "/Ff": generic.NumberObject(_READ_ONLY),
            "/DA": generic.pdf_string(appearance),
            "/Q": generic.NumberObject(alignment),
        }
    )


def _on_page(writer: Revision, number: int, field: Any) -> Any:
    target = writer.page(number)
    reference = writer.add_object(field)
    field[name("/P")] = generic.IndirectObject(
        target.container_ref.idnum, target.container_ref.generation, writer
    )
    if "/Annots" not in target:
        target[name("/Annots")] = generic.ArrayObject()
    target["/Annots"].append(reference)
    writer.update_container(target["/Annots"])
    return reference


def _place_signature_field(writer: Revision, title: str, number: int, rect: Rect) -> None:
    lock = FieldMDPSpec(FieldMDPAction.ALL) if title == SEAL_FIELD else None
    box: Any = (rect.left, rect.bottom, rect.right, rect.top)  # pyHanko says int, and takes both
    spec = SigFieldSpec(title, on_page=number, box=box, field_mdp_spec=lock)
    append_signature_field(writer, spec)


def _fill(writer: Revision, field: Any, text: str) -> None:
    form = writer.root["/AcroForm"]
    pen = pen_of(field, form)
    field[name("/V")] = generic.pdf_string(text)
    shape = appearance_entries(form, pen.font, pen.width, pen.height)
    stream = generic.StreamObject(dictionary(shape), stream_data=draw(text, pen))
    field[name("/AP")] = dictionary({"/N": writer.add_object(stream)})
    writer.update_container(field)


def appearance_entries(form: Any, font: str, width: float, height: float) -> dict[str, Any]:
    """Return what the dictionary of a filled field's appearance holds, beside its length."""
    corners = (0, 0, width, height)
    fonts = dictionary({f"/{font}": form["/DR"]["/Font"].raw_get(f"/{font}")})
    return {
        "/Type": name("/XObject"),
        "/Subtype": name("/Form"),
        "/BBox": generic.ArrayObject(map(generic.FloatObject, corners)),
        "/Resources": dictionary({"/Font": fonts}),
    }


def add_font(writer: Revision, face: Typeface) -> Any:
    """Put a typeface into the file and return its reference."""
    program = generic.StreamObject(
        {name("/Length1"): generic.NumberObject(len(face.program))}, stream_data=face.program
    )
    program.compress()
    descendant = _descendant(face, writer.add_object(program))
    glyphs = generic.StreamObject(stream_data=face.glyphs)
    descendant[name("/CIDToGIDMap")] = writer.add_object(glyphs)
    cmap = generic.StreamObject(stream_data=to_unicode())
    cmap.compress()
    font = {
        "/Type": name("/Font"),
        "/Subtype": name("/Type0"),
        "/BaseFont": name(f"/KGIAYS+{face.name}"),
        "/Encoding": name("/Identity-H"),
        "/DescendantFonts": generic.ArrayObject([writer.add_object(descendant)]),
        "/ToUnicode": writer.add_object(cmap),
    }
    return writer.add_object(dictionary(font))


def _descendant(face: Typeface, program: Any) -> Any:
    numbers = generic.ArrayObject(map(generic.NumberObject, face.widths))
    first = generic.NumberObject(1)
    system = {
        "/Registry": generic.pdf_string("Adobe"),
        "/Ordering": generic.pdf_string("Identity"),
        "/Supplement": generic.NumberObject(0),
    }
    return dictionary(
        {
            "/Type": name("/Font"),
            "/Subtype": name("/CIDFontType2"),
            "/BaseFont": name(f"/KGIAYS+{face.name}"),
            "/CIDSystemInfo": dictionary(system),
            "/FontDescriptor": _descriptor(face, program),
            "/W": generic.ArrayObject([first, numbers]),
        }
    )


def _descriptor(face: Typeface, program: Any) -> Any:
    return dictionary(
        {
            "/Type": name("/FontDescriptor"),
            "/FontName": name(f"/KGIAYS+{face.name}"),
            "/Flags": generic.NumberObject(_SYMBOLIC | (_ITALIC if face.slant else 0)),
            "/FontBBox": generic.ArrayObject(map(generic.NumberObject, face.box)),
            "/ItalicAngle": generic.FloatObject(round(face.slant, 2)),
            "/Ascent": generic.NumberObject(face.ascent),
            "/Descent": generic.NumberObject(face.descent),
            "/CapHeight": generic.NumberObject(face.ascent),
            "/StemV": generic.NumberObject(80),
            "/FontFile2": program,
        }
    )
