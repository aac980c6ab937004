"""From facts to a verdict: each fault by itself, and what outweighs what."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.signing.verify.report import Report, exit_code
from api.signing.verify.rules import (
    FAULTS,
    Algorithm,
    Change,
    FileFacts,
    Finding,
    Kind,
    Place,
    Policy,
    Reason,
    SignatureFacts,
    Trace,
    Trust,
    Verdict,
    faults,
    findings,
    in_force,
    judge,
    told_apart,
)
from core.messages import LANGUAGES, catalogue

LEADER = SignatureFacts(field="Ky_LanhDao", kind=Kind.PERSON, covers_whole_file=False)
SEAL = SignatureFacts(field="Dau_CoQuan", kind=Kind.AGENCY)
ISSUED = FileFacts(signatures=(LEADER, SEAL), numbered=True)

#: what is wrong with one signature -> what is said of the whole file
ONE_FAULT: list[tuple[dict[str, Any], Reason, Verdict]] = [
    ({"evaluated": False}, Reason.CANNOT_BE_EVALUATED, Verdict.INVALID),
    ({"byte_range": False}, Reason.BYTE_RANGE, Verdict.INVALID),
    ({"digest": False}, Reason.DIGEST_MISMATCH, Verdict.INVALID),
    ({"mathematics": False}, Reason.WRONG_SIGNATURE, Verdict.INVALID),
    ({"zero_padding": False}, Reason.NOT_ZERO_PADDING, Verdict.INVALID),
    ({"canonical": False}, Reason.NOT_CANONICAL, Verdict.INVALID),
    ({"changes": frozenset({Change.NUMBER_FORGED})}, Reason.NUMBER_FIELD_FORGED, Verdict.INVALID),
    ({"changes": frozenset({Change.OTHER})}, Reason.CHANGED_AFTER_SIGNING, Verdict.INVALID),
    ({"stamp": False}, Reason.WRONG_TIMESTAMP, Verdict.INVALID),
    ({"trust": Trust.REVOKED}, Reason.CERTIFICATE_REVOKED, Verdict.INVALID),
    ({"in_validity": False}, Reason.SIGNED_OUTSIDE_VALIDITY, Verdict.INVALID),
    ({"algorithm": Algorithm.WEAK}, Reason.WRONG_ALGORITHM, Verdict.INDETERMINATE),
    ({"trust": Trust.UNKNOWN}, Reason.UNTRUSTED_SIGNER, Verdict.INDETERMINATE),
    ({"trust": Trust.EXPIRED}, Reason.CERTIFICATE_EXPIRED, Verdict.INDETERMINATE),
    ({"bound": False}, Reason.CERTIFICATE_NOT_BOUND, Verdict.INDETERMINATE),
]
OF_THE_FILE: list[tuple[dict[str, Any], Reason, Verdict]] = [
    ({"garbage": True}, Reason.GARBAGE_AFTER_END, Verdict.INVALID),
    ({"regular": False}, Reason.IRREGULAR_FILE, Verdict.INDETERMINATE),
    ({"readable": False}, Reason.DAMAGED, Verdict.INVALID),
    ({"encrypted": True}, Reason.ENCRYPTED, Verdict.INDETERMINATE),
    ({"signatures": ()}, Reason.UNSIGNED, Verdict.INDETERMINATE),
]


def test_a_file_without_fault_is_valid_under_every_policy() -> None:
    assert {judge(ISSUED, policy) for policy in Policy} == {(Verdict.VALID, Reason.TRUSTED)}


@pytest.mark.parametrize(("fault", "reason", "verdict"), ONE_FAULT)
@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("policy", Policy)
def test_a_fault_of_any_signature_is_the_files_own(
    fault: dict[str, Any], reason: Reason, verdict: Verdict, place: int, policy: Policy
) -> None:
    signatures = [LEADER, SEAL]
    signatures[place] = replace(signatures[place], **fault)

    assert judge(replace(ISSUED, signatures=tuple(signatures)), policy) == (verdict, reason)
    assert list(faults(signatures[place])) == [(reason, verdict)]


@pytest.mark.parametrize(("fault", "reason", "verdict"), OF_THE_FILE)
@pytest.mark.parametrize("policy", Policy)
def test_a_fault_of_the_file_is_named(
    fault: dict[str, Any], reason: Reason, verdict: Verdict, policy: Policy
) -> None:
    assert judge(replace(ISSUED, **fault), policy) == (verdict, reason)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (replace(ISSUED, signatures=(LEADER,)), Reason.AGENCY_MISSING),
        (replace(ISSUED, signatures=(SEAL,)), Reason.PERSON_MISSING),
        (replace(ISSUED, numbered=False), Reason.NUMBER_MISSING),
    ],
)
def test_an_issued_document_is_complete(facts: FileFacts, reason: Reason) -> None:
    assert judge(facts, Policy.ISSUED) == (Verdict.INVALID, reason)
    assert judge(facts, Policy.ANY) == (Verdict.VALID, Reason.TRUSTED)


def test_a_document_without_a_field_for_the_number_may_be_issued() -> None:
    facts = replace(ISSUED, numbered=None)

    assert judge(facts, Policy.ISSUED) == (Verdict.VALID, Reason.TRUSTED)


def test_an_invalid_signature_outweighs_a_doubtful_one() -> None:
    doubtful = replace(LEADER, trust=Trust.UNKNOWN)
    broken = replace(SEAL, changes=frozenset({Change.OTHER}))
    facts = replace(ISSUED, signatures=(doubtful, broken))

    assert judge(facts, Policy.ANY) == (Verdict.INVALID, Reason.CHANGED_AFTER_SIGNING)


def test_an_encrypted_or_damaged_file_is_not_judged_by_what_was_guessed_of_it() -> None:
    broken = replace(LEADER, digest=False)

    facts = replace(ISSUED, signatures=(broken,), encrypted=True)

    assert judge(facts, Policy.ISSUED) == (Verdict.INDETERMINATE, Reason.ENCRYPTED)


@pytest.mark.parametrize(
    "changes",
    [{Change.NUMBER_FILLED}, {Change.SIGNED_AGAIN}, {Change.EVIDENCE_ADDED}],
)
def test_a_permitted_change_is_no_fault(changes: set[Change]) -> None:
    assert list(faults(replace(LEADER, changes=frozenset(changes)))) == []


@pytest.mark.parametrize(
    "fault", [fault for fault, _, _ in ONE_FAULT[:6]], ids=lambda fault: next(iter(fault))
)
def test_what_fails_the_mathematics_is_not_intact(fault: dict[str, Any]) -> None:
    assert LEADER.intact
    assert not replace(LEADER, **fault).intact


@pytest.mark.parametrize(
    ("facts", "code"),
    [(ISSUED, 0), (replace(ISSUED, garbage=True), 1), (replace(ISSUED, signatures=()), 2)],
)
def test_each_verdict_has_its_exit_code(facts: FileFacts, code: int) -> None:
    assert exit_code(Report.on(facts, Policy.ANY)) == code


def test_the_time_is_told_in_vietnam_and_as_a_claim() -> None:
    claimed = replace(LEADER, time=datetime(2026, 11, 22, 7, 10, 21, tzinfo=UTC))

    said = Report.on(replace(ISSUED, signatures=(claimed, SEAL)), Policy.ANY).as_json()

    assert said["signatures"][0]["time"] == "2026-11-22T14:10:21+07:00"
    assert said["signatures"][0]["time_source"] == "claimed_by_signer"
    assert said["signatures"][1]["time"] is None


def test_a_name_that_is_no_text_is_told_all_the_same() -> None:
    odd = replace(LEADER, signer="\ud800An", field="\udfff" * 1000)

    said = Report.on(replace(ISSUED, signatures=(odd,)), Policy.ANY).as_json()

    assert said["signatures"][0]["signer"] == "?An"
    assert said["signatures"][0]["field"] == "?" * 500


def test_every_reason_of_a_signature_stands_in_the_table_once() -> None:
    reasons = [reason for reason, _, _ in FAULTS]

    assert len(reasons) == len(set(reasons)) == len(ONE_FAULT)
    assert Verdict.VALID not in {verdict for _, verdict, _ in FAULTS}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_its_sentence(language: Any, reason: Reason) -> None:
    assert f"verify.{reason}" in catalogue(language)


FACTS = st.builds(
    SignatureFacts,
    field=st.just("f"),
    kind=st.sampled_from(Kind),
    evaluated=st.booleans(),
    byte_range=st.booleans(),
    zero_padding=st.booleans(),
    canonical=st.booleans(),
    digest=st.booleans(),
    mathematics=st.booleans(),
    algorithm=st.sampled_from(Algorithm),
    trust=st.sampled_from(Trust),
    in_validity=st.booleans(),
    changes=st.frozensets(st.sampled_from(Change)),
)


@given(
    facts=st.builds(
        FileFacts,
        signatures=st.lists(FACTS, max_size=3).map(tuple),
        readable=st.booleans(),
        regular=st.booleans(),
        encrypted=st.booleans(),
        garbage=st.booleans(),
        numbered=st.none() | st.booleans(),
    ),
    policy=st.sampled_from(Policy),
)
def test_valid_is_said_only_where_nothing_speaks_against_it(
    facts: FileFacts, policy: Policy
) -> None:
    verdict, _ = judge(facts, policy)

    clean = all(
        one.intact
        and one.in_validity
        and one.trust is Trust.TRUSTED
        and one.algorithm is Algorithm.STRONG
        and not one.changes & {Change.OTHER, Change.NUMBER_FORGED}
        for one in facts.signatures
    )
    whole = facts.readable and facts.regular and not facts.encrypted and not facts.garbage
    kinds = {one.kind for one in facts.signatures}
    complete = {Kind.PERSON, Kind.AGENCY} <= kinds and facts.numbered is not False
    expected = whole and clean and bool(facts.signatures) and (policy is Policy.ANY or complete)
    assert (verdict is Verdict.VALID) == expected


# --- where the faults are -------------------------------------------------------------------

HERE, THERE, ELSEWHERE = Place(page=0), Place(page=1), Place(page=2)


def found(facts: FileFacts, policy: Policy = Policy.ANY) -> list[Finding]:
    return list(findings(facts, policy))


def test_a_sound_file_has_no_findings() -> None:
    assert found(ISSUED, Policy.ISSUED) == []


@pytest.mark.parametrize(("fault", "reason", "verdict"), OF_THE_FILE)
def test_a_fault_of_the_file_is_nobodys_signature_and_nowhere(
    fault: dict[str, Any], reason: Reason, verdict: Verdict
) -> None:
    assert found(replace(ISSUED, **fault)) == [Finding(reason, None, Place())]
    assert verdict is not Verdict.VALID


def test_what_is_missing_is_found_where_it_is_demanded() -> None:
    facts = replace(ISSUED, signatures=(LEADER,), numbered=False)
    missing = [Finding(Reason.AGENCY_MISSING), Finding(Reason.NUMBER_MISSING)]

    assert found(facts, Policy.ISSUED) == missing
    assert found(facts, Policy.OWN) == []
    assert found(replace(facts, own=True), Policy.OWN) == missing
    assert in_force(facts, Policy.ANY) is Policy.ANY


@pytest.mark.parametrize(("fault", "reason", "verdict"), ONE_FAULT)
def test_a_fault_of_a_signature_is_found_at_its_place(
    fault: dict[str, Any], reason: Reason, verdict: Verdict
) -> None:
    broken = replace(SEAL, place=HERE, **fault)

    assert found(replace(ISSUED, signatures=(LEADER, broken))) == [
        Finding(reason, "Dau_CoQuan", HERE)
    ]
    assert found(replace(ISSUED, signatures=(broken,), encrypted=True)) == [
        Finding(Reason.ENCRYPTED)
    ]
    assert verdict is not Verdict.VALID


def test_a_change_is_found_where_it_was_made() -> None:
    traces = (
        Trace(Change.OTHER, THERE), Trace(Change.NUMBER_FILLED, HERE), Trace(Change.OTHER),
        Trace(Change.NUMBER_FORGED, ELSEWHERE),
    )  # fmt: skip
    changed = frozenset({Change.OTHER, Change.NUMBER_FORGED})
    broken = replace(LEADER, place=HERE, changes=changed, traces=traces)

    assert found(replace(ISSUED, signatures=(broken,))) == [
        Finding(Reason.NUMBER_FIELD_FORGED, "Ky_LanhDao", ELSEWHERE),
        Finding(Reason.CHANGED_AFTER_SIGNING, "Ky_LanhDao", THERE),
        Finding(Reason.CHANGED_AFTER_SIGNING, "Ky_LanhDao", HERE),
    ]


@pytest.mark.parametrize(
    ("proven", "known", "archived", "level"),
    [
        (False, False, False, "B-B"), (False, True, False, "B-B"), (False, False, True, "B-B"),
        (True, False, False, "B-T"), (True, False, True, "B-T"), (True, True, False, "B-LT"),
        (True, True, True, "B-LTA"), (False, True, True, "B-LTA"),
    ],
)  # fmt: skip
def test_a_signature_is_at_the_level_of_what_is_proven(
    *, proven: bool, known: bool, archived: bool, level: str
) -> None:
    one = replace(LEADER, proven=proven, known=known, archived=archived)

    assert one.level == level


def test_the_first_reason_of_the_list_is_told_of_several() -> None:
    late = replace(LEADER, in_validity=False, digest=False, trust=Trust.REVOKED)

    assert judge(replace(ISSUED, signatures=(late,)), Policy.ISSUED) == (
        Verdict.INVALID, Reason.DIGEST_MISMATCH,
    )  # fmt: skip
    assert [reason for reason, _ in faults(late)] == [
        Reason.DIGEST_MISMATCH, Reason.CERTIFICATE_REVOKED, Reason.SIGNED_OUTSIDE_VALIDITY,
    ]  # fmt: skip


def test_a_place_of_ours_that_nobody_signed_leaves_the_paper_incomplete() -> None:
    open_ = replace(ISSUED, own=True, awaited=("Ky_DongKy_1",))

    assert judge(open_, Policy.OWN) == (Verdict.INVALID, Reason.PERSON_MISSING)
    assert judge(open_, Policy.ISSUED) == (Verdict.INVALID, Reason.PERSON_MISSING)
    assert judge(open_, Policy.ANY) == (Verdict.VALID, Reason.TRUSTED)


def test_what_was_asked_just_now_makes_no_signature_last_longer() -> None:
    lasting = replace(LEADER, proven=True, known=True, archived=True)

    assert lasting.level == "B-LTA"
    assert replace(lasting, learnt=True).level == "B-T"
    assert replace(lasting, archived=False).level == "B-LT"
    assert replace(lasting, archived=False, learnt=True).level == "B-T"


@pytest.mark.parametrize(
    ("before", "now", "learnt"),
    [
        ({}, {"known": True}, True),
        ({}, {"trust": Trust.REVOKED}, True),
        ({"known": True}, {"known": True}, False),
        ({}, {}, False),
    ],
)
def test_what_does_not_stand_in_the_file_is_told_apart(
    before: dict[str, Any],
    now: dict[str, Any],
    learnt: bool,  # noqa: FBT001 - a table's column
) -> None:
    offline = replace(ISSUED, signatures=(replace(LEADER, **before),))
    online = replace(ISSUED, signatures=(replace(LEADER, **now),))

    (told,) = told_apart(offline, online).signatures

    assert told == replace(LEADER, **now, learnt=learnt)


def test_a_file_that_reads_differently_the_second_time_is_told_as_at_first() -> None:
    assert told_apart(ISSUED, replace(ISSUED, signatures=())) == ISSUED
