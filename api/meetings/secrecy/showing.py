"""Secret votes as somebody of the meeting sees them."""

from uuid import UUID

from api.meetings.secrecy import queries
from api.meetings.secrecy.queries import Ceremony
from api.meetings.secrecy.rules import Step
from api.meetings.secrecy.schemas import CeremonyOut, SecretOut
from api.meetings.votes.models import Vote
from core.db import ReadTx


async def secret(view: ReadTx, vote: Vote) -> SecretOut:
    """Return how a secret vote is set up."""
    ceremony = await queries.ceremony(view, vote)
    box = ceremony.box
    head = queries.setup_of(box).head if box.credentials is not None else None
    return SecretOut(
        uuid=box.uuid,
        registrar_id=box.registrar_id,
        trustees=[one.official_id for one in ceremony.trustees],
        threshold=box.threshold,
        step=ceremony.step,
        head=head,
        handed_out=await queries.handed_out(view, vote.id),
        decrypted=[one.official_id for one in ceremony.trustees if one.factors is not None],
        rejected=box.rejected,
    )


def trusted(ceremony: Ceremony, official_id: UUID) -> CeremonyOut:
    """Return the key ceremony as one trustee sees it."""
    mine, box = ceremony.mine(official_id), ceremony.box
    return CeremonyOut(
        uuid=box.uuid,
        threshold=box.threshold,
        step=ceremony.step,
        number=mine.number,
        said=[step for step in Step if step in mine.said],
        certificates=ceremony.said(Step.CERTIFICATE),
        input=None if box.inputs is None else box.inputs[mine.number - 1],
        key=None if box.keys is None else box.keys[mine.number - 1],
    )
