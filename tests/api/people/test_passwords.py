"""A password is kept as a costly hash of its own, and nobody waits for it but its owner."""

import asyncio

from argon2 import Type, extract_parameters

from api.people.passwords import hash_password, is_right


async def test_only_the_right_password_fits() -> None:
    kept = hash_password("giấy trắng")

    assert await is_right("giấy trắng", kept)
    assert not await is_right("giay trang", kept)


async def test_nothing_fits_an_account_that_is_not_there() -> None:
    assert not await is_right("nobody has this password", None)


async def test_a_broken_hash_fits_nothing() -> None:
    assert not await is_right("giấy trắng", "no hash at all")


def test_the_hash_is_argon2id_and_salted() -> None:
    one, other = hash_password("same"), hash_password("same")

    assert one != other
    assert extract_parameters(one).type is Type.ID
    assert extract_parameters(one).memory_cost >= 19 * 1024


async def test_others_are_served_while_passwords_are_checked() -> None:
    kept = hash_password("giấy trắng")
    checks = asyncio.gather(*(is_right("wrong", kept) for _ in range(4)))
    turns = 0

    while not checks.done():
        await asyncio.sleep(0)
        turns += 1

    assert await checks == [False] * 4
    assert turns > 100
