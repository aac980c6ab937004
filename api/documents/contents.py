"""What services are handed: plain values."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from api.documents.rules import Urgency


@dataclass(frozen=True, slots=True)
class Content:
    """A stored file and what is known of it.

    Attributes:
        sha256: the blob's name.
        size: bytes.
        pages: how many.
        texts: of each page; None where they are those of the revision before.
        has_text: every page could be read.
        unread: the pages that are pictures.
        media_type: what kind of file it is.
        stamp: the secrecy stamp that is on it.
        verification: the report on the signatures that were in it.
        layout: where number, date, signature and seal have their places.
        code: what its first page shows to whoever wants to check it.
    """

    sha256: str
    size: int
    pages: int
    texts: list[str] | None = None
    has_text: bool = True
    unread: tuple[int, ...] = ()
    media_type: str = "application/pdf"
    stamp: str | None = None
    verification: dict[str, Any] | None = None
    layout: dict[str, Any] | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a clerk writes down of an incoming document."""

    type_code: str
    title: str
    symbol: str
    issuer: str
    presented_to: UUID
    number: int | None = None
    issued_on: date | None = None
    signer: str = ""
    urgency: Urgency = Urgency.NORMAL
    secrecy: str = ""
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """What an official writes."""

    type_code: str
    title: str
    articles: tuple[str, ...]
    recipients: tuple[str, ...]
    signer_id: UUID
    on_behalf_of: UUID | None = None
    cosigner_ids: tuple[UUID, ...] = ()
    reply_to: UUID | None = None
    internal: bool = False
    urgency: Urgency = Urgency.NORMAL
    secrecy: str = ""
