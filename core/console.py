"""What a command says to the person at its terminal: every sentence in Vietnamese and English."""

import sys

from core.errors import AppError
from core.messages import LANGUAGES, say


def sentence(code: str, **facts: str | int) -> str:
    """Return the sentence of a code in both languages, one on each line."""
    return "\n".join(say(code, language, **facts) for language in LANGUAGES)


def explained(refusal: AppError) -> str:
    """Return a refusal and what to do next, in both languages."""
    codes = (refusal.code, *refusal.steps)
    return "\n".join(sentence(code, **refusal.facts) for code in codes)


def tell(code: str, **facts: str | int) -> None:
    """Say what happens."""
    print(sentence(code, **facts), flush=True)  # noqa: T201 - to the person who started us


def warn(code: str, **facts: str | int) -> None:
    """Say what is wrong, beside a command's own output."""
    print(sentence(code, **facts), file=sys.stderr, flush=True)  # noqa: T201 - the same


def refuse(refusal: AppError) -> None:
    """Say why something is not done, and what to do next, beside a command's own output."""
    print(explained(refusal), file=sys.stderr, flush=True)  # noqa: T201 - the same
