"""What phones get of the offline copy; `docs/reference/offline-index.md` tells how to use it."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from api.documents.rules import Direction, State, TextState, Urgency
from api.lookup.analysis import lexicon, text
from api.lookup.offline.queries import Delta, Kept
from api.lookup.offline.rules import numbered

FORMAT = 2
#: What each document's list holds, in this order.
COLUMNS = (
    "id", "type_code", "kind", "title", "folded", "fields", "number", "symbol", "issuer",
    "number_key", "day", "until", "direction", "state", "urgency", "text_state", "pages",
)  # fmt: skip
#: Values that repeat are sent once, in `tables`, and named by their place there.
SHARED = ("type_code", "kind", "issuer", "direction", "state", "urgency", "text_state")


class OfflineDelta(BaseModel):
    """What changed for a phone since it last asked."""

    format: int = FORMAT
    analysis: int = Field(default=text.VERSION, description="how text becomes terms")
    lexicon: int = Field(
        default=lexicon.VERSION, description="whose weights: `GET /lookup/offline/lexicon`"
    )
    cursor: UUID | None = Field(description="send it the next time")
    reset: bool = Field(description="drop everything before taking this in")
    more: bool = Field(description="there is more: ask again at once")
    gone: list[UUID] = Field(description="documents to be dropped, their pictures too")
    columns: list[str] = Field(default=list(COLUMNS), description="what `documents` holds")
    tables: dict[str, list[str]] = Field(description="the values of the columns that repeat")
    documents: list[list[Any]] = Field(description="new or changed, whole")

    @classmethod
    def of(cls, delta: Delta) -> "OfflineDelta":
        """Return a delta as it goes on the wire."""
        rows = [_row(one) for one in delta.kept]
        places = {name: numbered(row[name] for row in rows) for name in SHARED}
        documents = [
            [places[name][row[name]] if name in places else row[name] for name in COLUMNS]
            for row in rows
        ]
        return cls(
            cursor=delta.cursor,
            reset=delta.reset,
            more=delta.change.more,
            gone=list(delta.change.gone),
            tables={name: list(values) for name, values in places.items()},
            documents=documents,
        )


def _row(kept: Kept) -> dict[str, Any]:
    document, entry = kept.document, kept.entry
    title = text.composed(document.title)
    return {
        "id": str(document.id),
        "type_code": document.type_code,
        "kind": entry.heading.removesuffix(title).strip(),
        "title": title,
        "folded": entry.folded,
        "fields": entry.fields,
        "number": document.number,
        "symbol": document.symbol,
        "issuer": document.issuer,
        "number_key": entry.number_key,
        "day": entry.day,
        "until": entry.until,
        "direction": Direction(document.direction),
        "state": State(document.state),
        "urgency": Urgency(document.urgency),
        "text_state": TextState(kept.file.text_state),
        "pages": kept.file.pages,
    }
