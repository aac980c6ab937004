"""The header `Step-Up`: what somebody shows beside the proof of their device.

`Step-Up: totp 123456`, `Step-Up: recovery-code abcd-…`, `Step-Up: passkey <base64url(JSON)>`.
It is a header, so that a repeated request keeps its body and its Idempotency-Key.
"""

import base64
from typing import Annotated

from fastapi import Depends, Header, Request
from pydantic import ValidationError

from api.deps import ActorDep, DatabaseDep, ProofDep, fresh
from api.people import tries
from api.people.errors import DeviceNeeded
from api.people.factors.rules import Factor
from api.people.factors.schemas import Assertion
from api.people.factors.step_up import CODES, Shown, StepUp, Tools, count
from core.errors import Malformed
from core.tokens import Proof

HEADER = "Step-Up"
LONGEST = 8 * 1024
_DESCRIPTION = (
    "`totp 123456`, `recovery-code abcd-…` or `passkey <base64url of the assertion's JSON>`;"
    " the 401 `identity.insufficient_user_authentication` says which, and the challenge."
)
HeaderDep = Annotated[
    str | None, Header(alias=HEADER, description=_DESCRIPTION, max_length=LONGEST)
]


async def _tools(request: Request) -> Tools:
    tools: Tools = request.app.state.engines.factors
    return tools


def read(header: str | None) -> Shown:
    """Return what the header shows."""
    if header is None:
        return Shown()
    kind, _, value = header.partition(" ")
    try:
        factor = Factor(kind.lower())
        if factor in CODES:
            return Shown(factor, code=value.strip())
        if factor is Factor.PASSKEY:
            said = Assertion.model_validate_json(base64.urlsafe_b64decode(value + "=="))
            return Shown(factor, assertion=said.model_dump(exclude_none=True))
    except (ValidationError, ValueError) as error:
        raise Malformed(where=f"header.{HEADER}", why=type(error).__name__) from error
    return Shown()


async def _shown(header: HeaderDep = None) -> Shown:
    return read(header)


ToolsDep = Annotated[Tools, Depends(_tools)]
ShownDep = Annotated[Shown, Depends(_shown)]


async def _step_up(
    actor: ActorDep,
    proof: Annotated[Proof | None, Depends(fresh)],
    shown: ShownDep,
    tools: ToolsDep,
    db: DatabaseDep,
) -> StepUp:
    if proof is None:
        raise DeviceNeeded
    step_up = StepUp(tools, proof, shown)
    await count(db, actor, step_up)
    return step_up


async def _log_in_step_up(proof: ProofDep, shown: ShownDep, tools: ToolsDep) -> StepUp:
    return StepUp(tools, proof, shown)


async def _count_code(actor: ActorDep, db: DatabaseDep) -> None:
    async with db.begin() as tx:
        await tries.count_codes(tx, actor)


StepUpDep = Annotated[StepUp, Depends(_step_up)]
#: Before there is an actor; the flow counts the code.
LogInStepUpDep = Annotated[StepUp, Depends(_log_in_step_up)]
#: For routes whose body holds a code.
CountedDep = Depends(_count_code)
