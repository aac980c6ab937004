"""Whoever is in too much of a hurry waits, and nobody waits because of somebody else."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from uuid import uuid4

import httpx2 as httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from api.demo.phone import Phone
from api.guards.rates import Buckets, Rates, network_of
from core.actor import Actor
from core.config import Rates as Paces
from core.errors import TooFast
from core.pace import Pace
from tests.support.answers import kind
from tests.support.ministry import PASSWORD, Ministry, Person

As = Callable[[Person], Awaitable[Phone]]
SLOW = Pace(2, 0.1)


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


def limit(app: FastAPI, time: Time, **paces: Pace) -> None:
    """Set paces that a test can see; the others are out of sight."""
    plenty = dict.fromkeys(Paces.model_fields, Pace(10_000, 10_000)) | {"enabled": True}
    limited = Rates(Paces(**{**plenty, **paces}), time)  # type: ignore[arg-type]
    app.state.rates._buckets, app.state.rates._enabled = limited._buckets, True


async def statuses(ask: Callable[[], Awaitable[httpx.Response]], times: int) -> list[int]:
    return [(await ask()).status_code for _ in range(times)]


async def test_a_device_that_rushes_is_told_how_long_to_wait(
    app: FastAPI, time: Time, ministry: Ministry, as_: As
) -> None:
    phone = await as_(ministry.officer)
    limit(app, time, device=SLOW)

    answers = [await phone.send("GET", "/me") for _ in range(3)]
    refusal = answers[-1]
    time.now += int(refusal.headers["Retry-After"])
    again = await phone.send("GET", "/me")

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert kind(refusal) == "too_fast"
    assert refusal.headers["content-type"] == "application/problem+json"
    assert refusal.json()["facts"] == {"retry_after_seconds": 10}
    assert again.status_code == HTTPStatus.OK


async def test_hot_reads_count_like_all_others(
    app: FastAPI, time: Time, ministry: Ministry, as_: As
) -> None:
    phone = await as_(ministry.officer)
    limit(app, time, device=SLOW)

    assert await statuses(lambda: phone.send("GET", "/tasks"), 3) == [200, 200, 429]


async def test_one_device_does_not_use_up_what_belongs_to_another(
    app: FastAPI, time: Time, ministry: Ministry, as_: As
) -> None:
    hasty, calm = await as_(ministry.officer), await as_(ministry.colleague)
    limit(app, time, device=SLOW)
    await statuses(lambda: hasty.send("GET", "/me"), 3)

    assert (await calm.send("GET", "/me")).status_code == HTTPStatus.OK


async def test_whoever_has_no_right_key_uses_up_nothing_of_a_device(
    app: FastAPI, time: Time, ministry: Ministry, as_: As
) -> None:
    phone, thief = await as_(ministry.officer), await as_(ministry.colleague)
    limit(app, time, device=SLOW)
    thief.access_token = phone.access_token

    assert await statuses(lambda: thief.send("GET", "/me"), 5) == [401] * 5
    assert (await phone.send("GET", "/me")).status_code == HTTPStatus.OK


async def test_an_officials_devices_share_a_pace(
    app: FastAPI, time: Time, ministry: Ministry, as_: As
) -> None:
    first, second = await as_(ministry.officer), await as_(ministry.officer)
    limit(app, time, official=SLOW)

    assert await statuses(lambda: first.send("GET", "/me"), 1) == [200]
    assert await statuses(lambda: second.send("GET", "/me"), 2) == [200, 429]


async def test_tickets_have_a_pace_of_their_own(
    app: FastAPI, time: Time, ministry: Ministry, as_: As
) -> None:
    phone = await as_(ministry.officer)
    limit(app, time, ticket=SLOW)

    assert await statuses(lambda: phone.send("POST", "/realtime/tickets"), 3) == [200, 200, 429]
    assert (await phone.send("GET", "/me")).status_code == HTTPStatus.OK


@pytest.mark.parametrize(
    ("pace", "path"),
    [
        ("login", "/sessions"),
        ("login", "/sessions/console"),
        ("login", "/sessions/single-sign-on"),
        ("refresh", "/sessions/refresh"),
        ("verify", "/verify"),
        ("verify", "/signatures/verifications"),
    ],
)
async def test_what_guesses_or_costs_much_has_a_pace_by_address(
    app: FastAPI, http: httpx.AsyncClient, time: Time, pace: str, path: str
) -> None:
    limit(app, time, **{pace: SLOW})

    asked = await statuses(lambda: http.post(path, json={}), 3)

    assert asked[-1] == HTTPStatus.TOO_MANY_REQUESTS
    assert HTTPStatus.TOO_MANY_REQUESTS not in asked[:2]
    assert (await http.get("/trust")).status_code == HTTPStatus.OK


async def test_an_address_is_counted_before_anything_is_looked_at(
    app: FastAPI, http: httpx.AsyncClient, time: Time
) -> None:
    limit(app, time, address=SLOW)

    assert await statuses(lambda: http.get("/no/such/path"), 3) == [404, 404, 429]


async def test_whoever_watches_over_the_server_asks_as_often_as_they_like(
    app: FastAPI, http: httpx.AsyncClient, time: Time
) -> None:
    limit(app, time, address=SLOW)

    assert await statuses(lambda: http.get("/health/live"), 10) == [200] * 10


async def test_an_account_that_is_shut_says_when_it_opens(
    http: httpx.AsyncClient, ministry: Ministry
) -> None:
    body = {"account": ministry.officer.account, "password": "sai"}
    for _ in range(5):
        await http.post("/sessions/console", json=body)

    refusal = await http.post("/sessions/console", json=body | {"password": PASSWORD})

    assert kind(refusal) == "identity.locked_out"
    assert refusal.headers["Retry-After"] == str(refusal.json()["facts"]["retry_after_seconds"])


def test_an_operator_may_switch_it_off(time: Time) -> None:
    rates = Rates(Paces(enabled=False, address=SLOW, device=SLOW), time)

    for _ in range(10):
        rates.must_not_rush_in("GET", "/me", "10.0.0.1")
        rates.must_not_rush("GET", "/me", Actor(uuid4(), uuid4(), device_id=uuid4()))


def test_a_console_session_has_no_device_but_an_official(time: Time) -> None:
    rates, console = Rates(Paces(official=SLOW), time), Actor(uuid4(), uuid4())
    for _ in range(2):
        rates.must_not_rush("GET", "/me", console)

    with pytest.raises(TooFast):
        rates.must_not_rush("GET", "/me", console)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.2", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("", "10.0.0.1", False),
        (":no address", "::1", False),
    ],
)
def test_an_ipv6_network_is_one_caller(one: str, other: str, same: bool) -> None:  # noqa: FBT001
    assert (network_of(one) == network_of(other)) is same


@given(st.lists(st.integers(0, 400), max_size=800))
def test_the_memory_of_callers_is_bounded(keys: list[int]) -> None:
    time = Time()
    buckets = Buckets(SLOW, time, most=50)

    for key in keys:
        buckets.take(key)
        time.now += 0.01

    assert len(buckets._full_at) <= 50


def test_a_crowd_of_new_callers_frees_nobody_who_has_to_wait() -> None:
    time = Time()
    buckets = Buckets(SLOW, time, most=50)
    for _ in range(3):
        buckets.take("hasty")

    for key in range(200):
        buckets.take(key)

    assert buckets.take("hasty") > 0
