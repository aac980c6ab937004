"""Where signatures stand, and whether the pages still look as they did when they were signed."""

from collections.abc import Iterator
from dataclasses import replace
from typing import IO, Any

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields

from api.signing.pdf.fields import text_fields
from api.signing.pdf.objects import entry
from api.signing.verify.pictures import Allowed, Gallery, Unseen
from api.signing.verify.places import Key, key_of, name_of, widgets_of
from api.signing.verify.rules import Change, Place, Rect, SignatureFacts, Trace

Found = tuple[SignatureFacts, ...]


def placed(reader: PdfFileReader, found: Found) -> Found:
    """Say of each signature where its field stands."""
    fields = {str(title): reference for title, _, reference in enumerate_sig_fields(reader)}
    widgets = widgets_of(reader)
    return tuple(
        replace(one, place=_widget(fields[one.field], widgets)) if one.field in fields else one
        for one in found
    )


def compared(reader: PdfFileReader, stream: IO[bytes], found: Found) -> tuple[Found, bool]:
    """Hold the pages as each signature found them against the pages as they are now.

    Returns:
        The facts with what looks different, and whether every page could be drawn.
    """
    gallery = Gallery(stream, stream.seek(0, 2))
    every = True
    looked = []
    for one in found:
        try:
            looked.append(_compared(reader, gallery, one))
        except Unseen:
            every = False
            looked.append(one)
    return tuple(looked), every


def _compared(reader: PdfFileReader, gallery: Gallery, one: SignatureFacts) -> SignatureFacts:
    if one.covers_whole_file or not one.intact or gallery.left <= 0:
        return one
    places = gallery.differences(one.end, _allowed_after(reader, one.revision))
    if not places:
        return one
    seen = tuple(Trace(Change.OTHER, place) for place in places)
    return replace(one, changes=one.changes | {Change.OTHER}, traces=(*one.traces, *seen))


def _allowed_after(reader: PdfFileReader, revision: int) -> Allowed:
    """Return the fields that may look different now: number, date, and what was not yet signed."""
    signed = reader.get_historical_resolver(revision)
    older, newer = widgets_of(signed), widgets_of(reader)
    known = {str(title) for title, _, _ in enumerate_sig_fields(signed)}
    empty = [ref for _, _, ref in enumerate_sig_fields(signed, filled_status=False)]
    known_texts = text_fields(signed.root)
    ours = [
        raw.reference
        for raw in list(entry(entry(signed.root, "/AcroForm", {}), "/Fields", ()))
        if str(entry(raw.get_object(), "/T")) in known_texts
    ]
    added = [ref for title, _, ref in enumerate_sig_fields(reader) if str(title) not in known]
    return Allowed(
        filled=_by_page(_widget(reference, older) for reference in (*empty, *ours)),
        added=_by_page(_widget(reference, newer) for reference in added),
    )


def _by_page(places: Iterator[Place]) -> dict[int, list[Rect]]:
    found: dict[int, list[Rect]] = {}
    for place in places:
        if place.page is not None and place.rect is not None:
            found.setdefault(place.page, []).append(place.rect)
    return found


def _widget(reference: Any, widgets: dict[Key, Place]) -> Place:
    """Return the place of a field: its own, or that of the first picture below it."""
    kids = [getattr(kid, "reference", kid) for kid in entry(reference.get_object(), "/Kids", ())]
    shown = (widgets[key_of(one)] for one in (reference, *kids) if key_of(one) in widgets)
    return next(shown, Place(name_of(reference)))
