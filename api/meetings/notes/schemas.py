"""Annotations on the wire: W3C Web Annotations (2017), in the part of the model that is used."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.meetings.notes.rules import Layer, Motivation

_STRICT = ConfigDict(extra="forbid")
_PERCENT = r"\d{1,3}(\.\d{1,4})?"
_STROKES = r"[MLHVCSQTAZmlhvcsqtaz0-9 ,.\-]*"
Words = Annotated[str, StringConstraints(max_length=8000, pattern=r"^[^\x00]*$")]


class FragmentSelector(BaseModel):
    """A rectangle of the page, in hundredths of its size (Media Fragments)."""

    model_config = _STRICT

    type: Literal["FragmentSelector"]
    value: Annotated[
        str, Field(max_length=80, pattern=rf"^xywh=percent:{_PERCENT}(,{_PERCENT}){{3}}$")
    ]


class SvgSelector(BaseModel):
    """Strokes of a pen: the data of one SVG path, with no other mark-up."""

    model_config = _STRICT

    type: Literal["SvgSelector"]
    value: Annotated[str, Field(max_length=20_000, pattern=rf'^<svg><path d="{_STROKES}"/></svg>$')]


class TextQuoteSelector(BaseModel):
    """A quotation of the page's text."""

    model_config = _STRICT

    type: Literal["TextQuoteSelector"]
    exact: Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[^\x00]*$")]


Selector = Annotated[
    FragmentSelector | SvgSelector | TextQuoteSelector, Field(discriminator="type")
]


class Target(BaseModel):
    """What is annotated: a revision on the table, a page of it, a place on the page."""

    model_config = _STRICT

    source: UUID = Field(description="the document")
    revision: UUID
    page: Annotated[int, Field(ge=0, le=100_000)]
    selector: Selector


class PutNote(BaseModel):
    """Socket command `note.put`: write an annotation, or change one's own."""

    model_config = _STRICT

    id: UUID = Field(description="made by the phone, so that sending it again changes nothing")
    layer: Layer
    motivation: Motivation = Motivation.COMMENTING
    target: Target
    body: Words = ""
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = Field(
        default=None, description="of one that is changed; an older one gets `stale`"
    )


class OneNote(BaseModel):
    """Socket commands `note.drop|submit`: take one's own away, or submit an opinion for good."""

    model_config = _STRICT

    note_id: UUID


class NoteOut(BaseModel):
    """An annotation."""

    id: UUID
    layer: Layer
    creator: UUID
    motivation: Motivation
    target: Target
    body: str
    version: int
    modified: datetime
    submitted_at: datetime | None
