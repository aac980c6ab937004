"""What phones get about the ways to a meeting's media."""

from datetime import datetime

from pydantic import BaseModel, Field


class IceServer(BaseModel):
    """A STUN or TURN server, in the shape that WebRTC takes (`RTCIceServer`)."""

    urls: list[str]
    username: str | None = None
    credential: str | None = None


class IceServersOut(BaseModel):
    """The servers that a phone may ask; none: no outside server is asked."""

    ice_servers: list[IceServer]
    expires_at: datetime | None = Field(description="ask again before; none: nothing ends")
