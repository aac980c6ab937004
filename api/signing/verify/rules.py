"""From facts to a verdict: pure tables, over all signatures of a file, never over one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """What may be said of a file."""

    VALID = "valid"
    INVALID = "invalid"
    INDETERMINATE = "indeterminate"


class Policy(StrEnum):
    """What is demanded beside intact and trusted signatures."""

    ANY = "any"
    ISSUED = "issued"  # the competent person and the agency have signed, and it has a number
    OWN = "own"  # the same of what has our form; of others nothing more


class Reason(StrEnum):
    """Why the verdict is what it is; codes are only ever added."""

    TRUSTED = "trusted"
    DAMAGED = "damaged"
    CANNOT_BE_EVALUATED = "cannot_be_evaluated"
    BYTE_RANGE = "byte_range"
    NOT_ZERO_PADDING = "not_zero_padding"
    NOT_CANONICAL = "not_canonical"
    DIGEST_MISMATCH = "digest_mismatch"
    WRONG_SIGNATURE = "wrong_signature"
    NUMBER_FIELD_FORGED = "number_field_forged"
    CHANGED_AFTER_SIGNING = "changed_after_signing"
    GARBAGE_AFTER_END = "garbage_after_end"
    WRONG_TIMESTAMP = "wrong_timestamp"
    CERTIFICATE_REVOKED = "certificate_revoked"
    SIGNED_OUTSIDE_VALIDITY = "signed_outside_validity"
    PERSON_MISSING = "person_signature_missing"
    AGENCY_MISSING = "agency_signature_missing"
    NUMBER_MISSING = "number_missing"
    ENCRYPTED = "encrypted"
    UNSIGNED = "unsigned"
    WRONG_ALGORITHM = "wrong_algorithm"
    CERTIFICATE_EXPIRED = "certificate_expired"
    UNTRUSTED_SIGNER = "untrusted_signer"
    CERTIFICATE_NOT_BOUND = "certificate_not_bound"
    IRREGULAR_FILE = "irregular_file"


class Kind(StrEnum):
    """Who a certificate stands for."""

    PERSON = "person"
    AGENCY = "agency"
    TIMESTAMP = "timestamp"
    UNKNOWN = "unknown"


class Change(StrEnum):
    """What happened to a file after a signature."""

    NUMBER_FILLED = "number_filled"
    SIGNED_AGAIN = "signed_again"
    EVIDENCE_ADDED = "evidence_added"
    NUMBER_FORGED = "number_forged"
    OTHER = "other"


class Algorithm(StrEnum):
    """What the mathematics of a signature are worth."""

    STRONG = "strong"
    WEAK = "weak"


class Trust(StrEnum):
    """How far a certificate leads."""

    TRUSTED = "trusted"
    EXPIRED = "expired"  # it was trusted at the time that the signer claims
    REVOKED = "revoked"  # before the time that is proven, or no time is
    UNKNOWN = "unknown"


Rect = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file.

    Attributes:
        object: its number as PDF writes it (`12 0 R`).
        what: what it calls itself (`Annot/FreeText`).
        page: the page that shows it, counted from 0.
        rect: left, bottom, right, top on that page, in points from its lower left corner.
    """

    object: str | None = None
    what: str | None = None
    page: int | None = None
    rect: Rect | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """One thing that happened to a file after a signature, and where."""

    change: Change
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Identity:
    """What a certificate says of its holder (the least that TT 15/2025 has shown)."""

    subject: str
    issuer: str
    unit: str | None
    serial_number: str
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True)
class SignatureFacts:
    """What was read of one signature."""

    field: str
    signer: str | None = None
    kind: Kind = Kind.UNKNOWN
    evaluated: bool = True
    byte_range: bool = True
    zero_padding: bool = True
    canonical: bool = True
    digest: bool = True
    mathematics: bool = True
    algorithm: Algorithm = Algorithm.STRONG
    trust: Trust = Trust.TRUSTED
    bound: bool = True  # what was signed names the certificate by its hash, where it has to
    in_validity: bool = True
    covers_whole_file: bool = True
    changes: frozenset[Change] = frozenset()
    time: datetime | None = None
    proven: bool = False  # the time is proven by a stamp; else the signer claims it
    stamp: bool = True  # the stamp in its container, if any, is on just this signature
    known: bool = False  # the status of its certificate stands in the file, or was learnt
    learnt: bool = False  # ... and does not stand in the file: it was asked for just now
    archived: bool = False  # a stamp on the file covers it
    revision: int = 0
    end: int = 0  # where the revision ends that it signed
    place: Place = Place()
    traces: tuple[Trace, ...] = ()
    certificate: Identity | None = None

    @property
    def level(self) -> str:
        """Return the level of the signature (ETSI EN 319 142-1), by what was believed."""
        inside = self.known and not self.learnt
        if self.archived and inside:
            return "B-LTA"
        if inside and self.proven:
            return "B-LT"
        return "B-T" if self.proven else "B-B"

    @property
    def intact(self) -> bool:
        """Tell whether what was signed is still what was signed."""
        return all(
            (
                self.evaluated,
                self.byte_range,
                self.zero_padding,
                self.canonical,
                self.digest,
                self.mathematics,
            )
        )


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What was read of a file."""

    signatures: tuple[SignatureFacts, ...] = ()
    readable: bool = True
    regular: bool = True
    encrypted: bool = False
    garbage: bool = False
    numbered: bool | None = None  # None: it has no field for a number
    own: bool = False  # it has the form that our documents have
    awaited: tuple[str, ...] = ()  # the persons' fields of that form that nobody has signed


def told_apart(offline: FileFacts, online: FileFacts) -> FileFacts:
    """Return what is known of a file online, marking what does not stand in the file itself."""
    if len(offline.signatures) != len(online.signatures):
        return offline
    both = zip(offline.signatures, online.signatures, strict=True)
    return replace(
        online,
        signatures=tuple(
            replace(now, learnt=not before.known and (now.known or now.trust is Trust.REVOKED))
            for before, now in both
        ),
    )


Fault = tuple[Reason, Verdict, Callable[[SignatureFacts], bool]]

#: The first fault of the table names the reason; an invalid signature outweighs a doubtful one.
FAULTS: tuple[Fault, ...] = (
    (Reason.CANNOT_BE_EVALUATED, Verdict.INVALID, lambda one: not one.evaluated),
    (Reason.BYTE_RANGE, Verdict.INVALID, lambda one: not one.byte_range),
    (Reason.DIGEST_MISMATCH, Verdict.INVALID, lambda one: not one.digest),
    (Reason.WRONG_SIGNATURE, Verdict.INVALID, lambda one: not one.mathematics),
    (Reason.NOT_ZERO_PADDING, Verdict.INVALID, lambda one: not one.zero_padding),
    (Reason.NOT_CANONICAL, Verdict.INVALID, lambda one: not one.canonical),
    (Reason.NUMBER_FIELD_FORGED, Verdict.INVALID, lambda one: Change.NUMBER_FORGED in one.changes),
    (Reason.CHANGED_AFTER_SIGNING, Verdict.INVALID, lambda one: Change.OTHER in one.changes),
    (Reason.WRONG_TIMESTAMP, Verdict.INVALID, lambda one: not one.stamp),
    (Reason.CERTIFICATE_REVOKED, Verdict.INVALID, lambda one: one.trust is Trust.REVOKED),
    (Reason.SIGNED_OUTSIDE_VALIDITY, Verdict.INVALID, lambda one: not one.in_validity),
    (
        Reason.WRONG_ALGORITHM,
        Verdict.INDETERMINATE,
        lambda one: one.algorithm is not Algorithm.STRONG,
    ),
    (Reason.UNTRUSTED_SIGNER, Verdict.INDETERMINATE, lambda one: one.trust is Trust.UNKNOWN),
    (Reason.CERTIFICATE_EXPIRED, Verdict.INDETERMINATE, lambda one: one.trust is Trust.EXPIRED),
    (Reason.CERTIFICATE_NOT_BOUND, Verdict.INDETERMINATE, lambda one: not one.bound),
)


#: Which change stands behind a reason: the places of those changes are the guilty ones.
_CHANGES = {
    Reason.NUMBER_FIELD_FORGED: Change.NUMBER_FORGED,
    Reason.CHANGED_AFTER_SIGNING: Change.OTHER,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a file: of which signature, and where; neither for the file as a whole."""

    reason: Reason
    signature: str | None = None
    place: Place = Place()


def judge(facts: FileFacts, policy: Policy) -> tuple[Verdict, Reason]:
    """Return the verdict over the whole file, and the weightiest reason for it."""
    found = list(of_whole(facts, policy))
    if _is_judged(facts):
        found += [fault for one in facts.signatures for fault in faults(one)]
    for verdict in (Verdict.INVALID, Verdict.INDETERMINATE):
        reasons = [reason for reason, says in found if says is verdict]
        if reasons:
            return verdict, min(reasons, key=_weight)
    return Verdict.VALID, Reason.TRUSTED


def in_force(facts: FileFacts, policy: Policy) -> Policy:
    """Return what is demanded of just this file."""
    if policy is not Policy.OWN:
        return policy
    return Policy.ISSUED if facts.own else Policy.ANY


def findings(facts: FileFacts, policy: Policy) -> Iterator[Finding]:
    """Name every fault of a file and its signatures, with the places that are guilty of it."""
    for reason, _ in of_whole(facts, policy):
        yield Finding(reason)
    for one in facts.signatures if _is_judged(facts) else ():
        for reason, _ in faults(one):
            for place in _guilty(one, reason):
                yield Finding(reason, one.field, place)


def _guilty(one: SignatureFacts, reason: Reason) -> tuple[Place, ...]:
    """Return the places of a fault; where no other is known, that of the signature itself."""
    change = _CHANGES.get(reason)
    guilty = [trace.place for trace in one.traces if trace.change is change]
    return tuple(place if place != Place() else one.place for place in guilty) or (one.place,)


def of_whole(facts: FileFacts, policy: Policy) -> Iterator[tuple[Reason, Verdict]]:
    """Name every fault that is the file's own, and none of its signatures'."""
    yield from _of_file(facts)
    if _is_judged(facts) and in_force(facts, policy) is Policy.ISSUED:
        yield from _of_policy(facts)


def _is_judged(facts: FileFacts) -> bool:
    return facts.readable and not facts.encrypted and bool(facts.signatures)


def faults(one: SignatureFacts) -> Iterator[tuple[Reason, Verdict]]:
    """Name every fault of one signature."""
    return ((reason, verdict) for reason, verdict, has in FAULTS if has(one))


def _of_file(facts: FileFacts) -> Iterator[tuple[Reason, Verdict]]:
    if facts.encrypted:
        yield Reason.ENCRYPTED, Verdict.INDETERMINATE
    elif not facts.readable:
        yield Reason.DAMAGED, Verdict.INVALID
    elif not facts.signatures:
        yield Reason.UNSIGNED, Verdict.INDETERMINATE
    else:
        if facts.garbage:
            yield Reason.GARBAGE_AFTER_END, Verdict.INVALID
        if not facts.regular:
            yield Reason.IRREGULAR_FILE, Verdict.INDETERMINATE


def _of_policy(facts: FileFacts) -> Iterator[tuple[Reason, Verdict]]:
    kinds = {one.kind for one in facts.signatures}
    if Kind.PERSON not in kinds or facts.awaited:
        yield Reason.PERSON_MISSING, Verdict.INVALID
    if Kind.AGENCY not in kinds:
        yield Reason.AGENCY_MISSING, Verdict.INVALID
    if facts.numbered is False:
        yield Reason.NUMBER_MISSING, Verdict.INVALID


def _weight(reason: Reason) -> int:
    return list(Reason).index(reason)
