"""What a provider's tokens must say, decided on plain values."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.people.sso.errors import BadLogoutToken, ProviderRefused
from api.people.sso.rules import (
    FRESH,
    LOGOUT_EVENT,
    LONGEST,
    SIGN_IN_LIFETIME,
    SKEW,
    Identity,
    Logout,
    identity_of,
    logout_of,
)
from core.errors import AppError
from tests.support.oidc.claims import AT, CLAIMS, CLIENT, ISSUER, LOGOUT, NONCE, NOW


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"iss": ISSUER + "/"},
        {"iss": None},
        {"aud": "somebody-else"},
        {"aud": [CLIENT, "somebody-else"]},
        {"aud": []},
        {"aud": None},
        {"azp": "somebody-else"},
        {"nonce": "another sign-in"},
        {"nonce": None},
        {"nonce": 7},
        {"nonce": "\ud800"},
        {"exp": AT - 61},
        {"exp": "never"},
        {"exp": True},
        {"exp": 10**400},
        {"exp": float("nan")},
        {"exp": None},
        {"iat": AT + 120},
        {"iat": AT - 3600},
        {"iat": None},
        {"sub": ""},
        {"sub": None},
        {"sub": 7},
        {"sub": "x" * 256},
        {"sub": "anh.tq\u200b"},
        {"sub": "аnh.tq"},  # a Cyrillic letter
        {"sub": "anh.tq\n"},
        {"sid": 7},
    ],
)
def test_an_id_token_that_says_something_wrong_vouches_for_nobody(changes: dict[str, Any]) -> None:
    said = {name: value for name, value in (CLAIMS | changes).items() if value is not None}

    with pytest.raises(ProviderRefused):
        identity_of(said, issuer=ISSUER, client_id=CLIENT, nonce=NONCE, now=NOW)


def test_a_right_id_token_vouches_for_its_subject() -> None:
    said = CLAIMS | {"aud": [CLIENT], "azp": CLIENT, "exp": AT - 59}

    found = identity_of(said, issuer=ISSUER, client_id=CLIENT, nonce=NONCE, now=NOW)

    assert (found.issuer, found.subject, found.session) == (ISSUER, "anh.tq", "session-1")


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "of an ID token"},
        {"events": None},
        {"events": {}},
        {"events": [LOGOUT_EVENT]},
        {"events": {LOGOUT_EVENT: True}},
        {"jti": None},
        {"jti": 7},
        {"sub": None, "sid": None},
        {"exp": AT - 61},
        {"exp": None},
        {"iat": None},
        {"iat": AT + 120},
        {"aud": "somebody-else"},
        {"iss": "https://evil.example"},
    ],
)
def test_a_logout_token_that_says_something_wrong_ends_nothing(changes: dict[str, Any]) -> None:
    said = {name: value for name, value in (LOGOUT | changes).items() if value is not None}

    with pytest.raises(BadLogoutToken):
        logout_of(said, issuer=ISSUER, client_id=CLIENT, now=NOW)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(name=st.sampled_from(sorted({*CLAIMS, *LOGOUT, "azp"})), value=json_values)
def test_any_value_in_any_claim_is_judged_and_never_an_error(name: str, value: Any) -> None:
    for judge in (
        lambda: identity_of(
            CLAIMS | {name: value}, issuer=ISSUER, client_id=CLIENT, nonce=NONCE, now=NOW
        ),
        lambda: logout_of(LOGOUT | {name: value}, issuer=ISSUER, client_id=CLIENT, now=NOW),
    ):
        try:
            judge()
        except AppError as refusal:
            assert isinstance(refusal, ProviderRefused | BadLogoutToken)  # noqa: PT017


SECOND = timedelta(seconds=1)


def identified(**changed: Any) -> Identity:
    said = {name: value for name, value in (CLAIMS | changed).items() if value is not None}
    return identity_of(said, issuer=ISSUER, client_id=CLIENT, nonce=NONCE, now=NOW)


def logged_out(**changed: Any) -> Logout:
    said = {name: value for name, value in (LOGOUT | changed).items() if value is not None}
    return logout_of(said, issuer=ISSUER, client_id=CLIENT, now=NOW)


def seconds(moment: datetime) -> float:
    return moment.timestamp()


def test_the_figures_of_tokens() -> None:
    assert (SKEW, FRESH, LONGEST) == (60 * SECOND, 300 * SECOND, 255)
    assert SIGN_IN_LIFETIME == 600 * SECOND


def test_an_identity_is_who_by_whom_and_in_which_session() -> None:
    assert identified() == Identity(ISSUER, "anh.tq", "session-1")
    assert identified(sid=None) == Identity(ISSUER, "anh.tq", None)
    assert identified(sub="x" * 255, azp=CLIENT).subject == "x" * 255
    assert identified(sub="x").subject == "x"


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "nonce", "iat", "exp"])
def test_an_id_token_says_everything_that_it_must(name: str) -> None:
    with pytest.raises(ProviderRefused):
        identified(**{name: None})


@pytest.mark.parametrize("name", ["iss", "aud", "jti", "events", "iat", "exp"])
def test_a_logout_token_says_everything_that_it_must(name: str) -> None:
    with pytest.raises(BadLogoutToken):
        logged_out(**{name: None})


@pytest.mark.parametrize("judge", [identified, logged_out])
def test_clocks_may_differ_by_a_minute(judge: Any) -> None:
    judge(exp=seconds(NOW - SKEW + SECOND), iat=seconds(NOW))
    judge(exp=seconds(NOW + 300 * SECOND), iat=seconds(NOW + SKEW))
    for changed in ({"exp": seconds(NOW - SKEW)}, {"iat": seconds(NOW + SKEW + SECOND)}):
        with pytest.raises((ProviderRefused, BadLogoutToken)):
            judge(**changed)


def test_an_id_token_is_fresh_and_a_logout_token_need_not_be() -> None:
    identified(iat=seconds(NOW - FRESH))
    logged_out(iat=seconds(NOW - 9 * FRESH))

    with pytest.raises(ProviderRefused):
        identified(iat=seconds(NOW - FRESH - SECOND))


@pytest.mark.parametrize("aud", [CLIENT, [CLIENT]])
def test_a_token_is_for_us_alone(aud: Any) -> None:
    identified(aud=aud)
    logged_out(aud=aud)

    for other in ([CLIENT, CLIENT], "other", ["other"], [], {CLIENT: 1}):
        with pytest.raises(ProviderRefused):
            identified(aud=other)
        with pytest.raises(BadLogoutToken):
            logged_out(aud=other)


@pytest.mark.parametrize("changed", [{"nonce": NONCE + "x"}, {"nonce": ""}, {"azp": ""}])
def test_an_id_token_answers_just_this_sign_in(changed: dict[str, Any]) -> None:
    with pytest.raises(ProviderRefused):
        identified(**changed)


@pytest.mark.parametrize("name", ["", "x" * 256, "\x7f", "a\tb", "ê"])
def test_names_are_taken_as_they_are_or_not_at_all(name: str) -> None:
    with pytest.raises(ProviderRefused):
        identified(sub=name)
    with pytest.raises(ProviderRefused):
        identified(sid=name)
    for claim in ("sub", "sid", "jti"):
        with pytest.raises(BadLogoutToken):
            logged_out(**{claim: name})


def test_a_logout_ends_a_session_or_all_of_a_subject() -> None:
    until = NOW + 120 * SECOND

    assert logged_out() == Logout(ISSUER, "anh.tq", "session-1", "once", until)
    assert logged_out(sid=None) == Logout(ISSUER, "anh.tq", None, "once", until)
    assert logged_out(sub=None) == Logout(ISSUER, None, "session-1", "once", until)


def test_a_logout_token_tells_of_a_logout_and_is_no_id_token() -> None:
    logged_out(events={LOGOUT_EVENT: {}, "urn:other": 1})

    lies: tuple[dict[str, Any], ...] = (
        {"events": {"urn:other": {}}}, {"events": {LOGOUT_EVENT: []}}, {"nonce": ""},
    )  # fmt: skip
    for changed in lies:
        with pytest.raises(BadLogoutToken):
            logged_out(**changed)


@pytest.mark.parametrize("moment", ["1", True, [], {}, 1e300, -1e300])
def test_a_moment_is_a_number_of_seconds(moment: Any) -> None:
    for name in ("iat", "exp"):
        with pytest.raises(ProviderRefused):
            identified(**{name: moment})
        with pytest.raises(BadLogoutToken):
            logged_out(**{name: moment})
