"""My own simulated phone over HTTP: what it shows, and what my thumb would do."""

import asyncio
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from api.deps import ActorDep, Once, ReadTxDep
from api.people import queries as people
from api.problems import problems
from api.signing.mssp.errors import NoSimulatedPhone, WrongPin
from api.signing.mssp.phone import Phones
from api.signing.mssp.simulated_prompts import Prompt
from core.errors import Malformed, NotFound
from core.sessions import DeviceRevoked
from core.tokens import BadProof, BadToken

router = APIRouter(tags=["simulated"], route_class=Once)
_ASKED = (BadToken, BadProof, DeviceRevoked, Malformed, NoSimulatedPhone)


class PromptOut(BaseModel):
    """What the screen of a simulated phone shows."""

    id: UUID
    text: str = Field(description="what the SIM shows")
    started_at: str

    @classmethod
    def of(cls, prompt: Prompt) -> Self:
        """Show a prompt."""
        started_at = prompt.started_at.isoformat()
        return cls(id=prompt.id, text=prompt.asked.text, started_at=started_at)


class Pin(BaseModel):
    """The PIN of the SIM."""

    pin: str = Field(max_length=12, description="123456 on every simulated SIM")


class Phone(BaseModel):
    """A simulated phone with nothing more to say."""

    shows: int = Field(description="how many prompts wait on it")


async def _phones(request: Request) -> Phones:
    phones: Phones | None = request.app.state.engines.phones
    if phones is None:
        raise NoSimulatedPhone
    return phones


async def _number(actor: ActorDep, view: ReadTxDep) -> str:
    number = (await people.official(view, actor, actor.id)).phone_number
    if not number:
        raise NoSimulatedPhone
    return number


PhonesDep = Annotated[Phones, Depends(_phones)]
NumberDep = Annotated[str, Depends(_number)]


@router.get("/simulated/phone/prompts", responses=problems(*_ASKED))
async def read_simulated_prompts(phones: PhonesDep, number: NumberDep) -> list[PromptOut]:
    """See what my simulated phone shows; not there with a real operator."""
    shown = await asyncio.to_thread(phones.shown_on, number)
    return [PromptOut.of(each) for each in shown]


@router.post(
    "/simulated/phone/prompts/{prompt_id}/pin", responses=problems(NotFound, WrongPin, *_ASKED)
)
async def type_simulated_pin(
    prompt_id: UUID, body: Pin, phones: PhonesDep, number: NumberDep
) -> Phone:
    """Type the PIN on my simulated phone; the third wrong one blocks it."""
    await asyncio.to_thread(phones.type_pin, number, prompt_id, body.pin)
    return await _now(phones, number)


@router.post("/simulated/phone/prompts/{prompt_id}/cancel", responses=problems(NotFound, *_ASKED))
async def cancel_simulated_prompt(prompt_id: UUID, phones: PhonesDep, number: NumberDep) -> Phone:
    """Say no on my simulated phone."""
    await asyncio.to_thread(phones.cancel, number, prompt_id)
    return await _now(phones, number)


@router.post("/simulated/phone/pin/unblock", responses=problems(*_ASKED))
async def unblock_simulated_pin(phones: PhonesDep, number: NumberDep) -> Phone:
    """Have the simulated operator unblock the PIN of my SIM."""
    await asyncio.to_thread(phones.unblock, number)
    return await _now(phones, number)


async def _now(phones: Phones, number: str) -> Phone:
    return Phone(shows=len(await asyncio.to_thread(phones.shown_on, number)))
