"""What a forger without any key can do to a signed file: each attack as a function on a path."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from asn1crypto import cms, x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name as name
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from api.signing.pdf.drawing import Pen, draw, pen_of
from api.signing.pdf.fields import appearance_entries, text_fields
from api.signing.pdf.layout import DATE_FIELD, NUMBER_FIELD, SEAL_FIELD
from api.signing.pdf.objects import dictionary
from api.signing.pdf.revision import Revision, revising

TRUE_NUMBER = "123/QĐ-BTNMT"
Attack = Callable[[Path], None]


def _as_update(change: Callable[[Revision], None]) -> Attack:
    def attack(path: Path) -> None:
        with revising(path) as writer:
            change(writer)
            writer.append()

    attack.__name__ = change.__name__
    return attack


def flip(offset: int, bit: int = 0) -> Attack:
    """Flip one bit."""

    def attack(path: Path) -> None:
        content = bytearray(path.read_bytes())
        content[offset] ^= 1 << bit
        path.write_bytes(content)

    return attack


def put_into_the_bag(path: Path, *certificates: bytes) -> None:
    """Put certificates before those in the container of the last signature; nobody signed them."""
    with path.open("rb") as stream:
        last = list(PdfFileReader(stream).embedded_signatures)[-1]
        start, end = last.byte_range[1], last.byte_range[2]
        content = cms.ContentInfo.load(bytes(last.pkcs7_content), strict=False)
    bag = content["content"]["certificates"]
    own = [each.chosen for each in bag]
    more = [x509.Certificate.load(each) for each in certificates]
    content["content"]["certificates"] = [
        cms.CertificateChoices("certificate", each) for each in (*more, *own)
    ]
    filled = bytes(content.dump()).hex().upper().encode()
    room = end - start - 2
    assert len(filled) <= room
    whole = path.read_bytes()
    path.write_bytes(whole[:start] + b"<" + filled.ljust(room, b"0") + b">" + whole[end:])


def append_garbage(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"garbage")


def append_hidden_objects(path: Path) -> None:
    content = path.read_bytes()
    pointer = content[content.rindex(b"startxref") :]
    path.write_bytes(content + b"\n99 0 obj\n<< >>\nendobj\n" + pointer)


def append_zeros(path: Path) -> None:
    path.write_bytes(path.read_bytes() + bytes(64))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-300])


@_as_update
def replace_page_content(writer: Revision) -> None:
    target = writer.page(0)
    content = generic.StreamObject(stream_data=b"BT /F1 40 Tf 50 500 Td (900) Tj ET")
    target[name("/Contents")] = writer.add_object(content)
    writer.update_container(target)


@_as_update
def overwrite_page_stream(writer: Revision) -> None:
    stream = writer.page(0)["/Contents"]
    stream._data = b"BT ET"
    stream._encoded_data = None
    writer.update_container(stream)


@_as_update
def add_annotation(writer: Revision) -> None:
    target = writer.page(0)
    corners = generic.ArrayObject(map(generic.NumberObject, (50, 50, 500, 700)))
    note = dictionary(
        {
            "/Type": name("/Annot"),
            "/Subtype": name("/FreeText"),
            "/Rect": corners,
            "/Contents": generic.pdf_string("Điều 1"),
            "/DA": generic.pdf_string("/Helv 12 Tf 0 g"),
        }
    )
    target["/Annots"].append(writer.add_object(note))
    writer.update_container(target["/Annots"])


@_as_update
def add_script(writer: Revision) -> None:
    script = {"/S": name("/JavaScript"), "/JS": generic.pdf_string("app.alert(1)")}
    writer.root[name("/OpenAction")] = dictionary(script)
    writer.replace_root()


@_as_update
def remove_a_page(writer: Revision) -> None:
    pages = writer.root["/Pages"]
    pages["/Kids"].pop()
    pages[name("/Count")] = generic.NumberObject(1)
    writer.update_container(pages)


@_as_update
def redraw_the_signature(writer: Revision) -> None:
    _widget(writer, "Ky_LanhDao")[name("/AP")] = dictionary(
        {"/N": writer.add_object(generic.StreamObject(stream_data=b"0 0 10 10 re f"))}
    )
    writer.update_container(_widget(writer, "Ky_LanhDao"))


@_as_update
def draw_into_the_empty_seal(writer: Revision) -> None:
    """Use the seal field, which is still open, to cover the text."""
    field = _widget(writer, SEAL_FIELD)
    field[name("/AP")] = dictionary(
        {"/N": writer.add_object(generic.StreamObject(stream_data=b"0 0 400 400 re f"))}
    )
    writer.update_container(field)


@_as_update
def add_a_visible_field(writer: Revision) -> None:
    append_signature_field(writer, SigFieldSpec("Khac", on_page=0, box=(50, 50, 500, 700)))


@_as_update
def change_the_number(writer: Revision) -> None:
    _fill(writer, value="999/QĐ-BTNMT", shown="999/QĐ-BTNMT")


@_as_update
def show_another_number(writer: Revision) -> None:
    """Case A: the value is right, the picture is not."""
    _fill(writer, value=TRUE_NUMBER, shown="999/QĐ-BTNMT")


@_as_update
def widen_the_number(writer: Revision) -> None:
    """Case B: the field grows over the text of the decision."""
    field = text_fields(writer.root)[NUMBER_FIELD]
    edges = (80, 560, 560, 720)
    field[name("/Rect")] = generic.ArrayObject(map(generic.FloatObject, edges))
    _fill(writer, value=TRUE_NUMBER, shown=TRUE_NUMBER, before=b"1 1 1 rg 0 0 480 160 re f ")


@_as_update
def show_a_clause(writer: Revision) -> None:
    """Case C: the picture is a clause of the decision."""
    _fill(writer, value=TRUE_NUMBER, shown="Điều 1: 900.000 đồng")


@_as_update
def hide_the_number(writer: Revision) -> None:
    _fill(writer, value=TRUE_NUMBER, shown=TRUE_NUMBER)
    text_fields(writer.root)[NUMBER_FIELD][name("/F")] = generic.NumberObject(2)


@_as_update
def add_a_second_picture(writer: Revision) -> None:
    _fill(writer, value=TRUE_NUMBER, shown=TRUE_NUMBER)
    field = text_fields(writer.root)[NUMBER_FIELD]
    field["/AP"][name("/D")] = field["/AP"].raw_get("/N")


@_as_update
def draw_with_a_foreign_font(writer: Revision) -> None:
    _fill(writer, value=TRUE_NUMBER, shown=TRUE_NUMBER)
    stream = text_fields(writer.root)[NUMBER_FIELD]["/AP"]["/N"]
    fonts = writer.root["/AcroForm"]["/DR"]["/Font"]
    lying = dictionary({"/KGUpright": fonts.raw_get("/KGItalic")})
    stream[name("/Resources")] = dictionary({"/Font": lying})


@_as_update
def replace_the_font(writer: Revision) -> None:
    _fill(writer, value=TRUE_NUMBER, shown=TRUE_NUMBER)
    font = writer.root["/AcroForm"]["/DR"]["/Font"]["/KGUpright"]
    font[name("/Encoding")] = name("/Identity-V")
    writer.update_container(font)


@_as_update
def empty_the_value(writer: Revision) -> None:
    _fill(writer, value="", shown=TRUE_NUMBER)


def shift_byte_range(path: Path) -> None:
    content = path.read_bytes()
    place = content.rindex(b"/ByteRange [0 ") + len(b"/ByteRange [0 ")
    path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])


def start_byte_range_later(path: Path) -> None:
    content = path.read_bytes()
    place = content.rindex(b"/ByteRange [0 ") + len(b"/ByteRange [")
    path.write_bytes(content[:place] + b"9" + content[place + 1 :])


def fill_padding(path: Path) -> None:
    content = path.read_bytes()
    place = content.rindex(b"00>") + 1
    path.write_bytes(content[:place] + b"1" + content[place + 1 :])


def change_case_of_contents(path: Path) -> None:
    content = path.read_bytes()
    place = content.rindex(b"/Contents <30") + len(b"/Contents <")
    letter = next(at for at in range(place, place + 200) if content[at] in b"ABCDEF")
    path.write_bytes(
        content[:letter] + content[letter : letter + 1].lower() + content[letter + 1 :]
    )


def _fill(writer: Revision, *, value: str, shown: str, before: bytes = b"") -> None:
    form = writer.root["/AcroForm"]
    for title, text, picture in (
        (NUMBER_FIELD, value, shown),
        (DATE_FIELD, "Hà Nội, ngày 24 tháng 11 năm 2026", "Hà Nội, ngày 24 tháng 11 năm 2026"),
    ):
        field = text_fields(writer.root)[title]
        pen = pen_of(field, form)
        field[name("/V")] = generic.pdf_string(text)
        ink = before if title == NUMBER_FIELD else b""
        stream = _picture(form, pen, ink + draw(picture, pen))
        field[name("/AP")] = dictionary({"/N": writer.add_object(stream)})
        writer.update_container(field)


def _picture(form: Any, pen: Pen, ink: bytes) -> Any:
    entries = appearance_entries(form, pen.font, pen.width, pen.height)
    return generic.StreamObject(dictionary(entries), stream_data=ink)


def _widget(writer: Revision, title: str) -> Any:
    every = [reference.get_object() for reference in writer.root["/AcroForm"]["/Fields"]]
    return next(field for field in every if str(field["/T"]) == title)
