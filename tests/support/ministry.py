"""A small ministry for tests, entered through the product's own use-cases."""

from dataclasses import dataclass
from uuid import UUID

from argon2 import PasswordHasher

from api.demo.phone import Client, Phone
from api.people import service
from api.people.models import Official, Unit
from api.wiring import Engines
from core import sessions
from core.actor import Actor, Role
from core.clock import Clock
from core.db import Database, Tx
from core.tokens import Proof, public_jwk

PASSWORD = "giấy trắng mực đen"
#: Cheap on purpose: what a real one costs is argon2's own matter.
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
BASE_URL = "http://testserver"


@dataclass(frozen=True)
class Person:
    """An official who can log in."""

    id: UUID
    agency_id: UUID
    account: str
    roles: frozenset[Role]
    full_name: str

    @property
    def actor(self) -> Actor:
        return Actor(self.id, self.agency_id, self.roles)


@dataclass(frozen=True)
class Ministry:
    """Our agency's people, and a stranger of another agency."""

    leader: Person
    clerk: Person
    secretary: Person
    officer: Person
    colleague: Person
    administrator: Person
    stranger: Person


async def found(db: Database) -> Ministry:
    async with db.begin() as tx:
        ours = service.found_agency(
            tx,
            name="Bộ Tài nguyên và Môi trường",
            organ_id="G13",
            abbreviation="BTNMT",
            seat="Hà Nội",
        )
        theirs = service.found_agency(
            tx, name="Sở Xây dựng", organ_id="H41.1", abbreviation="SXD", seat="Vinh"
        )
        office = service.add_unit(tx, ours, "Văn phòng Bộ")
        other = service.add_unit(tx, theirs, "Văn phòng Sở")
        return Ministry(
            leader=_engage(tx, office, "leader", "Trần Quốc Ánh", Role.LEADER),
            clerk=_engage(tx, office, "clerk", "Lê Thị Đào", Role.CLERK),
            secretary=_engage(tx, office, "secretary", "Phạm Thu Hà", Role.SECRETARY),
            officer=_engage(tx, office, "officer", "Nguyễn Văn Bưởi", Role.OFFICER),
            colleague=_engage(tx, office, "colleague", "Võ Thị Sen", Role.OFFICER),
            administrator=_engage(tx, office, "admin", "Đỗ Minh Quân", Role.ADMINISTRATOR),
            stranger=_engage(tx, other, "stranger", "Bùi Văn Lạ", Role.CLERK, Role.LEADER),
        )


def _engage(tx: Tx, unit: Unit, account: str, full_name: str, *roles: Role) -> Person:
    official: Official = service.engage(
        tx, unit, full_name=full_name, position="Chuyên viên", phone_number="84900000001"
    )
    service.open_account(tx, official, account=account, password_hash=HASH, roles=roles)
    return Person(official.id, official.agency_id, account, frozenset(roles), full_name)


async def phone_of(
    engines: Engines, client: Client, clock: Clock, person: Person, base_url: str = BASE_URL
) -> Phone:
    """Give a person a phone that is approved and logged in; what HTTP adds has its own tests."""
    phone = Phone(client, base_url, clock=clock)
    proof = Proof(phone.thumbprint, public_jwk(phone.key.public_key()), "prepared")
    approver = Actor(UUID(int=0), person.agency_id, frozenset({Role.ADMINISTRATOR}))
    async with engines.db.begin() as tx:
        device = await service.enter_device(tx, person.actor, name="phone", proof=proof)
        await service.approve_device(tx, approver, device.id)
        refresh_token = sessions.begin_session(tx, device)
    phone._keep(engines.door.tokens(device, refresh_token).model_dump(mode="json"))
    return phone
