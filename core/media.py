"""Settings of WebRTC in the rooms; `core.config` reads them."""

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, Field, SecretStr, model_validator

from core.bounds import Program


class Janus(BaseModel):
    """A Janus server with its VideoRoom plugin."""

    #: Its WebSocket API, which no phone ever needs to reach: `ws://127.0.0.1:8188`, or `wss://…`.
    url: str = ""
    #: The VideoRoom's `admin_key`; the passwords of the rooms are made from it.
    key: SecretStr = SecretStr("")
    #: The server's `api_secret`, if it has one.
    api_secret: SecretStr = SecretStr("")
    #: The only authority that its server is trusted by, PEM. Empty: the system's.
    ca: Path | None = None
    #: A folder that this server and Janus both reach under this name, for recordings; none: no
    #: recordings.
    recordings: Path | None = None
    #: Debian's `janus-pp-rec`, which makes files that players read of what Janus has recorded.
    unpack: Program = Program(
        command="janus-pp-rec", memory_bytes=1024**3, cpu_seconds=300, wall_seconds=600,
        largest_file=8 * 1024**3,  # a screen that is shared all day
    )  # fmt: skip


class Turn(BaseModel):
    """TURN relays (coturn with `use-auth-secret`), for phones that reach nothing else."""

    #: `turn:relay.example:3478?transport=udp`, `turns:relay.example:5349?transport=tcp`.
    urls: list[str] = []
    #: The relay's `static-auth-secret`. A relay knows several: the new one is set there first.
    secret: SecretStr = SecretStr("")
    #: How long a password holds.
    ttl_seconds: int = Field(default=600, ge=60, le=600)

    @model_validator(mode="after")
    def _must_be_whole(self) -> Self:
        if self.urls and not self.secret.get_secret_value():
            raise ValueError("turn needs a secret")
        return self


class Media(BaseModel):
    """WebRTC between the phones of a room."""

    #: `null`: two phones connect with each other. `aiortc`: voices, forwarded inside this process.
    #: `janus`: voices, pictures and screens, through a Janus server.
    engine: Literal["null", "aiortc", "janus"] = "null"
    janus: Janus = Janus()
    turn: Turn = Turn()
    #: STUN servers, handed to phones as they are; without them no outside server is ever asked.
    ice_servers: list[str] = []
    #: The address that our own media peers bind and offer.
    address: str = "127.0.0.1"

    @model_validator(mode="after")
    def _must_be_whole(self) -> Self:
        if self.engine == "janus" and not (self.janus.url and self.janus.key.get_secret_value()):
            raise ValueError("janus needs its url and its key")
        return self
