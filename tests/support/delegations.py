"""Letting somebody act for the leader."""

from typing import Any

from api.people import delegating
from api.people.acting import Form, Mandate, Scope
from api.people.models import Delegation
from core.db import Database
from core.ids import new_id
from tests.support.ministry import Ministry, Person


async def delegated(
    db: Database, ministry: Ministry, to: Person, scope: Scope = Scope.ALL, **changed: Any
) -> Delegation:
    """Let the leader give a power, as the deputy's unless told otherwise."""
    values: dict[str, Any] = {"form": Form.KT, "scope": scope}
    mandate = Mandate(ministry.leader.id, to.id, **(values | changed))
    async with db.begin() as tx:
        return await delegating.delegate(tx, ministry.leader.actor, new_id(), mandate)


async def taken_back(db: Database, ministry: Ministry, given: Delegation) -> None:
    async with db.begin() as tx:
        await delegating.revoke(tx, ministry.leader.actor, given.id)
