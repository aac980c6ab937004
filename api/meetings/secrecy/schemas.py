"""What phones send and get about secret votes."""

from typing import Annotated
from uuid import UUID

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from api.meetings.secrecy import rules
from api.meetings.secrecy.ballots import LONGEST, Element
from api.meetings.secrecy.rules import MOST_TRUSTEES, Step

_STRICT = ConfigDict(extra="forbid")
MOST_CREDENTIALS = 1500


def _one_line_of_json(text: str) -> str:
    """Refuse what the tool would not read as one value on one line."""
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        raise ValueError("no JSON") from None
    return text


#: A text of belenios-tool, exactly as it wrote it, without the line break at its end.
Said = Annotated[
    str,
    StringConstraints(min_length=2, max_length=100_000, pattern=r"^[^\x00\r\n]*$"),
    AfterValidator(_one_line_of_json),
]


class SecrecyIn(BaseModel):
    """Who keeps a vote secret and who keeps it honest."""

    model_config = _STRICT

    trustees: Annotated[list[UUID], Field(min_length=2, max_length=MOST_TRUSTEES)] = Field(
        description="hold the parts of the key"
    )
    threshold: Annotated[int, Field(ge=2, le=MOST_TRUSTEES)] = Field(
        description="so many of them open the sum"
    )
    registrar_id: UUID = Field(description="makes the credentials; none of the trustees")

    def plan(self) -> rules.Secrecy:
        """Return it as the services take it."""
        return rules.Secrecy(tuple(self.trustees), self.threshold, self.registrar_id)


class SecretOut(BaseModel):
    """How a secret vote is set up; nothing of who voted what, and nobody could tell it."""

    uuid: str = Field(description="its name in Belenios, and the way to its ballot box")
    registrar_id: UUID
    trustees: list[UUID]
    threshold: int
    step: Step | None = Field(description="where the key ceremony stands; null: done")
    head: str | None = Field(
        description="hash of the archive's first event: holds question, keys and credentials"
    )
    handed_out: int = Field(description="how many mandates were given a credential")
    decrypted: list[UUID] = Field(description="trustees who have opened their part")
    rejected: list[str] | None = Field(description="trackers of ballots whose proofs do not hold")


class Say(BaseModel):
    """A step of the key ceremony."""

    model_config = _STRICT

    said: Said


class CeremonyOut(BaseModel):
    """What a trustee needs for their next step: texts for belenios-tool."""

    uuid: str
    threshold: int
    step: Step | None
    number: int = Field(description="the trustee's number, from 1")
    said: list[Step] = Field(description="the steps that I have taken")
    certificates: list[str] = Field(description="of all trustees, once all are there")
    input: str | None = Field(description="what the others have sealed for me")
    key: str | None = Field(description="my part of the key; only my own key opens it")


class Enrol(BaseModel):
    """The public part of each credential, in no order that tells anything."""

    model_config = _STRICT

    credentials: Annotated[list[Element], Field(min_length=1, max_length=MOST_CREDENTIALS)]


class Decrypt(BaseModel):
    """What a trustee decrypted of the sum: the first line that belenios-tool prints."""

    model_config = _STRICT

    factors: Said


class CastSealed(BaseModel):
    """Cast an encrypted ballot."""

    model_config = _STRICT

    ballot: Annotated[str, StringConstraints(min_length=2, max_length=LONGEST)]


class SealedReceipt(BaseModel):
    """What a voter finds their ballot in the published archive by."""

    tracker: str
