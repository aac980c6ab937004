"""The types of documents, as data."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from api.documents.errors import UnknownType


@dataclass(frozen=True, slots=True)
class DocumentType:
    """A type of administrative document.

    Attributes:
        code: stable; on the wire and in rows.
        vi: its Vietnamese name.
        en: its English name.
        letters: its abbreviation in symbols; letters (công văn) have none.
        decides: it names its authority and is written in articles.
    """

    code: str
    vi: str
    en: str
    letters: str | None = None
    decides: bool = False


@cache
def types() -> Mapping[str, DocumentType]:
    """Return every type by its code."""
    table = tomllib.loads(files(__package__).joinpath("types.toml").read_text("utf-8"))
    return {code: DocumentType(code, **entry) for code, entry in table.items()}


def type_of(code: str) -> DocumentType:
    """Return the type of a code, or refuse a code that is none."""
    try:
        return types()[code]
    except KeyError:
        raise UnknownType(type_code=code) from None
