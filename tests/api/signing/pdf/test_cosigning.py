"""Several people sign one paper: each signature is a real one, and all judges say so."""

import asyncio
import subprocess
from itertools import permutations
from pathlib import Path

import pytest
from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from api.signing.pdf.errors import FieldTaken, NotSignable
from api.signing.pdf.fields import fill_number
from api.signing.pdf.layout import COSIGNER_FIELDS, LEADER_FIELD, PERSON_FIELDS, SEAL_FIELD
from api.signing.verify.rules import Policy, Reason, Verdict
from tests.support import forgers
from tests.support.lasting import Archivist
from tests.support.signed_papers import DATE_LINE, NUMBER, Desk

BESIDE = COSIGNER_FIELDS[0]


def by_pyhanko(path: Path, desk: Desk) -> list[bool]:
    """Ask pyHanko with its own default rules, of every signature that is no time-stamp."""
    roots = [x509.Certificate.load(each) for each in desk.trust.certificates]
    with path.open("rb") as stream:
        found = PdfFileReader(stream).embedded_regular_signatures
        return [
            asyncio.run(
                async_validate_pdf_signature(one, ValidationContext(trust_roots=roots))
            ).bottom_line
            for one in found
        ]


def by_poppler(path: Path) -> int:
    said = subprocess.run(
        ["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False
    )
    return said.stdout.count("Signature is Valid")


@pytest.mark.parametrize("count", range(1, 6))
def test_one_to_five_people_and_the_seal_are_valid_for_every_judge(desk: Desk, count: int) -> None:
    path = desk.finish(desk.signed_by(*COSIGNER_FIELDS[: count - 1], LEADER_FIELD))

    report = desk.verify(path, Policy.ISSUED)

    assert (report.verdict, report.reason) == (Verdict.VALID, Reason.TRUSTED), report.as_json()
    assert len(report.facts.signatures) == count + 1
    assert by_poppler(path) == count + 1
    assert by_pyhanko(path, desk) == [True] * (count + 1)


@pytest.mark.parametrize("order", [*permutations((LEADER_FIELD, *COSIGNER_FIELDS[:2]))])
def test_whoever_signs_first_certifies_and_any_order_will_do(
    desk: Desk, order: tuple[str, ...]
) -> None:
    path = desk.signed_by(*order)

    with path.open("rb") as stream:
        signatures = list(PdfFileReader(stream).embedded_signatures)
        levels = [one.docmdp_level for one in signatures]
        certified = [str(one.sig_object["/Reference"][0]["/TransformMethod"])
                     for one in signatures if "/Reference" in one.sig_object]  # fmt: skip
    assert [one.field_name for one in signatures] == list(order)
    assert (certified, levels[0]) == (["/DocMDP"], MDPPerm.FILL_FORMS)
    assert desk.verify(desk.finish(path), Policy.ISSUED).verdict is Verdict.VALID


def test_the_number_waits_for_everybody_and_so_does_the_seal(desk: Desk) -> None:
    path = desk.form(cosigners=1)
    desk.sign(path, LEADER_FIELD)
    early = desk.copy(path)
    fill_number(early, NUMBER, DATE_LINE)

    with pytest.raises(NotSignable):
        desk.sign(early, SEAL_FIELD)
    with pytest.raises(NotSignable):  # the number is on it: nobody signs any more
        desk.sign(early, BESIDE)
    desk.sign(path, BESIDE)
    with pytest.raises(FieldTaken):
        desk.sign(path, BESIDE)


def test_a_file_that_lacks_one_of_its_people_is_not_complete(desk: Desk) -> None:
    path = desk.form(cosigners=2)
    desk.sign(path, LEADER_FIELD)
    desk.sign(path, BESIDE)

    any_, own = desk.verify(path), desk.verify(path, Policy.OWN)

    assert any_.verdict is Verdict.VALID
    assert (own.verdict, own.reason) == (Verdict.INVALID, Reason.PERSON_MISSING)
    assert own.facts.awaited == (COSIGNER_FIELDS[1],)


def test_a_number_that_lies_breaks_every_signature_before_the_seal(desk: Desk) -> None:
    path = desk.signed_by(BESIDE, LEADER_FIELD)
    fill_number(path, NUMBER, DATE_LINE)
    forgers.show_another_number(path)

    report = desk.verify(path)

    assert (report.verdict, report.reason) == (Verdict.INVALID, Reason.NUMBER_FIELD_FORGED)
    assert {finding["signature"] for finding in report.as_json()["findings"]} == {
        BESIDE, LEADER_FIELD,
    }  # fmt: skip


def test_what_is_changed_between_two_signatures_is_told_of_the_first(desk: Desk) -> None:
    path = desk.form(cosigners=1)
    desk.sign(path, BESIDE)
    forgers.add_annotation(path)
    desk.sign(path, LEADER_FIELD)

    report = desk.verify(path)

    assert (report.verdict, report.reason) == (Verdict.INVALID, Reason.CHANGED_AFTER_SIGNING)
    guilty = [one for one in report.as_json()["findings"] if one["reason"] != "trusted"]
    assert {one["signature"] for one in guilty} == {BESIDE}


def test_a_stranger_in_the_place_of_one_is_not_trusted(desk: Desk, tmp_path: Path) -> None:
    stranger = Desk(tmp_path, root_name="Another root")
    path = desk.form(cosigners=1)
    desk.sign(path, LEADER_FIELD)

    stranger.sign(path, BESIDE)

    assert desk.verify(path).reason is Reason.UNTRUSTED_SIGNER


def test_three_signatures_reach_the_highest_level_and_foreign_judges_accept_the_stamp(
    desk: Desk,
) -> None:
    archivist = Archivist(desk)
    path = archivist.finished(desk.signed_by(BESIDE, LEADER_FIELD))

    said = desk.verify(path, Policy.ISSUED).as_json()

    assert said["verdict"] == "valid", said
    assert [one["level"] for one in said["signatures"]] == ["B-LTA"] * 3
    assert by_pyhanko(path, desk) == [True] * 3
    assert by_pyhanko(archivist.archive(path), desk) == [True] * 3


def test_there_is_room_for_as_many_as_the_form_has_names_for() -> None:
    assert len(PERSON_FIELDS) == len(set(PERSON_FIELDS)) == 5
