"""What phones send about invitations."""

from uuid import UUID

from pydantic import BaseModel


class Delegate(BaseModel):
    """Ask a colleague to come in my place."""

    official_id: UUID
