"""Every end of a request is told in two languages, with what to do next."""

import pytest

from api.signing.mssp.codes import NEXT_STEPS, REFUSALS, Refusal
from api.signing.rules import Part, State
from api.signing.words import told
from core.messages import catalogue

#: What a flow may write as a reason, beside the operator's.
OURS = (
    "not_decided", "mssp.unreachable", "mssp.unknown_phone", "mssp.unknown_transaction",
    "mssp.transaction_reused", "pdf.wrong_certificate", "pdf.wrong_raw_signature",
    "signing.not_verified", "pdf.not_signable", "pdf.field_missing", "pdf.field_taken",
)  # fmt: skip


@pytest.mark.parametrize("role", Part)
@pytest.mark.parametrize("state", State)
def test_every_state_has_a_sentence_and_a_next_step(state: State, role: Part) -> None:
    words = told(state, role, None)

    assert all(words.values())
    assert words["sentence"] != words["sentence_vi"]


@pytest.mark.parametrize("reason", [*Refusal, *OURS])
def test_every_reason_has_a_sentence_and_a_next_step_of_its_own(reason: str) -> None:
    generic, words = told(State.FAILED, Part.SIGN, None), told(State.FAILED, Part.SIGN, reason)

    own = f"signing.next.{reason}" in catalogue("vi")
    assert own or Refusal(reason) in NEXT_STEPS
    assert words["sentence"] != generic["sentence"]
    assert words["sentence_vi"] != generic["sentence_vi"]
    assert not any("{" in each for each in words.values()), "nobody fills it in"


def test_what_comes_next_is_true_while_others_have_not_signed() -> None:
    agreed, signed = (told(state, Part.SIGN, None) for state in (State.CONSENTED, State.EMBEDDED))

    assert "before you" in agreed["next_step"]
    assert "trước bạn" in agreed["next_step_vi"]
    assert "everybody" in signed["next_step"]
    assert "mọi người" in signed["next_step_vi"]


def test_every_final_status_code_of_the_operator_has_such_a_reason() -> None:
    assert set(REFUSALS.values()) <= set(Refusal)


def test_what_a_signer_wrote_is_never_taken_for_a_code() -> None:
    assert told(State.DECLINED, Part.SIGN, "user_cancelled") == told(
        State.DECLINED, Part.SIGN, "Sửa Điều 1."
    )
