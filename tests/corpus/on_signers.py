"""Attacks by people who have keys, and by people who wish they had."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from asn1crypto import cms
from pyhanko.pdf_utils.reader import PdfFileReader

from api.signing.pdf.archive import stamp_signature, stamps_on
from api.signing.pdf.cms import container, signed_attributes
from api.signing.pdf.layout import LEADER_FIELD, SEAL_FIELD
from api.signing.pdf.prepared import Prepared
from api.signing.pdf.signature import embed
from tests.corpus.archives import stamp_by
from tests.corpus.people import Person
from tests.corpus.workshop import Workshop
from tests.support.forgers import Attack
from tests.support.lasting import Archivist
from tests.support.signed_papers import LEADER, Desk


def signs(workshop: Workshop, person: str, rect: Any = None, **how: Any) -> Attack:
    """Let somebody sign the file once more, in a field of their own."""

    def attack(path: Path) -> None:
        workshop.sign(path, _somebody(workshop, person), "KyThem", box=rect, **how)

    return attack


def _somebody(workshop: Workshop, who: str) -> Person:
    """Return a signer: `evil-p256` has a double of the authority, `alone-p256` none at all."""
    kind, _, key = who.partition("-")
    ca = workshop.desk("evil" if kind == "evil" else "rsa").ca
    since = timedelta(400) if kind == "old" else timedelta(1)
    return workshop.registry.issue(
        key, None if kind == "alone" else ca._sub(), days=100, since=since
    )


def seal(workshop: Workshop, mechanism: str) -> Attack:
    """Seal the file with the agency's own key, as if nothing had happened."""

    def attack(path: Path) -> None:
        workshop.desk(mechanism).sign(path, SEAL_FIELD)

    return attack


def then(*attacks: Attack) -> Attack:
    """Do one thing after the other."""

    def attack(path: Path) -> None:
        for each in attacks:
            each(path)

    return attack


def other_value(workshop: Workshop, mechanism: str, field: str = LEADER_FIELD) -> Attack:
    """Embed the raw signature that belongs to another paper (replay)."""

    def attack(path: Path) -> None:
        desk = workshop.desk(mechanism)
        mine = desk.prepare(path, field)
        other = workshop.own(mechanism, stage=0, pages=3)
        theirs = desk.prepare(other, LEADER_FIELD)
        raw = desk.ca.sign(LEADER, theirs.to_sign, theirs.mechanism)
        _embed_unchecked(desk, path, mine, raw)

    return attack


def value_of_another_key(workshop: Workshop, mechanism: str) -> Attack:
    """Embed a raw signature by another SIM's key over the right digest."""

    def attack(path: Path) -> None:
        desk = workshop.desk(mechanism)
        mine = desk.prepare(path, LEADER_FIELD)
        desk.ca.issue_person(
            "sim-84999999999", name="Người khác", organization="Khác", mechanism=desk.mechanism
        )
        raw = desk.ca.sign("sim-84999999999", mine.to_sign, mine.mechanism)
        _embed_unchecked(desk, path, mine, raw)

    return attack


def unbound(workshop: Workshop, mechanism: str) -> Attack:
    """Sign without naming the certificate, so that another one of the same key could be shown."""

    def attack(path: Path) -> None:
        desk = workshop.desk(mechanism)
        mine = desk.prepare(path, LEADER_FIELD)
        kept = [one for one in cms.CMSAttributes.load(mine.attributes)
                if one["type"].native != "signing_certificate_v2"]  # fmt: skip
        _sign_and_embed(desk, path, replace(mine, attributes=cms.CMSAttributes(kept).dump()))

    return attack


def bound_to_another(workshop: Workshop, mechanism: str) -> Attack:
    """Name another certificate among what is signed than the one that is shown."""

    def attack(path: Path) -> None:
        desk = workshop.desk(mechanism)
        mine = desk.prepare(path, LEADER_FIELD)
        attributes = signed_attributes(mine.document_digest, desk.agency)
        _sign_and_embed(desk, path, replace(mine, attributes=attributes))

    return attack


def _sign_and_embed(desk: Desk, path: Path, prepared: Prepared) -> None:
    raw = desk.ca.sign(LEADER, prepared.to_sign, prepared.mechanism)
    _embed_unchecked(desk, path, prepared, raw)


def swap_container(workshop: Workshop, mechanism: str) -> Attack:
    """Take the whole signature of another paper."""

    def attack(path: Path) -> None:
        desk = workshop.desk(mechanism)
        mine = desk.prepare(path, LEADER_FIELD)
        other = workshop.own(mechanism, stage=0, pages=3)
        theirs = desk.prepare(other, LEADER_FIELD)
        raw = desk.ca.sign(LEADER, theirs.to_sign, theirs.mechanism)
        embed(other, theirs, desk.leader, raw)
        region = other.read_bytes()[theirs.region_start : theirs.region_end]
        content = path.read_bytes()
        path.write_bytes(content[: mine.region_start] + region + content[mine.region_end :])

    return attack


def stamp_of_a_stranger(workshop: Workshop, own: str) -> Attack:
    """Let an authority that nobody trusts stamp the time."""

    def attack(path: Path) -> None:
        stamp_by(workshop.desk("evil"), workshop.desk(own), path)

    return attack


def stamp_of_another(workshop: Workshop, own: str) -> Attack:
    """Take the time stamp of another signature."""

    def attack(path: Path) -> None:
        other = workshop.own(own, stage=1, pages=3)
        Archivist(workshop.desk(own)).stamp(other)
        with other.open("rb") as stream:
            (signature,) = PdfFileReader(stream).embedded_signatures
            (token,) = stamps_on(signature)
        stamp_signature(path, token)

    return attack


def _embed_unchecked(desk: Desk, path: Path, prepared: Any, raw: bytes) -> None:
    """Do what our own code refuses to do: put a raw signature in that does not fit."""
    filled = container(prepared.attributes, raw, desk.leader).hex().upper().encode()
    room = prepared.region_end - prepared.region_start - 2
    content = path.read_bytes()
    region = b"<" + filled.ljust(room, b"0") + b">"
    path.write_bytes(content[: prepared.region_start] + region + content[prepared.region_end :])
