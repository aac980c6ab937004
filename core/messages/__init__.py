"""The sentences people read, in Vietnamese and English, one entry for each code."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = ("vi", "en")


@cache
def catalogue(language: Language) -> dict[str, str]:
    """Return every sentence of one language by its dotted code."""
    text = files(__package__).joinpath(f"{language}.toml").read_text("utf-8")
    return dict(_flat(tomllib.loads(text)))


def say(code: str, language: Language, **facts: str | int) -> str:
    """Return the sentence of `code`; a sentence names its `{facts}` in braces."""
    return catalogue(language)[code].format_map(_Known(facts))


def _flat(table: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            pairs += _flat(value, f"{prefix}{key}.")
        else:
            pairs.append((prefix + key, str(value)))
    return pairs


class _Known(dict[str, str | int]):
    """Facts for a sentence; one that is missing stays visible instead of failing the answer."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
