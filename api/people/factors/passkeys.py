"""Passkeys: WebAuthn registration and assertion, judged without any state."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from webauthn import (
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from api.people.factors.errors import BadPasskey, WrongFactor
from api.people.factors.models import Passkey

#: What the library raises over bytes that nobody has looked at before it.
_BROKEN = (WebAuthnException, ValueError, TypeError, KeyError, IndexError)


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Whom passkeys are made for: a domain, and the apps and pages that may use them."""

    domain: str
    name: str
    origins: list[str]


@dataclass(frozen=True, slots=True)
class Made:
    """A new passkey that is sound."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    is_synced: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a passkey is for; the id is all that the authenticator tells others."""

    id: UUID
    full_name: str


def options(
    party: RelyingParty, person: Person, challenge: bytes, known: list[bytes]
) -> dict[str, Any]:
    """Return what the phone hands to its authenticator to make a passkey."""
    made = generate_registration_options(
        rp_id=party.domain,
        rp_name=party.name,
        user_id=person.id.bytes,
        user_name=person.full_name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=raw) for raw in known],
    )
    shown: dict[str, Any] = json.loads(options_to_json(made))
    return shown


def judge_new(party: RelyingParty, credential: dict[str, Any], challenge: bytes) -> Made:
    """Return a new passkey, or refuse it; its person was verified by finger, face or PIN."""
    try:
        found = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.domain,
            expected_origin=party.origins,
            require_user_verification=True,
        )
    except _BROKEN as error:
        raise BadPasskey from error
    return Made(
        credential_id=found.credential_id,
        public_key=found.credential_public_key,
        sign_count=found.sign_count,
        is_synced=found.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
    )


def judge(party: RelyingParty, kept: Passkey, assertion: dict[str, Any], challenge: bytes) -> int:
    """Return the new count of a genuine assertion over `challenge`, or refuse it."""
    try:
        _must_be_of(kept.official_id, assertion)
        found = verify_authentication_response(
            credential=assertion,
            expected_challenge=challenge,
            expected_rp_id=party.domain,
            expected_origin=party.origins,
            credential_public_key=kept.public_key,
            credential_current_sign_count=kept.sign_count,
            require_user_verification=True,
        )
    except _BROKEN as error:
        raise WrongFactor from error
    return found.new_sign_count


def _must_be_of(official_id: UUID, assertion: dict[str, Any]) -> None:
    """Refuse an assertion whose authenticator says that it is somebody else's."""
    handle = assertion["response"].get("userHandle")
    if handle is not None and base64url_to_bytes(handle) != official_id.bytes:
        raise WrongFactor


def credential_id(assertion: dict[str, Any]) -> bytes:
    """Return which passkey an assertion says it is of."""
    try:
        return bytes(base64url_to_bytes(assertion["rawId"]))
    except _BROKEN as error:
        raise WrongFactor from error
