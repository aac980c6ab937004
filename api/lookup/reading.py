"""How a document becomes an entry: pure, and heavy for long documents."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain
from uuid import UUID

from api.lookup.analysis import VERSION, bigrams, composed, syllables
from api.lookup.index.port import Terms, bounded
from api.lookup.models import LookupEntry, LookupPage
from api.lookup.numbers import key_of

#: A number's key is an index key; a longer one is no number.
LONGEST_KEY = 160


@dataclass(frozen=True, slots=True)
class Source:
    """A document as it stands: what is read of it, and the marks of its state."""

    document_id: UUID
    agency_id: UUID
    version: int
    revision_id: UUID
    kind: str
    title: str
    number: int | None
    symbol: str
    issuer: str
    issued_on: date | None
    pages: tuple[tuple[int, str], ...]

    @property
    def heading(self) -> str:
        """Return type and title, as people name the document."""
        return composed(f"{self.kind} {self.title}".strip())

    @property
    def full_number(self) -> str:
        """Return the number as on paper; some registers have all of it in the symbol."""
        return self.symbol if self.number is None else f"{self.number:02d}/{self.symbol}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What is kept of a document."""

    entry: LookupEntry
    pages: tuple[LookupPage, ...]
    terms: Terms


def read(source: Source) -> Reading:
    """Work out what to keep of a document."""
    fields = (source.heading, source.full_number, source.issuer)
    parts = [syllables(text) for text in fields]
    pages = [(page, syllables(text)) for page, text in source.pages]
    parts += [tokens for _, tokens in pages]
    return Reading(
        entry=_entry(source),
        pages=tuple(_page(source, page, tokens) for page, tokens in pages if tokens),
        terms=Terms(bounded(chain.from_iterable(parts)), bounded(_pairs(parts))),
    )


def _pairs(parts: list[list[str]]) -> Iterator[str]:
    return chain.from_iterable(bigrams(tokens) for tokens in parts)


def _page(source: Source, page: int, tokens: list[str]) -> LookupPage:
    return LookupPage(
        document_id=source.document_id,
        page=page,
        agency_id=source.agency_id,
        folded=" ".join(tokens),
    )


def _entry(source: Source) -> LookupEntry:
    key = key_of(source.full_number)
    return LookupEntry(
        document_id=source.document_id,
        agency_id=source.agency_id,
        revision_id=source.revision_id,
        analysis=VERSION,
        heading=source.heading,
        folded=" ".join(syllables(source.heading)),
        number_key=key if key and len(key) <= LONGEST_KEY else None,
        day=source.issued_on.toordinal() if source.issued_on else 0,
    )
