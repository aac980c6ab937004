"""Which kinds of notifications there are: those that have a sentence, but for summaries."""

from collections.abc import Sequence
from functools import cache

from api.inbox.errors import OneWay, UnknownKind
from core.messages import catalogue

_SENTENCES = "notification."


@cache
def kinds() -> Sequence[str]:
    """Return every kind that can be chosen, in the catalogue's order."""
    found = [code.removeprefix(_SENTENCES) for code in catalogue("en") if _is_sentence(code)]
    return [kind for kind in found if not kind.startswith("inbox.")]


def _is_sentence(code: str) -> bool:
    return code.startswith(_SENTENCES)


def sentence_of(kind: str) -> str:
    """Return the code of a kind's sentence."""
    return f"{_SENTENCES}{kind}"


def must_be_known(kind: str) -> None:
    """Refuse a kind that nobody is ever told of."""
    if kind not in kinds():
        raise UnknownKind(kind=kind)


def must_be_mutable(target: str) -> None:
    """Refuse to mute what is neither a kind nor a subject."""
    if ":" not in target:
        must_be_known(target)


def must_go_one_way(before: object, after: object) -> None:
    """Refuse a page that is asked for from both sides."""
    if before is not None and after is not None:
        raise OneWay
