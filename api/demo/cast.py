"""Who plays in the story: officials with phones, and the administrator at a console."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx

from api.demo.authenticator import Authenticator
from api.demo.greeting import PASSWORD
from api.demo.phone import Phone
from api.demo.socket import Socket
from api.demo.stage import Broken, Stage
from core.console import sentence

_ACCOUNTS = {
    "leader": "bo.truong",
    "clerk": "van.thu",
    "secretary": "thu.ky",
    "director": "vu.truong",
    "specialist": "chuyen.vien",
}
#: Who comes to the meeting besides.
_OTHERS = {"deputy": "thu.truong"} | {f"officer{n}": f"chuyen.vien{n}" for n in range(1, 6)}
OK, FORBIDDEN = 200, 403


class Cast:
    """The phones of the story."""

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self.url = url
        self.client = client
        self.ids: dict[str, str] = {}
        self._administrator: dict[str, str] = {}
        #: The phones by their parts.
        self.phones = {part: Phone(client, url) for part in (*_ACCOUNTS, *_OTHERS)}
        self.leader, self.clerk, self.secretary, self.director, self.specialist = (
            self.phones[part] for part in _ACCOUNTS
        )

    async def log_in(self, stage: Stage) -> None:
        """Log everybody in; the administrator approves each new device."""
        await self._find_the_ministry()
        accounts = _ACCOUNTS | _OTHERS
        for part, phone in self.phones.items():
            first = await phone.log_in(accounts[part], PASSWORD, name="điện thoại demo")
            stage.expect(first.status_code == FORBIDDEN, f"{part}'s new device must wait")
            await self._approve(first.json()["facts"]["device_id"])
            again = await phone.log_in(accounts[part], PASSWORD)
            stage.expect(again.status_code == OK, f"{part} logs in")
            self.ids[part] = (await phone.get("/me")).json()["id"]
            address = {"kind": "recorded", "value": f"phone-{phone.device_id}"}
            await phone.post("/devices/addresses", json=address)
        stage.tell(
            f"{len(accounts)} thiết bị mới phải chờ quản trị viên duyệt, rồi mới đăng nhập được",
            f"{len(accounts)} new devices waited for the administrator; tokens are bound to keys",
        )

    async def refresh(self) -> None:
        """Get everybody new tokens; they live five minutes."""
        for phone in self.phones.values():
            await phone.refresh()

    async def leave(self) -> None:
        """Give the story's devices back: nobody may have many."""
        for phone in self.phones.values():
            if phone.access_token:
                await phone.refresh()
                await phone.send("POST", f"/devices/{phone.device_id}/revoke")

    async def socket(self, part: str, places: dict[str, list[Any]] | None = None) -> Socket:
        """Open a part's socket."""
        return await Socket.open(self.phones[part], self.url, places)

    async def _find_the_ministry(self) -> None:
        """Let the administrator in, or say what is wrong with the server that was named."""
        body = {"account": "quan.tri", "password": PASSWORD}
        try:
            said = await self.client.post(f"{self.url}/sessions/console", json=body)
        except (httpx.TransportError, httpx.InvalidURL, UnicodeError):
            raise Broken(sentence("console.nobody_answers", url=self.url)) from None
        if said.status_code != OK:
            raise Broken(sentence("console.no_demo_ministry", url=self.url))
        self._administrator = {"Authorization": f"Bearer {said.json()['access_token']}"}

    async def _approve(self, device_id: str) -> None:
        path = f"{self.url}/devices/{device_id}/approve"
        answer = await self.client.post(path, headers=self._administrator)
        answer.raise_for_status()


@asynccontextmanager
async def passkey_of(cast: Cast, part: str) -> AsyncGenerator[Authenticator]:
    """Give a part a passkey, and take it away again: the story leaves no second factor behind."""
    phone, subject = cast.phones[part], b"factors" + UUID(cast.ids[part]).bytes
    options = (await phone.get("/second-factors/passkeys/options")).json()
    origin = cast.url.replace("//127.0.0.1", "//localhost")
    passkey = Authenticator(options["rp"]["id"], origin)
    body = {"credential": passkey.create(options), "name": "khóa truy cập demo"}
    (await phone.step_up("/second-factors/passkeys", subject, json=body)).raise_for_status()
    try:
        yield passkey
    finally:
        for kept in (await phone.get("/second-factors")).json()["passkeys"]:
            path = f"/second-factors/passkeys/{kept['id']}/remove"
            await phone.step_up(path, subject, show=passkey.show)


@asynccontextmanager
async def assemble(url: str) -> AsyncGenerator[Cast]:
    """Give the cast a client."""
    async with httpx.AsyncClient(timeout=300, trust_env=False) as client:
        cast = Cast(client, url)
        try:
            yield cast
        finally:
            await cast.leave()
