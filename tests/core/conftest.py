"""A device to speak from."""

import pytest

from core import sessions
from core.db import Database
from core.devices import DeviceMove
from core.ids import new_id
from core.sessions import Device, Principal


@pytest.fixture
async def device(db: Database) -> Device:
    """A clerk's approved phone with a session."""
    async with db.begin() as tx:
        official, agency = new_id(), new_id()
        tx.session.add(Principal(official_id=official, agency_id=agency, roles=["clerk"]))
        device = Device(
            agency_id=agency,
            official_id=official,
            name="phone",
            thumbprint="print",
            public_jwk={},
            registered_at=tx.now,
            changed_at=tx.now,
        )
        sessions.move_device(tx, device, DeviceMove.APPROVE)
        sessions.begin_session(tx, device)
    return device
