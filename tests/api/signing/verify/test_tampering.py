"""A file that was touched after it was signed is never called valid, and the reason is named."""

import re
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.signing.pdf.layout import LEADER_FIELD, SEAL_FIELD
from api.signing.verify.rules import Policy, Reason, Verdict
from tests.support import forgers
from tests.support.forgers import Attack
from tests.support.signed_papers import NUMBER, Desk

AFTER_THE_SEAL: list[tuple[Attack, set[Reason]]] = [
    (forgers.flip(60), {Reason.DIGEST_MISMATCH}),
    (forgers.append_garbage, {Reason.GARBAGE_AFTER_END}),
    (forgers.append_zeros, {Reason.GARBAGE_AFTER_END}),
    (forgers.append_hidden_objects, {Reason.GARBAGE_AFTER_END}),
    (forgers.cut, {Reason.DAMAGED, Reason.BYTE_RANGE, Reason.CANNOT_BE_EVALUATED}),
    (forgers.replace_page_content, {Reason.CHANGED_AFTER_SIGNING}),
    (forgers.overwrite_page_stream, {Reason.CHANGED_AFTER_SIGNING}),
    (forgers.add_annotation, {Reason.CHANGED_AFTER_SIGNING}),
    (forgers.add_script, {Reason.CHANGED_AFTER_SIGNING}),
    (forgers.remove_a_page, {Reason.CHANGED_AFTER_SIGNING}),
    (forgers.redraw_the_signature, {Reason.CHANGED_AFTER_SIGNING}),
    (forgers.add_a_visible_field, {Reason.CHANGED_AFTER_SIGNING}),
    (forgers.change_the_number, {Reason.CHANGED_AFTER_SIGNING}),
    (forgers.show_another_number, {Reason.NUMBER_FIELD_FORGED}),
    (forgers.shift_byte_range, {Reason.BYTE_RANGE}),
    (forgers.start_byte_range_later, {Reason.BYTE_RANGE}),
    (forgers.fill_padding, {Reason.NOT_ZERO_PADDING}),
    (forgers.change_case_of_contents, {Reason.NOT_CANONICAL}),
]

BEFORE_THE_SEAL: list[tuple[Attack, Reason]] = [
    (forgers.show_another_number, Reason.NUMBER_FIELD_FORGED),
    (forgers.widen_the_number, Reason.NUMBER_FIELD_FORGED),
    (forgers.show_a_clause, Reason.NUMBER_FIELD_FORGED),
    (forgers.hide_the_number, Reason.NUMBER_FIELD_FORGED),
    (forgers.add_a_second_picture, Reason.NUMBER_FIELD_FORGED),
    (forgers.draw_with_a_foreign_font, Reason.NUMBER_FIELD_FORGED),
    (forgers.empty_the_value, Reason.NUMBER_FIELD_FORGED),
    (forgers.replace_the_font, Reason.CHANGED_AFTER_SIGNING),
    (forgers.draw_into_the_empty_seal, Reason.CHANGED_AFTER_SIGNING),
    (forgers.add_annotation, Reason.CHANGED_AFTER_SIGNING),
    (forgers.add_script, Reason.CHANGED_AFTER_SIGNING),
    (forgers.replace_page_content, Reason.CHANGED_AFTER_SIGNING),
]


def name_of(value: object) -> str:
    return getattr(value, "__name__", "")


@pytest.mark.parametrize(("attack", "reasons"), AFTER_THE_SEAL, ids=name_of)
def test_a_finished_file_shows_every_touch(
    desk: Desk, issued: Path, attack: Attack, reasons: set[Reason]
) -> None:
    path = desk.copy(issued)
    attack(path)

    report = desk.verify(path)

    assert report.verdict is Verdict.INVALID
    assert report.reason in reasons


@pytest.mark.parametrize(("attack", "reason"), BEFORE_THE_SEAL, ids=name_of)
def test_what_a_forger_slips_in_before_the_seal_is_seen(
    desk: Desk, certified: Path, attack: Attack, reason: Reason
) -> None:
    path = desk.copy(certified)
    attack(path)

    report = desk.verify(path)

    assert (report.verdict, report.reason) == (Verdict.INVALID, reason)


@pytest.mark.parametrize(
    "attack",
    [forgers.show_another_number, forgers.widen_the_number, forgers.show_a_clause],
    ids=name_of,
)
def test_the_seal_of_the_agency_does_not_heal_a_forged_number(
    desk: Desk, certified: Path, attack: Attack
) -> None:
    path = desk.copy(certified)
    attack(path)
    desk.sign(path, SEAL_FIELD)

    report = desk.verify(path)

    assert (report.verdict, report.reason) == (Verdict.INVALID, Reason.NUMBER_FIELD_FORGED)
    assert all(one.intact for one in report.facts.signatures)


def test_an_honest_correction_before_the_seal_is_no_forgery(desk: Desk, certified: Path) -> None:
    path = desk.copy(certified)
    forgers.change_the_number(path)

    report = desk.verify(path)

    assert report.verdict is Verdict.VALID
    assert report.as_json()["fields"]["so_ky_hieu"] != NUMBER


def test_a_rolled_back_file_is_not_issued(desk: Desk, certified: Path) -> None:
    report = desk.verify(certified, Policy.ISSUED)

    assert (report.verdict, report.reason) == (Verdict.INVALID, Reason.AGENCY_MISSING)


def test_a_sealed_file_cut_back_to_the_leader_is_not_issued(desk: Desk, issued: Path) -> None:
    path = desk.copy(issued)
    content = path.read_bytes()
    ends = [at for at in range(len(content)) if content.startswith(b"%%EOF", at)]
    path.write_bytes(content[: ends[-2] + 6])

    report = desk.verify(path, Policy.ISSUED)

    assert (report.verdict, report.reason) == (Verdict.INVALID, Reason.AGENCY_MISSING)


def test_a_signature_moved_to_another_paper_is_refused(desk: Desk, tmp_path: Path) -> None:
    one, other = desk.form(), desk.form()
    changed = other.read_bytes().replace(b"/MediaBox", b"/MediaBoy", 1)
    other.write_bytes(changed)
    prepared = [desk.prepare(path, LEADER_FIELD) for path in (one, other)]
    content = bytearray(other.read_bytes())
    desk_signed = desk.certified().read_bytes()
    start, end = prepared[1].region_start, prepared[1].region_end
    content[start:end] = desk_signed[start:end]
    other.write_bytes(content)

    report = desk.verify(other)

    assert (report.verdict, report.reason) == (Verdict.INVALID, Reason.DIGEST_MISMATCH)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_no_flipped_bit_of_a_signature_goes_unseen(
    desk: Desk, issued: Path, tmp_path: Path
) -> None:
    content = issued.read_bytes()
    container = re.search(rb"<30[0-9A-F]{4000,}?(?=0{64})", content[content.rindex(b"/Contents") :])
    assert container is not None
    start = content.rindex(b"/Contents") + container.start()
    path = tmp_path / "flipped.pdf"
    unseen = []

    for offset in range(start, start + len(container[0]) + 8, 5):
        bit = offset % 8
        path.write_bytes(content)
        forgers.flip(offset, bit)(path)
        if desk.verify(path).verdict is Verdict.VALID:
            unseen.append((offset - start, bit))

    assert unseen == []


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_no_flipped_bit_goes_unseen(
    desk: Desk, issued: Path, tmp_path: Path, place: float, bit: int
) -> None:
    path = Path(shutil.copyfile(issued, tmp_path / "flipped.pdf"))
    forgers.flip(int(place * issued.stat().st_size), bit)(path)

    assert desk.verify(path).verdict is not Verdict.VALID
