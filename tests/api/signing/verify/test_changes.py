"""Which objects may be replaced after a signature, and how; everything else is named.

The closed list is asked alone, on papers written by hand: it looks at objects and needs no key.
Both judges together are asked on signed papers.
"""

from io import BytesIO
from pathlib import Path

import pytest
from pyhanko.pdf_utils.generic import pdf_name as name
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from api.signing.pdf.layout import LEADER_FIELD, NUMBER_FIELD
from api.signing.pdf.objects import dictionary
from api.signing.pdf.revision import revising
from api.signing.verify.changes import by_object, changes_after
from api.signing.verify.rules import Change
from tests.support.revisions import INFO, Objects, begun, revised, stream
from tests.support.signed_papers import Desk

PAGES, PAGE, CONTENT, FORM, SIGNED, OPEN, NUMBER, DSS, VALUE, METADATA = range(2, 12)
ANNOTS, CERTS, FIELDS, KID, REMARK = 12, 13, 14, 16, 17
NEW, MORE = 20, 21

SIGNED_FIELD = f"<< /FT /Sig /T (Done) /V {VALUE} 0 R >>"
OPEN_FIELD = "<< /FT /Sig /T (Open) /Type /Annot /Rect [0 0 9 9] >>"
NOTE = "<< /Type /Annot /Subtype /FreeText /Contents (Dieu 1) >>"
TEXT_FIELD = "<< /FT /Tx /T (Ghi chu) >>"


#: The fields of the form, and what the page shows.
LISTED, SHOWN = f"{SIGNED} 0 R {OPEN} 0 R {NUMBER} 0 R", f"{SIGNED} 0 R {REMARK} 0 R"


def catalogue(more: str = "", form: str = f"{FORM} 0 R") -> str:
    return f"<< /Type /Catalog /Pages {PAGES} 0 R /AcroForm {form} {more} >>"


def form(fields: str, more: str = "/SigFlags 3") -> str:
    return f"<< /Fields {fields} {more} >>"


def page(annots: str = f"[{SHOWN}]", more: str = "") -> str:
    return f"<< /Type /Page /Parent {PAGES} 0 R /Contents {CONTENT} 0 R /Annots {annots} {more} >>"


PAPER: dict[int, str] = {
    1: catalogue(f"/DSS {DSS} 0 R /Metadata {METADATA} 0 R"),
    PAGES: f"<< /Type /Pages /Count 1 /Kids [{PAGE} 0 R] >>",
    PAGE: page(),
    CONTENT: stream("BT ET"),
    FORM: form(f"[{LISTED}]"),
    SIGNED: SIGNED_FIELD,
    OPEN: OPEN_FIELD,
    NUMBER: f"<< /FT /Tx /T ({NUMBER_FIELD}) /Rect [0 0 99 9] >>",
    DSS: f"<< /Certs {CERTS} 0 R >>",
    VALUE: "<< /Type /Sig >>",
    METADATA: stream("<x/>"),
    REMARK: NOTE,
    CERTS: "[]",
    INFO: "<< /Title (Quyet dinh) >>",
}
#: The same paper, its lists as objects of their own.
APART = PAPER | {
    PAGE: page(f"{ANNOTS} 0 R"),
    ANNOTS: f"[{SHOWN}]",
    FORM: form(f"{FIELDS} 0 R"),
    FIELDS: f"[{LISTED}]",
}
#: The same paper, its form inside the catalogue.
INSIDE = PAPER | {1: catalogue(form=form(f"[{LISTED}]"))}
#: A signature field whose picture is an object of its own.
WITH_A_KID = PAPER | {
    OPEN: f"<< /FT /Sig /T (Open) /Kids [{KID} 0 R] >>",
    KID: f"<< /Type /Annot /Parent {OPEN} 0 R >>",
}
ANOTHER = {NEW: f"<< /FT /Sig /T (More) /V {MORE} 0 R >>", MORE: "<< /Type /Sig >>"}
UNSIGNED = {NEW: "<< /FT /Sig /T (More) >>"}


def changes(paper: Objects, *steps: Objects) -> set[Change]:
    file = begun(paper)
    for step in steps:
        file = revised(file, step)
    return set(by_object(PdfFileReader(BytesIO(file)), 0))


def test_a_file_that_stayed_as_it_was_has_no_changes() -> None:
    assert set(by_object(PdfFileReader(BytesIO(begun(PAPER))), 0)) == set()


@pytest.mark.parametrize("number", PAPER)
def test_an_object_written_again_as_it_was_is_no_change(number: int) -> None:
    assert changes(PAPER, {number: PAPER[number]}) == set()


@pytest.mark.parametrize("number", sorted(PAPER.keys() - {METADATA, INFO, DSS, CERTS}))
def test_any_object_replaced_by_another_is_named(number: int) -> None:
    assert changes(PAPER, {number: "(something else)"}) & {Change.OTHER, Change.NUMBER_FORGED}


def test_a_new_object_says_nothing_until_an_old_one_leads_to_it() -> None:
    assert changes(PAPER, {NEW: NOTE}) == set()


@pytest.mark.parametrize("number", [CONTENT, PAGES, VALUE])
def test_an_object_that_nobody_may_replace_is_named_wherever_it_stands(number: int) -> None:
    step = {NEW: NOTE, INFO: "<< >>", number: "<< /Type /Else >>", SIGNED: SIGNED_FIELD}

    assert changes(PAPER, step) == {Change.OTHER}


def test_document_information_and_metadata_are_nobody_s_concern() -> None:
    step = {INFO: "<< /Title (Khac) >>", METADATA: stream("<y/>")}

    assert changes(PAPER, step) == set()


def test_every_revision_is_looked_at_and_held_against_the_one_before() -> None:
    forth, back = {CONTENT: stream("BT (khac) Tj ET")}, {CONTENT: PAPER[CONTENT]}

    assert changes(PAPER, forth, back) == {Change.OTHER}
    assert changes(PAPER, {OPEN: OPEN_FIELD[:-2] + f"/V {VALUE} 0 R >>"}, {NEW: NOTE}) == {
        Change.SIGNED_AGAIN
    }


def test_revisions_up_to_the_signature_are_its_own() -> None:
    file = revised(revised(begun(PAPER), {CONTENT: stream("q Q")}), {NEW: NOTE})

    assert set(by_object(PdfFileReader(BytesIO(file)), 1)) == set()


def test_a_freed_object_is_named() -> None:
    file = revised(begun(PAPER), {}, freed=(NUMBER,))

    assert Change.OTHER in set(by_object(PdfFileReader(BytesIO(file)), 0))


def test_another_catalogue_is_named() -> None:
    file = revised(begun(PAPER), {NEW: PAPER[1]}, root=NEW)

    assert set(by_object(PdfFileReader(BytesIO(file)), 0)) == {Change.OTHER}


def test_an_object_that_cannot_be_read_is_named() -> None:
    assert changes(PAPER, {METADATA: "<< /Broken "}) == {Change.OTHER}
    assert changes(PAPER, {METADATA: "<< /Broken ", DSS: "<< >>"}) == {
        Change.OTHER,
        Change.EVIDENCE_ADDED,
    }


KEPT = f"/Metadata {METADATA} 0 R"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (f"{KEPT} /DSS << >>", {Change.EVIDENCE_ADDED}),
        (f"{KEPT} /DSS {DSS} 0 R /Version /2.0", set()),
        (f"{KEPT} /DSS {DSS} 0 R /Extensions << >>", set()),
        ("/Version /2.0 /Extensions << >> /DSS << >>", {Change.EVIDENCE_ADDED}),
        (f"/DSS {DSS} 0 R", set()),
        (f"{KEPT} /DSS {DSS} 0 R /OpenAction << /S /JavaScript >>", {Change.OTHER}),
        (f"{KEPT} /DSS << >> /Names << >>", {Change.OTHER}),
    ],
)
def test_the_catalogue_may_gain_evidence_and_a_version(more: str, expected: set[Change]) -> None:
    assert changes(PAPER, {1: catalogue(more)}) == expected


def test_the_catalogue_may_not_lead_to_other_pages() -> None:
    other = PAPER[1].replace(f"/Pages {PAGES} 0 R", f"/Pages {NEW} 0 R")

    assert changes(PAPER, {1: other, NEW: PAPER[PAGES]}) == {Change.OTHER}


@pytest.mark.parametrize("number", [DSS, CERTS])
def test_what_lies_in_the_store_of_evidence_is_evidence(number: int) -> None:
    assert changes(PAPER, {number: "[1]" if number == CERTS else "<< /VRI << >> >>"}) == {
        Change.EVIDENCE_ADDED
    }


@pytest.mark.parametrize("kind", ["/OCSPs", "/CRLs", "/VRI"])
def test_each_kind_of_evidence_may_grow(kind: str) -> None:
    paper = PAPER | {DSS: f"<< {kind} {NEW} 0 R >>", NEW: "[]"}

    assert changes(paper, {NEW: "[1]"}) == {Change.EVIDENCE_ADDED}


GROWN: list[tuple[str, Objects, set[Change]]] = [
    (f"{NEW} 0 R", ANOTHER, {Change.SIGNED_AGAIN}),
    ("", {}, set()),
    (f"{NEW} 0 R", UNSIGNED, {Change.OTHER}),
    (f"{NEW} 0 R", {NEW: NOTE}, {Change.OTHER}),
    (f"{NEW} 0 R", {NEW: TEXT_FIELD}, {Change.OTHER}),
    (f"{NEW} 0 R 22 0 R", {**ANOTHER, 22: NOTE}, {Change.OTHER}),
    (f"22 0 R {NEW} 0 R", {**ANOTHER, 22: NOTE}, {Change.OTHER}),
]


@pytest.mark.parametrize(("added", "objects", "expected"), GROWN)
def test_a_list_may_grow_by_signed_signature_fields_alone(
    added: str, objects: Objects, expected: set[Change]
) -> None:
    fields, annots = f"[{LISTED} {added}]", f"[{SHOWN} {added}]"

    assert changes(PAPER, {FORM: form(fields), **objects}) == expected
    assert changes(INSIDE, {1: catalogue(form=form(fields)), **objects}) == expected
    assert changes(APART, {FIELDS: fields, **objects}) == expected
    assert changes(PAPER, {PAGE: page(annots), **objects}) == expected
    assert changes(APART, {ANNOTS: annots, **objects}) == expected


def test_the_picture_of_a_signed_field_may_stand_on_a_page() -> None:
    field = {**ANOTHER, 22: f"<< /Type /Annot /Parent {NEW} 0 R >>"}
    open_field = {**UNSIGNED, 22: f"<< /Type /Annot /Parent {NEW} 0 R >>"}

    assert changes(PAPER, {PAGE: page(f"[{SHOWN} 22 0 R]"), **field}) == {Change.SIGNED_AGAIN}
    assert changes(PAPER, {PAGE: page(f"[{SHOWN} 22 0 R]"), **open_field}) == {Change.OTHER}


def test_a_signed_field_may_stand_below_a_group() -> None:
    group = {**ANOTHER, 22: "<< /T (Group) >>"}
    group[NEW] = group[NEW][:-2] + "/Parent 22 0 R >>"

    assert changes(PAPER, {FORM: form(f"[{LISTED} {NEW} 0 R]"), **group}) == {Change.SIGNED_AGAIN}


@pytest.mark.parametrize(
    "fields", [f"[{SIGNED} 0 R {OPEN} 0 R]", f"[{OPEN} 0 R {SIGNED} 0 R {NUMBER} 0 R]", "[]"]
)
def test_a_list_never_loses_or_moves_what_it_had(fields: str) -> None:
    assert changes(PAPER, {FORM: form(fields)}) == {Change.OTHER}
    assert changes(APART, {FIELDS: fields}) == {Change.OTHER}


@pytest.mark.parametrize("more", ["/SigFlags 1", "/SigFlags 3 /DR << >>", "/DR << >> /DA (0 g)"])
def test_a_form_may_change_its_defaults(more: str) -> None:
    assert changes(PAPER, {FORM: form(f"[{LISTED}]", more)}) == set()


@pytest.mark.parametrize("more", ["/SigFlags 3 /XFA []", "/SigFlags 3 /NeedAppearances true"])
def test_a_form_may_not_draw_itself_anew(more: str) -> None:
    fields = f"[{LISTED}]"

    assert changes(PAPER, {FORM: form(fields, more)}) == {Change.OTHER}
    assert changes(INSIDE, {1: catalogue(form=form(fields, more))}) == {Change.OTHER}


def test_a_form_that_was_not_there_is_named() -> None:
    bare = PAPER | {1: f"<< /Type /Catalog /Pages {PAGES} 0 R >>"}

    assert changes(bare, {1: catalogue(form=form(f"[{NEW} 0 R]")), **ANOTHER}) == {Change.OTHER}
    assert changes(bare, {NEW: NOTE}) == set()


@pytest.mark.parametrize("more", ["/Rotate 90", "/MediaBox [0 0 9 9]", "/AA << >>"])
def test_a_page_may_gain_fields_and_nothing_else(more: str) -> None:
    assert changes(PAPER, {PAGE: page(more=more)}) == {Change.OTHER}


def test_a_page_without_annotations_may_gain_them() -> None:
    bare = PAPER | {PAGE: page().replace(f"/Annots [{SHOWN}]", "")}

    assert changes(bare, {PAGE: page(f"[{NEW} 0 R]"), **ANOTHER}) == {Change.SIGNED_AGAIN}
    assert changes(bare, {PAGE: page(f"[{NEW} 0 R]"), NEW: NOTE}) == {Change.OTHER}


@pytest.mark.parametrize(
    "more",
    ["", "/AP << >>", "/AS /On", "/F 4", "/Ff 1", "/DA (0 g)", "/MK << >>", "/M (D:2026)",
     "/Lock << >>", "/AP << >> /AS /On /F 4 /Ff 1 /DA (0 g) /MK << >> /M (D:2026) /Lock << >>"],
)  # fmt: skip
def test_an_open_signature_field_may_be_signed_once(more: str) -> None:
    signed = OPEN_FIELD[:-2] + f"/V {MORE} 0 R {more} >>"

    assert changes(PAPER, {OPEN: signed, MORE: "<< >>"}) == {Change.SIGNED_AGAIN}
    assert changes(PAPER, {OPEN: signed, MORE: "<< >>"}, {OPEN: signed[:-2] + "/X 1 >>"}) == {
        Change.SIGNED_AGAIN,
        Change.OTHER,
    }


@pytest.mark.parametrize(
    "field",
    [
        OPEN_FIELD[:-2] + "/AP << >> >>",
        OPEN_FIELD.replace("[0 0 9 9]", "[0 0 900 900]"),
        OPEN_FIELD.replace("[0 0 9 9]", "[0 0 900 900]")[:-2] + f"/V {MORE} 0 R >>",
        OPEN_FIELD.replace("(Open)", "(Other)")[:-2] + f"/V {MORE} 0 R >>",
        OPEN_FIELD.replace("/Sig", "/Tx")[:-2] + f"/V {MORE} 0 R >>",
    ],
)
def test_an_open_signature_field_may_not_be_drawn_into_or_moved(field: str) -> None:
    assert changes(PAPER, {OPEN: field, MORE: "<< >>"}) == {Change.OTHER}


def test_a_signature_is_never_replaced() -> None:
    other = SIGNED_FIELD.replace(f"/V {VALUE} 0 R", f"/V {MORE} 0 R")

    assert changes(PAPER, {SIGNED: other, MORE: "<< >>"}) == {Change.OTHER}
    assert changes(PAPER, {SIGNED: "<< /FT /Sig /T (Done) >>"}) == {Change.OTHER}


def test_the_picture_of_an_open_field_changes_when_it_is_signed_and_not_before() -> None:
    drawn = {KID: f"<< /Type /Annot /Parent {OPEN} 0 R /AP << >> >>"}
    signed = {OPEN: f"<< /FT /Sig /T (Open) /Kids [{KID} 0 R] /V {MORE} 0 R >>", MORE: "<< >>"}

    assert changes(WITH_A_KID, drawn) == {Change.OTHER}
    assert changes(WITH_A_KID, signed | drawn) == {Change.SIGNED_AGAIN}
    assert changes(WITH_A_KID, signed, drawn) == {Change.SIGNED_AGAIN, Change.OTHER}


@pytest.mark.parametrize("more", ["/V (99)", "/V (99) /AP << >>", "/Ff 1", "/V (99) /Ff 1"])
def test_a_number_that_does_not_show_its_value_is_forged(more: str) -> None:
    assert changes(PAPER, {NUMBER: f"{PAPER[NUMBER][:-2]} {more} >>"}) == {Change.NUMBER_FORGED}


def test_a_text_field_of_others_is_not_ours_to_fill() -> None:
    paper = PAPER | {FORM: form(f"[{LISTED} {NEW} 0 R]"), NEW: TEXT_FIELD}

    assert changes(paper, {NEW: TEXT_FIELD[:-2] + "/V (1) >>"}) == {Change.OTHER}


# --- both judges ----------------------------------------------------------------------------


def sign_anew(path: Path) -> None:
    """Add a visible signature field and fill it, as other systems do; no key is needed for that."""
    with revising(path) as writer:
        spec = SigFieldSpec("Ky_Khac", on_page=0, box=(50, 50, 200, 100))
        append_signature_field(writer, spec)
        field = writer.root["/AcroForm"]["/Fields"][-1]
        field[name("/V")] = writer.add_object(dictionary({"/Type": name("/Sig")}))
        writer.append()


def foreign(desk: Desk, title: str) -> Path:
    """Return a signed paper with one field alone, as other systems sign."""
    path = desk.blank()
    with revising(path) as writer:
        append_signature_field(writer, SigFieldSpec(title, on_page=0, box=(300, 50, 400, 100)))
        writer.append()
    desk.sign(path, title)
    return path


def after_each(path: Path) -> list[set[Change]]:
    with path.open("rb") as file:
        reader = PdfFileReader(file)
        for one in reader.embedded_signatures:
            one.compute_integrity_info(skip_diff=True)
        return [set(changes_after(reader, one)) for one in reader.embedded_signatures]


def test_a_finished_paper_was_numbered_and_signed_again_after_its_leader(issued: Path) -> None:
    assert after_each(issued) == [{Change.NUMBER_FILLED, Change.SIGNED_AGAIN}, set()]


@pytest.mark.parametrize("title", [LEADER_FIELD, "Ky_Mot"])
def test_other_systems_may_add_visible_signatures(desk: Desk, title: str) -> None:
    path = foreign(desk, title)
    sign_anew(path)

    assert after_each(path)[0] == {Change.SIGNED_AGAIN}


def test_nobody_may_add_a_visible_signature_to_a_paper_of_ours(desk: Desk, certified: Path) -> None:
    path = desk.copy(certified)
    sign_anew(path)

    assert after_each(path)[0] == {Change.OTHER}


def test_a_certificate_that_permits_nothing_is_held_to_it(desk: Desk) -> None:
    path = foreign(desk, LEADER_FIELD)
    path.write_bytes(path.read_bytes().replace(b"/P 2", b"/P 1"))
    sign_anew(path)

    assert after_each(path)[0] == {Change.SIGNED_AGAIN, Change.OTHER}


def test_what_the_list_permits_pyhanko_must_permit_too(desk: Desk, certified: Path) -> None:
    path = desk.copy(certified)
    with revising(path) as writer:
        writer.root[name("/Extensions")] = dictionary({"/X": name("/Y")})
        writer.replace_root()
        writer.append()
    with path.open("rb") as file:
        reader = PdfFileReader(file)
        listed = set(by_object(reader, reader.embedded_signatures[0].signed_revision))

    assert (listed, after_each(path)[0]) == (set(), set())
