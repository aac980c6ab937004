"""What a search gives: documents, why they answer, and where to go on."""

from dataclasses import dataclass

from api.documents.models import Document
from api.documents.rules import TextState, Validity
from api.lookup.snippets import Marked

#: What the documents that answer can be narrowed to, and how many of them have each value.
Facets = dict[str, list[tuple[str, int]]]


@dataclass(frozen=True, slots=True)
class Snippet:
    """The lines that answer.

    Attributes:
        page: on which they stand, counted from 0.
        marked: what they say.
        confidence: 0 to 100 where OCR has read them; None where the file itself says so.
    """

    page: int
    marked: Marked
    confidence: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """A document that answers."""

    document: Document
    title: Marked
    text_state: TextState
    validity: Validity | None
    snippet: Snippet | None


@dataclass(frozen=True, slots=True)
class Results:
    """Some of the documents that answer, how many there are, and the cursor of the rest."""

    results: list[Result]
    found: int
    cursor: str | None
    #: The query as it was likely meant, with its diacritics.
    restored: str | None = None
