"""A meeting as its people use it: requests by their phones, commands over their sockets."""

from typing import Any

from api.demo.cast import Cast
from api.demo.socket import Socket
from api.demo.stage import Broken

#: Who stands for whom, and who only listens to their item.
CHAIR, SECRETARY, GUEST = "leader", "secretary", "clerk"
MEMBERS = ("director", "specialist", "officer1", "officer2", "officer3", "officer4", "deputy")
DELEGATE = "officer5"


class Hall:
    """One meeting, and everybody's way to it."""

    def __init__(self, cast: Cast, meeting_id: str) -> None:
        self.meeting_id = meeting_id
        self.path, self.room = f"/meetings/{meeting_id}", f"room:{meeting_id}"
        self.cast = cast
        self.sockets: dict[str, Socket] = {}

    async def post(self, part: str, step: str, **said: Any) -> Any:
        """Do a step of the meeting over HTTP."""
        answer = await self.cast.phones[part].post(f"{self.path}/{step}", json=said)
        return answer.json() if answer.content else None

    async def put(self, part: str, step: str, **said: Any) -> Any:
        """Write something anew."""
        answer = await self.cast.phones[part].send("PUT", f"{self.path}/{step}", json=said)
        if not answer.is_success:
            raise Broken(answer.text)
        return answer.json()

    async def get(self, part: str, what: str) -> Any:
        """Read something of the meeting."""
        return (await self.cast.phones[part].get(f"{self.path}/{what}")).json()

    async def enter(self, part: str) -> dict[str, Any]:
        """Come into the room, and see how it stands."""
        socket = self.sockets[part] = await self.cast.socket(part)
        answer = await socket.hear(self.room)
        if answer["t"] != "ok":
            raise Broken(f"{part} enters the room: {answer}")
        return answer

    async def say(self, part: str, kind: str, **said: Any) -> Any:
        """Do something in the room."""
        answer = await self.sockets[part].command(self.room, kind, said)
        if answer["t"] != "ok":
            raise Broken(f"{kind} by {part}: {answer}")
        return answer.get("d")

    async def leave(self) -> None:
        """Let everybody go."""
        for socket in self.sockets.values():
            await socket.close()
        self.sockets.clear()
