"""Second factors of a phone's owner, set up over HTTP as a phone does it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2 as httpx
import pyotp

from api.demo.authenticator import Authenticator
from api.demo.phone import Phone, Show
from tests.support.clock import Clock

DOMAIN, ORIGIN = "localhost", "http://localhost:8000"


def subject(official_id: UUID) -> bytes:
    """What somebody steps up for who changes their second factors."""
    return b"factors" + official_id.bytes


class App:
    """An authenticator app; each code it shows is a new one."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self._totp = pyotp.TOTP(secret)
        self._clock = clock

    def code(self) -> str:
        """Wait for the next code and read it."""
        self._clock.tick(timedelta(seconds=30))
        return self._totp.at(self._clock.now)

    def show(self, _: bytes) -> str:
        """Type the next code into the header `Step-Up`."""
        return f"totp {self.code()}"


async def add_app(
    phone: Phone, clock: Clock, me: UUID, *, show: Show | None = None
) -> tuple[App, list[str]]:
    """Set up an authenticator app; return it with the recovery codes."""
    begun = await phone.step_up("/second-factors/totp", subject(me), show=show)
    assert begun.status_code == httpx.codes.OK, begun.text
    app = App(begun.json()["secret"], clock)
    answer = await phone.post("/second-factors/totp/confirm", json={"code": app.code()})
    return app, answer.json()["recovery_codes"]


async def new_credential(phone: Phone) -> tuple[Authenticator, dict[str, Any]]:
    """Make a passkey on the phone that the server does not know yet."""
    authenticator = Authenticator(DOMAIN, ORIGIN)
    options = (await phone.get("/second-factors/passkeys/options")).json()
    return authenticator, authenticator.create(options)


async def add_passkey(
    phone: Phone, me: UUID, *, show: Show | None = None, name: str = "my phone"
) -> tuple[Authenticator, list[str]]:
    """Set up a passkey; return it with the recovery codes."""
    authenticator, credential = await new_credential(phone)
    body = {"credential": credential, "name": name}
    answer = await phone.step_up("/second-factors/passkeys", subject(me), show=show, json=body)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    return authenticator, answer.json()["recovery_codes"]
