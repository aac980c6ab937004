"""Passwords of a relay, decided on plain values: they end by themselves, and tell of nobody."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from uuid import UUID

from api.meetings.media.rules import Credentials, credentials

NOW, TTL = datetime(2026, 1, 5, 8, tzinfo=UTC), timedelta(minutes=10)
MEETING, PERSON, OTHER = (UUID(int=number) for number in range(1, 4))


def test_a_password_is_the_hmac_of_a_name_that_says_when_it_ends() -> None:
    told = credentials("secret", MEETING, PERSON, NOW, TTL)

    ends, _, name = told.username.partition(":")
    code = hmac.new(b"secret", told.username.encode(), hashlib.sha1).digest()
    assert datetime.fromtimestamp(int(ends), UTC) == NOW + TTL
    assert told == Credentials(f"{ends}:{name}", base64.b64encode(code).decode(), NOW + TTL)


def test_a_name_is_the_same_for_one_person_in_one_meeting_and_says_neither() -> None:
    def name(secret: str, meeting: UUID, person: UUID, now: datetime = NOW) -> str:
        return credentials(secret, meeting, person, now, TTL).username.partition(":")[2]

    mine = name("secret", MEETING, PERSON)
    about = f"{MEETING} {PERSON}".encode()

    assert mine == hmac.new(b"secret", about, hashlib.sha256).hexdigest()[:16]
    assert mine == name("secret", MEETING, PERSON, NOW + TTL)
    others = {
        name("secret", MEETING, OTHER),
        name("secret", OTHER, PERSON),
        name("x", MEETING, PERSON),
    }
    assert len(others | {mine}) == 4


def test_a_password_ends_at_a_full_second() -> None:
    told = credentials("secret", MEETING, PERSON, NOW + timedelta(microseconds=999_999), TTL)

    assert told.expires_at == NOW + TTL
