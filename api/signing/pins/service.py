"""Pinning certificates: each function is one transaction's worth of work."""

from datetime import datetime
from hashlib import sha256
from uuid import UUID

from api.people.factors.rules import Deed
from api.people.factors.step_up import StepUp, must_step_up
from api.people.models import Official
from api.people.service import must_have_device
from api.signing.pins.events import CertificateConfirmed
from api.signing.pins.models import PinnedCertificate
from api.signing.pins.rules import Keeper, must_be_the_same, subject_of
from core.actor import Actor
from core.db import ReadTx, Tx


async def pinned(view: ReadTx, official_id: UUID, keeper: Keeper) -> PinnedCertificate | None:
    """Return the certificate that an official signs with, once there is one."""
    return await view.session.get(PinnedCertificate, (official_id, keeper))


async def hold(tx: Tx, signer: Actor, keeper: Keeper, phone_number: str, der: bytes) -> None:
    """Pin the first certificate of an official, and refuse another one from then on.

    Raises:
        CertificateChanged: it is another one.
    """
    found = sha256(der).hexdigest()
    known = await pinned(tx, signer.id, keeper)
    if known is None:  # papers of one list are prepared at once: one of them pins
        await tx.session.get(Official, signer.id, with_for_update=True)
        known = await pinned(tx, signer.id, keeper)
    must_be_the_same(known.sha256 if known else None, found)
    if known is None:
        tx.session.add(_pin(signer, keeper, phone_number, found, tx.now))


def _pin(
    signer: Actor, keeper: Keeper, phone_number: str, found: str, now: datetime
) -> PinnedCertificate:
    return PinnedCertificate(
        official_id=signer.id,
        keeper=keeper,
        agency_id=signer.agency_id,
        phone_number=phone_number,
        sha256=found,
        since=now,
        confirmed_from=signer.device_id,
    )


async def confirm(
    tx: Tx, actor: Actor, keeper: Keeper, phone_number: str, found: str, *, step_up: StepUp
) -> PinnedCertificate:
    """Let an official say from their own device that they sign with another certificate now."""
    must_have_device(actor)
    await must_step_up(tx, actor, step_up, Deed.SIGN, subject_of(found))
    await tx.session.get(Official, actor.id, with_for_update=True)  # of two at once one is first
    known = await pinned(tx, actor.id, keeper)
    if known is not None and known.sha256 == found:
        return known
    made = await tx.session.merge(_pin(actor, keeper, phone_number, found, tx.now))
    tx.audit(actor, "signing.confirm_certificate", actor.id, sha256=found, keeper=keeper)
    tx.emit(CertificateConfirmed(official_id=actor.id, sha256=found))
    await tx.session.flush()
    return made
