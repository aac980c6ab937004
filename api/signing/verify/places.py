"""Where things stand in a file: which page shows an object, and in which rectangle."""

from collections.abc import Iterator, Mapping
from typing import Any

from pyhanko.pdf_utils import generic

from api.signing.pdf.objects import entry
from api.signing.pdf.signed_fields import pages
from api.signing.verify.rules import Place, Rect

#: A page may lead to so many objects; what lies beyond is told without its page.
_MOST = 5000
#: From a page these lead elsewhere.
_ELSEWHERE = frozenset({"/Parent", "/P", "/Dest", "/A", "/StructParents", "/Reference", "/Pages"})
_EDGES = 4

Key = tuple[int, int]
Places = Mapping[Key, Place]


def places_of(resolver: Any) -> dict[Key, Place]:
    """Return the place of every object that a page of this revision leads to, and of the pages."""
    found = widgets_of(resolver)
    every = list(enumerate(pages(entry(resolver.root, "/Pages"))))
    found |= {key_of(page): Place(name_of(page), "Page", number) for number, page in every}
    for number, page in every:
        for _, annotation in annotations_of(page.get_object()):
            for below in _below(annotation):
                place = Place(name_of(below), None, number, rect_of(annotation))
                found.setdefault(key_of(below), place)
        for below in _below(page.get_object()):
            found.setdefault(key_of(below), Place(name_of(below), None, number))
    return found


def widgets_of(resolver: Any) -> dict[Key, Place]:
    """Return the place of every annotation of a revision."""
    return {
        key_of(reference): Place(name_of(reference), what(annotation), number, rect_of(annotation))
        for number, page in enumerate(pages(entry(resolver.root, "/Pages")))
        for reference, annotation in annotations_of(page.get_object())
    }


def annotations_of(page: Any) -> Iterator[tuple[Any, Any]]:
    """Return reference and dictionary of each annotation of a page that has a number of its own."""
    for raw in list(entry(page, "/Annots", ())):
        annotation = raw.get_object()
        reference = getattr(annotation, "container_ref", None)
        if isinstance(raw, generic.IndirectObject):
            reference = raw.reference
        if isinstance(reference, generic.Reference):
            yield reference, annotation


def place_of(reference: Any, new: Places, old: Places, resolver: Any) -> Place:
    """Return where an object stands, in the newer revision or else in the older one."""
    key = key_of(reference)
    found = new.get(key) or old.get(key) or Place(name_of(reference))
    if found.what is not None:
        return found
    try:
        thing = resolver(reference)
    except Exception:  # noqa: BLE001 - a hostile file may raise anything
        return found
    return Place(found.object, what(thing), found.page, found.rect)


def what(thing: Any) -> str | None:
    """Return what an object calls itself: `Annot/FreeText`, `Page`, `Catalog`."""
    try:
        words = [str(entry(thing, key, "")).lstrip("/") for key in ("/Type", "/Subtype")]
    except Exception:  # noqa: BLE001 - as above
        return None
    return "/".join(word for word in words if word) or None


def rect_of(annotation: Any) -> Rect | None:
    """Return left, bottom, right and top of an annotation, in points."""
    try:
        edges = [float(edge) for edge in entry(annotation, "/Rect", ())]
    except Exception:  # noqa: BLE001 - as above
        return None
    if len(edges) != _EDGES:
        return None
    (left, right), (bottom, top) = sorted(edges[0::2]), sorted(edges[1::2])
    return left, bottom, right, top


def _below(start: Any) -> Iterator[Any]:
    """Return the references that an object leads to, at first and at second hand."""
    waiting, seen = [start], set[Key]()
    while waiting and len(seen) < _MOST:
        for key, value in _entries(waiting.pop()):
            if key in _ELSEWHERE:
                continue
            if isinstance(value, generic.IndirectObject):
                if key_of(value.reference) in seen:
                    continue
                seen.add(key_of(value.reference))
                yield value.reference
            try:
                waiting.append(value.get_object())
            except Exception:  # noqa: BLE001, S112 - as above
                continue


def _entries(thing: Any) -> list[tuple[str, Any]]:
    if isinstance(thing, generic.DictionaryObject):  # streams too
        return [(str(key), thing.raw_get(key)) for key in thing]
    if isinstance(thing, generic.ArrayObject):
        return [("", thing.raw_get(index)) for index in range(len(thing))]
    return []


def key_of(reference: Any) -> Key:
    """Return number and generation of an object."""
    return int(reference.idnum), int(reference.generation)


def name_of(reference: Any) -> str:
    """Return a reference as PDF writes it."""
    return f"{reference.idnum} {reference.generation} R"
