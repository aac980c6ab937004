"""How a document becomes an entry and passages: pure, and heavy for long documents."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from api.lookup.analysis.agencies import also_called
from api.lookup.analysis.numbers import key_of
from api.lookup.analysis.text import VERSION, bigrams, composed, syllables
from api.lookup.models import LookupEntry, LookupPassage

#: A number's key is an index key; a longer one is no number.
LONGEST_KEY = 160
#: Syllables of one passage; a longer page is cut.
LONGEST_PASSAGE = 600
#: Syllables of the heading that are found in every passage.
_HEADING = 40


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
    in_force_until: date | None = None
    #: Who signed it and whom it went to.
    names: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """Return type and title, as people name the document."""
        return composed(f"{self.kind} {self.title}".strip())

    @property
    def full_number(self) -> str:
        """Return the number as on paper; some registers have all of it in the symbol."""
        return full_number(self.number, self.symbol)


def full_number(number: int | None, symbol: str) -> str:
    """Return a number as on paper."""
    return symbol if number is None else f"{number:02d}/{symbol}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What is kept of a document."""

    entry: LookupEntry
    passages: tuple[LookupPassage, ...]


def read(source: Source) -> Reading:
    """Work out what to keep of a document."""
    passages = tuple(_passages(source)) or (_passage(source, 0, 0, ()),)
    return Reading(_entry(source), passages)


def heading_terms(entry: LookupEntry) -> tuple[str, ...]:
    """Return what a heading is found by: its own words, the number and the issuer."""
    return _terms(entry.folded, entry.fields)


def passage_terms(entry: LookupEntry, passage: LookupPassage) -> tuple[str, ...]:
    """Return what a passage is found by: words of the heading count in each."""
    heading = " ".join(entry.folded.split()[:_HEADING])
    return _terms(heading, entry.fields, passage.folded)


def _terms(*parts: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for part in parts:
        tokens = part.split()
        found.update(dict.fromkeys(tokens))
        found.update(dict.fromkeys(bigrams(tokens)))
    return tuple(found)


def _passages(source: Source) -> Iterator[LookupPassage]:
    for page, text in source.pages:
        tokens = syllables(text)
        for part, start in enumerate(range(0, len(tokens), LONGEST_PASSAGE)):
            yield _passage(source, page, part, tokens[start : start + LONGEST_PASSAGE])


def _passage(source: Source, page: int, part: int, tokens: Sequence[str]) -> LookupPassage:
    return LookupPassage(
        document_id=source.document_id,
        page=page,
        part=part,
        agency_id=source.agency_id,
        folded=" ".join(tokens),
    )


def _entry(source: Source) -> LookupEntry:
    key = key_of(source.full_number)
    fields = [*syllables(source.full_number), *syllables(source.issuer)]
    fields += also_called(source.issuer)
    fields += [one for name in source.names for one in syllables(name)]
    return LookupEntry(
        document_id=source.document_id,
        agency_id=source.agency_id,
        revision_id=source.revision_id,
        analysis=VERSION,
        heading=source.heading,
        folded=" ".join(syllables(source.heading)),
        fields=" ".join(fields),
        number_key=key if key and len(key) <= LONGEST_KEY else None,
        day=source.issued_on.toordinal() if source.issued_on else 0,
        until=source.in_force_until.toordinal() if source.in_force_until else 0,
    )
