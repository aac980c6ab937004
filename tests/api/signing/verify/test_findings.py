"""Every fault is told with what is guilty of it: the signature, the object, the page, the place."""

from pathlib import Path
from typing import Any

import pytest

from api.signing.pdf.layout import LEADER_FIELD, SEAL_FIELD
from api.signing.verify.report import Report
from api.signing.verify.rules import (
    Change,
    FileFacts,
    Place,
    Policy,
    Reason,
    SignatureFacts,
    Trace,
    findings,
)
from tests.support import forgers
from tests.support.forgers import Attack
from tests.support.signed_papers import LAYOUT, Desk

NUMBER, SEAL = LAYOUT.number, LAYOUT.seal


def rect(box: Any) -> list[float]:
    return [box.left, box.bottom, box.right, box.top]


GUILTY: list[tuple[Attack, dict[str, Any]]] = [
    (forgers.replace_page_content, {"what": "Page", "page": 0}),
    (forgers.add_annotation, {"what": "Annot/FreeText", "page": 0, "rect": [50, 50, 500, 700]}),
    (forgers.add_script, {"what": "Catalog", "page": None}),
    (forgers.remove_a_page, {"what": "Pages"}),
    (forgers.remove_a_page, {"object": None, "page": 1}),
    (forgers.redraw_the_signature, {"what": "Annot/Widget", "rect": rect(LAYOUT.signature)}),
    (forgers.change_the_number, {"page": 0, "rect": rect(NUMBER)}),
    (forgers.add_a_visible_field, {"what": "Annot/Widget", "rect": [50, 50, 500, 700]}),
    (forgers.show_another_number, {"reason": "number_field_forged", "rect": rect(NUMBER)}),
    (forgers.fill_padding, {"reason": "not_zero_padding", "signature": SEAL_FIELD, "page": 0}),
    (forgers.append_garbage, {"reason": "garbage_after_end", "signature": None}),
    (forgers.flip(60), {"reason": "digest_mismatch", "signature": LEADER_FIELD}),
]


@pytest.mark.parametrize(
    ("attack", "guilty"), GUILTY, ids=[f"{one.__name__}-{n}" for n, (one, _) in enumerate(GUILTY)]
)
def test_a_fault_names_what_is_guilty_of_it(
    desk: Desk, issued: Path, attack: Attack, guilty: dict[str, Any]
) -> None:
    path = desk.copy(issued)
    attack(path)

    told = desk.verify(path).as_json()["findings"]

    assert [one for one in told if guilty.items() <= one.items()]
    assert all(one["sentence"] and one["sentence_vi"] for one in told)


def test_what_looks_different_is_told_by_its_place_on_the_page(desk: Desk, issued: Path) -> None:
    path = desk.copy(issued)
    forgers.replace_page_content(path)

    seen = [one["rect"] for one in desk.verify(path).as_json()["findings"] if one["rect"]]

    left, bottom, right, top = seen[0]
    assert left < 100 < right
    assert bottom < 510
    assert top > 750


def test_a_valid_file_has_no_findings_and_says_where_its_signatures_stand(
    desk: Desk, issued: Path
) -> None:
    said = desk.verify(issued, Policy.OWN).as_json()

    assert said["findings"] == []
    assert [one["rect"] for one in said["signatures"]] == [
        rect(LAYOUT.signature),
        pytest.approx(rect(SEAL), abs=0.001),
    ]
    assert {one["page"] for one in said["signatures"]} == {0}


def test_the_least_that_the_circular_demands_is_shown(desk: Desk, issued: Path) -> None:
    leader = desk.verify(issued).as_json()["signatures"][0]

    holder = leader["certificate"]
    assert "Nguyễn Văn An" in holder["subject"]
    assert "CA trình diễn" in holder["issuer"]
    assert holder["unit"] == "Bộ Thử nghiệm"
    assert holder["not_before"] < leader["time"] < holder["not_after"]
    assert (leader["intact"], leader["valid_at_signing_time"], leader["reason"]) == (
        True, True, "trusted",
    )  # fmt: skip


def test_what_has_our_form_must_be_complete_and_what_has_not_need_not(
    desk: Desk, certified: Path, issued: Path
) -> None:
    half, whole = desk.verify(certified, Policy.OWN), desk.verify(issued, Policy.OWN)

    assert (half.reason, half.as_json()["policy"]) == (Reason.AGENCY_MISSING, "issued")
    assert (whole.reason, whole.as_json()["policy"]) == (Reason.TRUSTED, "issued")
    assert desk.verify(desk.blank(), Policy.OWN).as_json()["policy"] == "any"


def test_a_change_without_a_place_is_blamed_on_the_signature_it_broke() -> None:
    own = Place("7 0 R", "Annot/Widget", 3)
    broken = SignatureFacts(
        field="f", changes=frozenset({Change.OTHER}), traces=(Trace(Change.OTHER),), place=own
    )

    (found,) = findings(FileFacts(signatures=(broken,)), Policy.ANY)

    assert (found.signature, found.place) == ("f", own)


def test_a_file_with_thousands_of_faults_is_told_in_a_hundred() -> None:
    many = tuple(Trace(Change.OTHER, Place(page=number)) for number in range(3000))
    broken = SignatureFacts(field="f", changes=frozenset({Change.OTHER}), traces=many)

    said = Report.on(FileFacts(signatures=(broken,)), Policy.ANY).as_json()

    assert len(said["findings"]) == 100
