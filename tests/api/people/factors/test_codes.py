"""Codes that people type."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.people.factors.codes import (
    new_recovery_codes,
    new_secret,
    recovery_hash,
    step_of,
    uri,
)
from api.people.factors.errors import WrongFactor

NOW = datetime(2026, 1, 5, 8, 0, 10, tzinfo=UTC)
STEP = timedelta(seconds=30)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ME, SOMEBODY = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_a_code_of_the_steps_beside_this_one_still_counts(off: int) -> None:
    code = pyotp.TOTP(SECRET).at(NOW + off * STEP)

    assert step_of(SECRET, code, NOW) == int(NOW.timestamp()) // 30 + off


@pytest.mark.parametrize("off", [-2, 2])
def test_an_older_code_or_one_of_the_future_does_not(off: int) -> None:
    with pytest.raises(WrongFactor):
        step_of(SECRET, pyotp.TOTP(SECRET).at(NOW + off * STEP), NOW)


@given(st.text(max_size=12))
def test_no_other_text_is_a_code(text: str) -> None:
    right = {pyotp.TOTP(SECRET).at(NOW + off * STEP) for off in (-1, 0, 1)}
    try:
        step_of(SECRET, text, NOW)
    except WrongFactor:
        assert text not in right
    else:
        assert text in right


def test_the_secret_has_160_bits_and_an_address_for_apps() -> None:
    secret = new_secret()
    parsed = pyotp.parse_uri(uri(secret, "Trần Quốc Ánh"))

    assert len(secret) == 32
    assert (parsed.secret, parsed.issuer, parsed.name) == (secret, "Không Giấy", "Trần Quốc Ánh")


def test_recovery_codes_are_ten_and_all_different() -> None:
    codes = new_recovery_codes()

    assert len({recovery_hash(ME, code) for code in codes}) == 10
    assert all(len(code) == len("abcd-efgh-ijkl-mnop") for code in codes)


@given(st.sampled_from(["{}", " {} ", "{}\n"]))
def test_how_a_recovery_code_is_typed_does_not_matter(typed: str) -> None:
    code = "abcd-efgh-ijkl-mnop"

    assert recovery_hash(ME, typed.format(code)) == recovery_hash(ME, code)
    assert recovery_hash(ME, code.replace("-", "").upper()) == recovery_hash(ME, code)


def test_the_same_code_of_another_person_is_another_one() -> None:
    assert recovery_hash(ME, "abcd-efgh") != recovery_hash(SOMEBODY, "abcd-efgh")
