"""A decision is signed, numbered and sealed, step by step, on files alone."""

import hashlib
import json
import os
import shutil
import subprocess
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from api.signing.pdf.certificate import Mechanism
from api.signing.pdf.errors import (
    ChangedSincePrepared,
    FieldMissing,
    FieldTaken,
    NotDrawable,
    NotSignable,
    WrongCertificate,
    WrongRawSignature,
)
from api.signing.pdf.fields import fill_number, place_fields
from api.signing.pdf.layout import LEADER_FIELD, SEAL_FIELD, Rect, seal_over
from api.signing.pdf.prepared import Prepared
from api.signing.pdf.raw import check_raw
from api.signing.pdf.signature import Look, embed, prepare
from api.signing.verify.rules import Policy, Reason, Verdict
from tests.support.signed_papers import (
    AGENCY,
    DATE_LINE,
    LAYOUT,
    LEADER,
    NUMBER,
    TYPEFACES,
    Desk,
)


@pytest.mark.parametrize("mechanism", Mechanism)
def test_a_decision_is_issued_with_exactly_two_signatures(
    mechanism: Mechanism, tmp_path: Path
) -> None:
    desk = Desk(tmp_path, mechanism)

    report = desk.verify(desk.issued(), Policy.ISSUED)

    assert (report.verdict, report.reason) == (Verdict.VALID, Reason.TRUSTED)
    assert [one.field for one in report.facts.signatures] == [LEADER_FIELD, SEAL_FIELD]
    assert report.as_json()["fields"] == {"so_ky_hieu": NUMBER, "ngay": DATE_LINE}


@pytest.mark.parametrize("mechanism", Mechanism)
def test_an_independent_judge_agrees(mechanism: Mechanism, tmp_path: Path) -> None:
    if shutil.which("pdfsig") is None:
        assert "CI" not in os.environ, "CI installs poppler-utils"
        pytest.skip("poppler's pdfsig is not installed")
    path = Desk(tmp_path, mechanism).issued()

    said = subprocess.run(["pdfsig", path], capture_output=True, text=True, check=True).stdout

    assert said.count("Signature is Valid.") == 2
    assert said.count("Total document signed") == 1


def test_each_step_so_far_is_a_valid_file(desk: Desk) -> None:
    steps = [desk.certified(), desk.numbered()]

    verdicts = {desk.verify(path).verdict for path in steps}

    assert verdicts == {Verdict.VALID}


def test_the_page_shows_number_and_date_as_text(issued: Path) -> None:
    with pypdfium2.PdfDocument(issued) as document:
        document.init_forms()
        page = document[0]
        page.flatten()
        text = document[0].get_textpage().get_text_bounded()

    assert NUMBER in text
    assert DATE_LINE in text


def test_the_same_step_writes_the_same_bytes(desk: Desk) -> None:
    one = desk.form()
    other = desk.copy(one)
    when = desk.clock()

    prepared = [
        prepare(path, desk.leader, LEADER_FIELD, signing_time=when) for path in (one, other)
    ]

    assert prepared[0] == prepared[1]
    assert one.read_bytes() == other.read_bytes()


def test_embedding_again_after_a_crash_changes_nothing(desk: Desk) -> None:
    path = desk.form()
    prepared = desk.prepare(path, LEADER_FIELD)
    raw = desk.ca.sign(LEADER, prepared.to_sign, prepared.mechanism)
    embed(path, prepared, desk.leader, raw)
    before = path.read_bytes()

    embed(path, prepared, desk.leader, raw)

    assert path.read_bytes() == before


def test_numbering_again_after_a_crash_changes_nothing(desk: Desk) -> None:
    path = desk.numbered()
    before = path.read_bytes()

    fill_number(path, NUMBER, DATE_LINE)

    assert path.read_bytes() == before


def test_what_is_prepared_survives_as_json(desk: Desk) -> None:
    prepared = desk.prepare(desk.form(), LEADER_FIELD)

    stored = json.loads(json.dumps(prepared.as_json()))

    assert Prepared.from_json(stored) == prepared
    assert stored["to_sign"] == hashlib.sha256(prepared.attributes).hexdigest()


def test_a_raw_signature_over_something_else_is_refused(desk: Desk) -> None:
    prepared = desk.prepare(desk.form(), LEADER_FIELD)
    other = hashlib.sha256(b"other").digest()

    with pytest.raises(WrongRawSignature):
        check_raw(prepared, desk.leader, desk.ca.sign(LEADER, other, prepared.mechanism))


def test_a_raw_signature_by_another_key_is_refused(desk: Desk) -> None:
    path = desk.form()
    prepared = desk.prepare(path, LEADER_FIELD)
    raw = desk.ca.sign(AGENCY, prepared.to_sign, prepared.mechanism)
    before = path.read_bytes()

    with pytest.raises(WrongRawSignature):
        embed(path, prepared, desk.leader, raw)

    assert path.read_bytes() == before


def test_a_raw_signature_with_another_certificate_is_refused(desk: Desk) -> None:
    prepared = desk.prepare(desk.form(), LEADER_FIELD)
    raw = desk.ca.sign(AGENCY, prepared.to_sign, prepared.mechanism)

    with pytest.raises(WrongRawSignature):
        check_raw(prepared, desk.agency, raw)


@pytest.mark.parametrize("raw", [b"", b"\x00", b"\xff" * 256, b"\x30" * 70])
def test_a_raw_signature_of_no_shape_is_refused(desk: Desk, raw: bytes) -> None:
    prepared = desk.prepare(desk.form(), LEADER_FIELD)

    with pytest.raises(WrongRawSignature):
        check_raw(prepared, desk.leader, raw)


def test_a_file_changed_while_the_phone_waits_is_refused(desk: Desk) -> None:
    path = desk.form()
    prepared = desk.prepare(path, LEADER_FIELD)
    raw = desk.ca.sign(LEADER, prepared.to_sign, prepared.mechanism)
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)

    with pytest.raises(ChangedSincePrepared):
        embed(path, prepared, desk.leader, raw)


def test_an_expired_certificate_is_refused_before_the_phone_rings(desk: Desk) -> None:
    late = desk.clock() + timedelta(days=2000)

    with pytest.raises(WrongCertificate):
        prepare(desk.form(), desk.leader, LEADER_FIELD, signing_time=late)


def test_nobody_signs_twice(desk: Desk) -> None:
    with pytest.raises(FieldTaken):
        desk.prepare(desk.certified(), LEADER_FIELD)


def test_the_seal_does_not_come_before_the_leader(desk: Desk) -> None:
    with pytest.raises(NotSignable):
        desk.prepare(desk.form(), SEAL_FIELD)


def test_the_seal_does_not_come_before_the_number(desk: Desk) -> None:
    with pytest.raises(NotSignable):
        desk.prepare(desk.certified(), SEAL_FIELD)


def test_a_paper_without_our_form_is_refused(desk: Desk) -> None:
    path = desk.blank()

    with pytest.raises(FieldMissing):
        desk.prepare(path, LEADER_FIELD)
    with pytest.raises(FieldMissing):
        fill_number(path, NUMBER, DATE_LINE)


def test_a_file_that_is_already_signed_gets_no_fields(desk: Desk) -> None:
    with pytest.raises(NotSignable):
        place_fields(desk.issued(), LAYOUT, TYPEFACES)


def test_a_file_that_acts_by_itself_gets_no_fields(desk: Desk, tmp_path: Path) -> None:
    active = tmp_path / "active.pdf"
    with pikepdf.open(desk.blank()) as document:
        script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        document.Root.OpenAction = script
        document.save(active)

    with pytest.raises(NotSignable):
        place_fields(active, LAYOUT, TYPEFACES)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", b"not a pdf"])
def test_what_is_no_pdf_gets_no_fields(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file.pdf"
    path.write_bytes(content)

    with pytest.raises(NotSignable):
        place_fields(path, LAYOUT, TYPEFACES)


def test_a_letter_we_cannot_print_is_refused(desk: Desk) -> None:
    path = desk.certified()
    before = path.read_bytes()

    with pytest.raises(NotDrawable):
        fill_number(path, "12\u4e2d", DATE_LINE)

    assert path.read_bytes() == before


def test_a_number_that_does_not_fit_is_refused(desk: Desk) -> None:
    with pytest.raises(NotDrawable):
        fill_number(desk.certified(), "1" * 60, DATE_LINE)


def test_signature_and_seal_are_shown_with_their_images(desk: Desk) -> None:
    path = desk.form()
    blank = desk.copy(path)

    desk.sign(path, LEADER_FIELD, Look(image=_picture((0, 0, 255, 200))))

    assert _ink(path) > _ink(blank) + 500


def test_an_image_that_is_none_is_refused(desk: Desk) -> None:
    with pytest.raises(NotSignable):
        desk.prepare(desk.form(), LEADER_FIELD, Look(image=b"no image"))


def test_the_seal_covers_a_third_of_the_signature() -> None:
    signature = Rect(300, 100, 420, 160)

    seal = seal_over(signature, diameter_mm=36)

    assert seal.right - signature.left == pytest.approx(signature.width / 3)
    assert seal.width == pytest.approx(seal.height)
    assert seal.width == pytest.approx(36 / 25.4 * 72)


def _picture(colour: tuple[int, int, int, int]) -> bytes:
    buffer = BytesIO()
    Image.new("RGBA", (120, 60), colour).save(buffer, "png")
    return buffer.getvalue()


def _ink(path: Path) -> int:
    with pypdfium2.PdfDocument(path) as document:
        document.init_forms()
        picture = document[0].render(scale=0.5).to_pil().convert("L")
        return sum(1 for level in picture.tobytes() if level < 200)
