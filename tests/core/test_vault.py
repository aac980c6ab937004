"""A sealed secret shows nothing, and opens only where it belongs."""

import os

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from core.vault import KEY_BYTES, Vault

KEY = os.urandom(KEY_BYTES)


@given(st.binary(max_size=200), st.text(max_size=50))
def test_what_was_sealed_comes_out_again(secret: bytes, context: str) -> None:
    assert Vault(KEY).open(Vault(KEY).seal(secret, context), context) == secret


def test_the_same_secret_looks_different_each_time() -> None:
    vault = Vault(KEY)

    assert vault.seal(b"secret", "one") != vault.seal(b"secret", "one")
    assert b"secret" not in vault.seal(b"secret", "one")


def test_a_secret_does_not_open_in_another_place() -> None:
    with pytest.raises(InvalidTag):
        Vault(KEY).open(Vault(KEY).seal(b"secret", "totp:1"), "totp:2")


def test_a_secret_does_not_open_with_another_key() -> None:
    with pytest.raises(InvalidTag):
        Vault(os.urandom(KEY_BYTES)).open(Vault(KEY).seal(b"secret", "here"), "here")


@given(st.data())
def test_a_changed_byte_is_noticed(data: st.DataObject) -> None:
    sealed = bytearray(Vault(KEY).seal(b"a secret of some length", "here"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))

    with pytest.raises(InvalidTag):
        Vault(KEY).open(bytes(sealed), "here")
