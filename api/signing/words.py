"""How a request stands, in the words that people read: what happened, and what to do next."""

from api.signing.mssp.codes import NEXT_STEPS, Refusal
from api.signing.rules import State
from core.messages import Language, catalogue, say

#: Where a reason may have its sentence; a refusal's own may name what only its caller knows.
_SENTENCES = ("mssp.{}", "signing.reason.{}", "{}")


def told(state: State, role: str, reason: str | None) -> dict[str, str]:
    """Return the sentence and the next step, in both languages; `role` is a `Part`, or `list`."""
    return {
        "sentence": _sentence(state, role, reason, "en"),
        "sentence_vi": _sentence(state, role, reason, "vi"),
        "next_step": _next_step(state, role, reason, "en"),
        "next_step_vi": _next_step(state, role, reason, "vi"),
    }


def _sentence(state: State, role: str, reason: str | None, language: Language) -> str:
    told_by = [form.format(reason) for form in _SENTENCES] if state is not State.DECLINED else []
    own = [f"signing.state.{role}.{state}", f"signing.state.{state}"]
    return _first([*told_by, *own], language)


def _next_step(state: State, role: str, reason: str | None, language: Language) -> str:
    because = [] if state is State.DECLINED else [f"signing.next.{reason}", *_of_operator(reason)]
    return _first([*because, f"signing.next.{role}.{state}", f"signing.next.{state}"], language)


def _of_operator(reason: str | None) -> list[str]:
    return [f"mssp.next.{NEXT_STEPS[Refusal(reason)]}"] if reason in set(Refusal) else []


def _first(codes: list[str], language: Language) -> str:
    known = catalogue(language)
    return say(next(code for code in codes if code in known), language)
