"""What an official has set up."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, func, select

from api.people.factors.models import Passkey, RecoveryCode, Totp
from api.people.factors.rules import Owned
from core.db import ReadTx


async def owned(view: ReadTx, official_id: UUID) -> Owned:
    """Say which second factors count for an official."""
    app = await totp(view, official_id)
    return Owned(
        passkey=await count_passkeys(view, official_id) > 0,
        totp=app is not None and app.confirmed_at is not None,
    )


async def totp(view: ReadTx, official_id: UUID) -> Totp | None:
    """Return an official's authenticator app, confirmed or not."""
    return await view.session.get(Totp, official_id)


async def passkeys(view: ReadTx, official_id: UUID) -> Sequence[Passkey]:
    """List an official's passkeys, oldest first."""
    mine = select(Passkey).where(Passkey.official_id == official_id).order_by(col(Passkey.id))
    return (await view.session.exec(mine)).all()


async def passkey(view: ReadTx, credential_id: bytes) -> Passkey | None:
    """Return the passkey with a credential id, whosever it is."""
    found = select(Passkey).where(Passkey.credential_id == credential_id)
    return (await view.session.exec(found)).first()


async def count_passkeys(view: ReadTx, official_id: UUID) -> int:
    """Count an official's passkeys."""
    mine = select(func.count()).select_from(Passkey).where(Passkey.official_id == official_id)
    return (await view.session.exec(mine)).one()


async def unused_codes(view: ReadTx, official_id: UUID) -> int:
    """Count an official's recovery codes that still work."""
    mine = select(func.count()).where(
        col(RecoveryCode.official_id) == official_id, col(RecoveryCode.used_at).is_(None)
    )
    return (await view.session.exec(mine)).one()
