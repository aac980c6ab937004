"""What phones get from a search."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from api.documents.rules import Direction, State, TextState, Urgency, Validity
from api.lookup.analysis.text import composed
from api.lookup.filters import Filters, Mine
from api.lookup.results import Facets, Result, Results, Snippet
from api.lookup.snippets import Marked
from api.lookup.suggesting import Suggestions

#: NUL is refused by PostgreSQL.
_TEXT = r"^[^\x00]*$"
_Name = Annotated[str, Field(max_length=200, pattern=_TEXT), AfterValidator(composed)]
Span = Annotated[tuple[int, int], Field(description="from, to (not included), in code points")]


class FiltersIn(BaseModel):
    """What a search is narrowed to."""

    direction: Direction | None = None
    state: State | None = None
    urgency: Urgency | None = None
    type_code: Annotated[str, Field(max_length=40, pattern=_TEXT)] | None = None
    issuer: _Name | None = None
    number: Annotated[int, Field(ge=0, le=999_999)] | None = None
    signer_id: UUID | None = None
    signer: _Name | None = None
    validity: Validity | None = None
    issued_from: date | None = None
    issued_to: date | None = None
    task_id: UUID | None = None
    meeting_id: UUID | None = None
    mine: Mine | None = None

    def filters(self) -> Filters:
        """Return them as the search takes them."""
        return Filters(**self.model_dump())


class MarkedOut(BaseModel):
    """Text as it stands in the document, and the spans of it that match the query."""

    text: str
    highlights: list[Span]

    @classmethod
    def of(cls, marked: Marked) -> Self:
        """Return `marked` as it goes on the wire."""
        return cls(text=marked.text, highlights=list(marked.spans))


class SnippetOut(MarkedOut):
    """Lines of a page that answer the query."""

    page: int = Field(description="counted from 0; `/documents/{id}/pages/{page}`")
    confidence: int | None = Field(
        description="how sure OCR is of these words, 0 to 100; null: they are the file's own"
    )


def _snippet_of(snippet: Snippet) -> SnippetOut:
    marked = snippet.marked
    return SnippetOut(
        page=snippet.page,
        confidence=snippet.confidence,
        text=marked.text,
        highlights=list(marked.spans),
    )


class ResultOut(BaseModel):
    """A document that answers."""

    id: UUID
    direction: Direction
    state: State
    type_code: str
    title: MarkedOut
    number: int | None
    symbol: str
    issuer: str
    issued_on: date | None
    validity: Validity | None = Field(description="today; null: nobody has said")
    text_state: TextState = Field(
        description="`not_yet_read`: pages without text; found by its fields and what is known"
    )
    snippet: SnippetOut | None

    @classmethod
    def of(cls, result: Result) -> Self:
        """Return `result` as it goes on the wire."""
        document, snippet = result.document, result.snippet
        return cls(
            id=document.id,
            direction=document.direction,
            state=document.state,
            type_code=document.type_code,
            title=MarkedOut.of(result.title),
            number=document.number,
            symbol=document.symbol,
            issuer=document.issuer,
            issued_on=document.issued_on,
            validity=result.validity,
            text_state=result.text_state,
            snippet=_snippet_of(snippet) if snippet else None,
        )


class ResultsOut(BaseModel):
    """The best answers, and the cursor of the next ones."""

    items: list[ResultOut]
    found: int = Field(description="how many there are; from 200 on it means: at least so many")
    cursor: str | None
    did_you_mean: str | None = Field(
        description="the query with the diacritics that were likely meant; null: it has them"
    )

    @classmethod
    def of(cls, results: Results) -> Self:
        """Return `results` as they go on the wire."""
        items = [ResultOut.of(result) for result in results.results]
        return cls(
            items=items, found=results.found, cursor=results.cursor, did_you_mean=results.restored
        )


class CountOut(BaseModel):
    """A value, and how many of the documents that answer have it."""

    value: str
    count: int


class FacetsOut(BaseModel):
    """What a search can be narrowed to; counted over at most 200 documents that answer."""

    type_code: list[CountOut]
    issuer: list[CountOut]
    year: list[CountOut]
    direction: list[CountOut]
    urgency: list[CountOut]
    state: list[CountOut]
    signer_id: list[CountOut]
    signer: list[CountOut]
    validity: list[CountOut]

    @classmethod
    def of(cls, facets: Facets) -> Self:
        """Return `facets` as they go on the wire."""
        return cls.model_validate(
            {
                name: [CountOut(value=value, count=count) for value, count in counts]
                for name, counts in facets.items()
            }
        )


class SuggestionOut(BaseModel):
    """A document whose title or number goes on as it is being typed."""

    id: UUID
    title: MarkedOut
    number: str | None
    issued_on: date | None


class SuggestionsOut(BaseModel):
    """Documents, best first, and the words that the last one may become."""

    documents: list[SuggestionOut]
    words: list[str] = Field(description="without diacritics, the commonest first")

    @classmethod
    def of(cls, found: Suggestions) -> Self:
        """Return `found` as it goes on the wire."""
        documents = [
            SuggestionOut(
                id=one.document.id,
                title=MarkedOut.of(one.title),
                number=one.number,
                issued_on=one.document.issued_on,
            )
            for one in found.documents
        ]
        return cls(documents=documents, words=found.words)
