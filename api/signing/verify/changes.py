"""What happened to a file after a signature, read object by object.

Two judges, and both must be content: pyHanko's difference analysis, and the closed list below of
the objects that may be replaced at all. The list is the stricter one: a page may gain fields and
nothing else, a text field of ours may be filled and must show its value, a signature field may be
signed once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    DiffPolicy,
    DiffResult,
    FormUpdatingRule,
    GenericFieldModificationRule,
    ModificationLevel,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
)
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from api.signing.pdf.fields import text_fields
from api.signing.pdf.layout import SEAL_FIELD
from api.signing.pdf.objects import entry, written
from api.signing.pdf.signed_fields import pages
from api.signing.verify.form import is_honest, only_filled
from api.signing.verify.places import Places, place_of, places_of
from api.signing.verify.rules import Change, Place, Trace

_CATALOGUE = frozenset({"/AcroForm", "/DSS", "/Extensions", "/Metadata", "/Version"})
_FORM = frozenset({"/Fields", "/SigFlags", "/DR", "/DA"})
_PAGE = frozenset({"/Annots"})
_SIGNED = frozenset({"/V", "/AP", "/AS", "/F", "/Ff", "/DA", "/MK", "/M", "/Type", "/Lock"})
#: Other systems let signers add their own visible fields after a certification; ours never do,
#: for all our fields are there before the first signature.
_FOREIGN = StandardDiffPolicy(
    global_rules=DEFAULT_DIFF_POLICY.global_rules,
    form_rule=FormUpdatingRule(
        field_rules=[
            SigFieldCreationRule(allow_new_visible_after_certify=True),
            SigFieldModificationRule(),
            GenericFieldModificationRule(),
        ]
    ),
)
#: pyHanko takes every picture of a filled field for replaced in place, and so holds a time-stamp
#: against a seal that locks the fields. In our files no picture may be replaced at all.
_OWN = StandardDiffPolicy(
    global_rules=DEFAULT_DIFF_POLICY.global_rules,
    form_rule=FormUpdatingRule(
        field_rules=[
            SigFieldCreationRule(),
            SigFieldModificationRule(),
            GenericFieldModificationRule(allow_in_place_appearance_stream_changes=False),
        ]
    ),
)
_EVIDENCE = ("/Certs", "/OCSPs", "/CRLs", "/VRI")


@dataclass(frozen=True)
class _Step:
    """Two neighbouring revisions."""

    old: HistoricalResolver
    new: HistoricalResolver
    signed_form: Any
    own: bool


Touched = tuple[Change, Any]  # what was done, and the reference of the object


def changes_after(reader: PdfFileReader, signature: EmbeddedPdfSignature) -> frozenset[Change]:
    """Name what was done to the file after the signature."""
    return frozenset(trace.change for trace in traces_after(reader, signature))


def traces_after(reader: PdfFileReader, signature: EmbeddedPdfSignature) -> tuple[Trace, ...]:
    """Name what was done to the file after the signature, and where it can be seen."""
    first = signature.signed_revision
    if reader.total_revisions == first + 1:
        return ()
    found = list(_touched(reader, first))
    policy = _OWN if is_own(reader.get_historical_resolver(first)) else _FOREIGN
    if not _is_permitted(signature, policy) and Change.OTHER not in {one for one, _ in found}:
        blamed = [reference for _, reference in found] or [None]
        found += [(Change.OTHER, reference) for reference in blamed]
    if not {one for one, _ in found} & {Change.OTHER, Change.NUMBER_FORGED}:
        return tuple(dict.fromkeys(Trace(change) for change, _ in found))
    return tuple(dict.fromkeys(_located(reader, first, found)))


def is_own(resolver: Any) -> bool:
    """Tell whether a revision has the form that our documents have before anyone signs."""
    return any(title == SEAL_FIELD for title, _, _ in enumerate_sig_fields(resolver))


def by_object(reader: PdfFileReader, first: int) -> Iterator[Change]:
    """Name what the closed list says of the revisions after `first`."""
    return (change for change, _ in _touched(reader, first))


def _located(reader: PdfFileReader, first: int, found: list[Touched]) -> Iterator[Trace]:
    resolver = reader.get_historical_resolver(reader.total_revisions - 1)
    new, old = places_of(resolver), places_of(reader.get_historical_resolver(first))
    for change, reference in found:
        if reference is None or change not in {Change.OTHER, Change.NUMBER_FORGED}:
            yield Trace(change)
            continue
        place = place_of(reference, new, old, resolver)
        yield from (Trace(change, each) for each in _added_on(place, new, old) or [place])


def _added_on(place: Place, new: Places, old: Places) -> list[Place]:
    """Return the annotations that are new where a page or a list has grown: those are guilty."""
    if place.rect is not None or place.what not in {None, "Page", "Catalog"}:
        return []
    return [
        each
        for key, each in new.items()
        if key not in old
        and (each.what or "").startswith("Annot")
        and place.page in {None, each.page}
    ]


def _is_permitted(signature: EmbeddedPdfSignature, policy: DiffPolicy) -> bool:
    """Ask pyHanko, and hold the file to the permissions of this signature."""
    result = signature.evaluate_modifications(policy)
    if not isinstance(result, DiffResult) or result.modification_level is ModificationLevel.OTHER:
        return False
    allowed = signature.docmdp_level
    return allowed is None or result.modification_level.value <= allowed.value


def _touched(reader: PdfFileReader, first: int) -> Iterator[Touched]:
    signed = reader.get_historical_resolver(first)
    signed_form = entry(signed.root, "/AcroForm", {})
    for revision in range(first + 1, reader.total_revisions):
        step = _Step(
            reader.get_historical_resolver(revision - 1),
            reader.get_historical_resolver(revision),
            signed_form,
            is_own(signed),
        )
        if step.new.refs_freed_in_revision() or step.old.root_ref != step.new.root_ref:
            yield Change.OTHER, step.new.root_ref
        yield from _in_step(step)


def _in_step(step: _Step) -> Iterator[Touched]:
    roles = dict(_roles(step))
    for reference in step.new.explicit_refs_in_revision():
        if step.old.is_ref_unassignable(reference):
            continue  # a new object says nothing until an old one leads to it
        try:
            before, after = step.old(reference), step.new(reference)
            if written(before) == written(after):
                continue
        except Exception:  # noqa: BLE001 - whatever cannot be read has no permitted role
            yield Change.OTHER, reference
            continue
        judge = roles.get((reference.idnum, reference.generation))
        if judge is None:
            yield Change.OTHER, reference
        elif (change := judge(step, before, after)) is not None:
            yield change, reference


Judge = Callable[[_Step, Any, Any], Change | None]


def _roles(step: _Step) -> Iterator[tuple[tuple[int, int], Judge]]:
    """Say of each object of the older revision that may be replaced who judges the replacement."""
    root = step.old.root
    yield from _role(step.old.root_ref, _catalogue)
    yield from _role(_raw(step.old.trailer_view, "/Info"), _unseen)
    yield from _role(_raw(root, "/Metadata"), _unseen)
    yield from _role(_raw(root, "/AcroForm"), _form)
    yield from _role(_raw(entry(root, "/AcroForm", {}), "/Fields"), _longer)
    yield from _evidence_roles(root)
    for _, _, reference in enumerate_sig_fields(step.old):
        yield from _role(reference, _signature_field)
        for kid in entry(reference.get_object(), "/Kids", ()):
            yield from _role(kid, _signature_field)
    for page in pages(entry(root, "/Pages")):
        yield from _role(page, _page)
        yield from _role(_raw(page.get_object(), "/Annots"), _longer)
    ours = text_fields(root)
    for reference in entry(entry(root, "/AcroForm", {}), "/Fields", ()) if ours else ():
        if str(entry(reference.get_object(), "/T")) in ours:
            yield from _role(reference, _text_field)


def _evidence_roles(root: Any) -> Iterator[tuple[tuple[int, int], Judge]]:
    yield from _role(_raw(root, "/DSS"), _evidence)
    for key in _EVIDENCE:
        yield from _role(_raw(entry(root, "/DSS", {}), key), _evidence)


def _role(thing: Any, judge: Judge) -> Iterator[tuple[tuple[int, int], Judge]]:
    reference = getattr(thing, "reference", thing)
    if isinstance(reference, generic.Reference):
        yield (reference.idnum, reference.generation), judge


def _raw(dictionary: Any, key: str) -> Any:
    return dictionary.raw_get(key) if key in dictionary else None


def _differing(before: Any, after: Any) -> set[str]:
    dictionaries = (generic.DictionaryObject,)
    if not (isinstance(before, dictionaries) and isinstance(after, dictionaries)):
        return {"type"}
    keys = set(before) | set(after)
    return {
        str(key)
        for key in keys
        if not (key in before and key in after)
        or written(before.raw_get(key)) != written(after.raw_get(key))
    }


def _unseen(_step: _Step, _before: Any, _after: Any) -> None:
    """Accept: nobody sees it."""


def _evidence(_step: _Step, _before: Any, _after: Any) -> Change:
    return Change.EVIDENCE_ADDED


def _catalogue(step: _Step, before: Any, after: Any) -> Change | None:
    differing = _differing(before, after)
    if not differing <= _CATALOGUE:
        return Change.OTHER
    form = _form(step, entry(before, "/AcroForm", {}), entry(after, "/AcroForm", {}))
    return form or (Change.EVIDENCE_ADDED if "/DSS" in differing else None)


def _form(step: _Step, before: Any, after: Any) -> Change | None:
    if not _differing(before, after) <= _FORM:
        return Change.OTHER
    return _longer(step, entry(before, "/Fields", ()), entry(after, "/Fields", ()))


def _page(step: _Step, before: Any, after: Any) -> Change | None:
    if not _differing(before, after) <= _PAGE:
        return Change.OTHER
    return _longer(step, entry(before, "/Annots", ()), entry(after, "/Annots", ()))


def _longer(step: _Step, before: Any, after: Any) -> Change | None:
    """Accept a list that has grown by signed signature fields, and by nothing else.

    All fields of ours are there before the first signature: only archive timestamps add theirs.
    """
    older, newer = list(before), list(after)  # pyHanko's own lists cannot be cut
    if [*map(written, older)] != [*map(written, newer[: len(older)])]:
        return Change.OTHER
    added = [each.get_object() for each in newer[len(older) :]]
    may_be_added = _is_timestamp if step.own else _is_signed
    if not all(may_be_added(each) for each in added):
        return Change.OTHER
    return Change.SIGNED_AGAIN if added else None


def _is_signed(field: Any) -> bool:
    parent = entry(field, "/Parent", field) if "/FT" not in field else field
    return str(entry(parent, "/FT")) == "/Sig" and "/V" in parent


def _is_timestamp(field: Any) -> bool:
    return _is_signed(field) and str(entry(entry(field, "/V", {}), "/Type")) == "/DocTimeStamp"


def _signature_field(_step: _Step, before: Any, after: Any) -> Change:
    if _is_signed(before) or not _is_signed(after):
        return Change.OTHER
    return Change.SIGNED_AGAIN if _differing(before, after) <= _SIGNED else Change.OTHER


def _text_field(step: _Step, before: Any, after: Any) -> Change:
    if not only_filled(before, after):
        return Change.NUMBER_FORGED
    return Change.NUMBER_FILLED if is_honest(after, step.signed_form) else Change.NUMBER_FORGED
