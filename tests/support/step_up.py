"""Saying yes from a device, as a request would bring it."""

from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec

from api.documents.models import Revision
from api.people.factors.rules import challenge, on_the_wire
from api.people.factors.step_up import Shown, StepUp
from api.signing.models import SignatureRequest
from api.signing.rules import subject_of
from api.wiring import Engines
from core.tokens import check_proof, make_proof
from tests.support.ministry import BASE_URL


async def step_up_for(engines: Engines, request_id: UUID) -> StepUp:
    """Prove a device for just this signature request."""
    async with engines.db.read() as view:
        request = await view.session.get_one(SignatureRequest, request_id)
        revision = await view.session.get_one(Revision, request.revision_id)
    now, nonce = engines.db.clock(), engines.door.nonce()
    asked = on_the_wire(challenge(subject_of(request_id, revision.sha256), nonce))
    url = f"{BASE_URL}/signature-requests/{request_id}/sign"
    key = ec.generate_private_key(ec.SECP256R1())
    text = make_proof(key, "POST", url, now=now, nonce=nonce, challenge=asked)
    return StepUp(engines.factors, check_proof(text, method="POST", url=url, now=now), Shown())
