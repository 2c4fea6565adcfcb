"""The two ceremonies of W3C Web Authentication Level 3, as a relying party checks them: sections 7.1 and 7.2.

What was asked is read back from the options that the core keeps under seal: just that is verified.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any, TypeVar

import webauthn
from webauthn import helpers
from webauthn.helpers import structs

from plugins import Challenged, Desk, State

_REQUIRED = structs.UserVerificationRequirement.REQUIRED
_LONGEST_PROOF = 16_384
_LONGEST_ID = 1023  # Bytes, section 7.1.
_LONGEST_PLAIN_ID = 255

T = TypeVar("T")


class PasskeyState(State):
    """A credential record (section 4); all empty until the key has answered.

    ``verified_user``: whether the key ever checked who holds it, together with a password or when it was made.
    """

    credential_id: bytes = b""
    public_key: bytes = b""
    sign_count: int = 0
    backup_eligible: bool = False
    backed_up: bool = False
    verified_user: bool = False
    aaguid: str = ""
    transports: tuple[str, ...] = ()


def registration_of(credential: str) -> structs.RegistrationCredential | None:
    """A browser's answer to `create`, None for anything else."""
    return _tried(lambda: helpers.parse_registration_credential_json(_object(credential)))


def assertion_of(credential: str) -> structs.AuthenticationCredential | None:
    """A browser's answer to `get`, None for anything else."""
    return _tried(lambda: helpers.parse_authentication_credential_json(_object(credential)))


def handle_of(credential_id: bytes) -> str:
    """The credential id in base64url; a hash in place of one that is too long to be looked up by."""
    if len(credential_id) <= _LONGEST_PLAIN_ID:
        return helpers.bytes_to_base64url(credential_id)
    return f"sha256:{hashlib.sha256(credential_id).hexdigest()}"


def registered(desk: Desk, challenge: Challenged, made: structs.RegistrationCredential) -> PasskeyState | None:
    """Section 7.1: the new credential, None where a check fails. That its id is new is the core's to see."""
    asked = helpers.parse_registration_options_json(challenge.public["options"])
    return _tried(lambda: _registered(desk, asked, made))


def authenticated(
    desk: Desk, state: PasskeyState, challenge: Challenged, given: structs.AuthenticationCredential
) -> PasskeyState | None:
    """Section 7.2: the credential as it is now, None where a check fails.

    Counter and backup eligibility are left to be compared: each has a refusal of its own.
    """
    asked = helpers.parse_authentication_options_json(challenge.public["options"])
    if not _is_about(desk, state, asked, given):
        return None
    return _tried(lambda: _authenticated(desk, state, asked, given))


def _object(credential: str) -> dict[str, Any]:
    if len(credential) > _LONGEST_PROOF:
        raise ValueError("too long for a credential")
    found: dict[str, Any] = json.loads(credential)
    return found


def _tried(act: Callable[[], T]) -> T | None:
    """None whatever is raised: the library takes a stranger's bytes apart, and not all its errors are its own."""
    try:
        return act()
    except Exception:  # noqa: BLE001
        return None


def _registered(
    desk: Desk, asked: structs.PublicKeyCredentialCreationOptions, made: structs.RegistrationCredential
) -> PasskeyState:
    selection = asked.authenticator_selection
    made.response.attestation_object = _without_attestation(made.response.attestation_object)
    seen = webauthn.verify_registration_response(
        credential=made,
        expected_challenge=asked.challenge,
        expected_rp_id=desk.rp_id,
        expected_origin=list(desk.origins),
        require_user_verification=selection is not None and selection.user_verification is _REQUIRED,
        supported_pub_key_algs=[offered.alg for offered in asked.pub_key_cred_params],
    )
    _refuse_frames(made.response.client_data_json)
    if len(seen.credential_id) > _LONGEST_ID:
        raise ValueError("a credential id longer than is allowed")
    return PasskeyState(
        credential_id=seen.credential_id,
        public_key=seen.credential_public_key,
        sign_count=seen.sign_count,
        backup_eligible=_eligible(seen.credential_device_type),
        backed_up=seen.credential_backed_up,
        verified_user=seen.user_verified,
        aaguid=seen.aaguid,
        transports=tuple(transport.value for transport in made.response.transports or ()),
    )


def _without_attestation(attestation_object: bytes) -> bytes:
    """The same with the statement "none": we ask for none, and Firefox on Windows gives one all the same.

    It would vouch for the make of the key, which nothing here depends on; so no certificate of a stranger is ever read.
    """
    attested = helpers.parse_cbor(attestation_object)
    return helpers.encode_cbor({"fmt": "none", "attStmt": {}, "authData": attested["authData"]})


def _is_about(
    desk: Desk,
    state: PasskeyState,
    asked: structs.PublicKeyCredentialRequestOptions,
    given: structs.AuthenticationCredential,
) -> bool:
    """This key was asked for, and it does not say that it is somebody else's (steps 5 and 6)."""
    allowed = [descriptor.id for descriptor in asked.allow_credentials or ()]
    # Safari answers with an empty handle where it has none.
    named = given.response.user_handle or None
    if given.raw_id != state.credential_id:
        return False
    if allowed:
        return given.raw_id in allowed and named in (None, desk.account_handle)
    # Who finds a key that never had a PIN can give it one: until it was used with a password, it proves no person.
    return named == desk.account_handle and state.verified_user


def _authenticated(
    desk: Desk,
    state: PasskeyState,
    asked: structs.PublicKeyCredentialRequestOptions,
    given: structs.AuthenticationCredential,
) -> PasskeyState:
    seen = webauthn.verify_authentication_response(
        credential=given,
        expected_challenge=asked.challenge,
        expected_rp_id=desk.rp_id,
        expected_origin=list(desk.origins),
        credential_public_key=state.public_key,
        # The library looks at the counter before the signature: anybody without a key could raise the alarm.
        credential_current_sign_count=0,
        require_user_verification=asked.user_verification is _REQUIRED,
    )
    _refuse_frames(given.response.client_data_json)
    news = {
        "sign_count": seen.new_sign_count,
        "backup_eligible": _eligible(seen.credential_device_type),
        "backed_up": seen.credential_backed_up,
        "verified_user": state.verified_user or seen.user_verified,
    }
    return state.model_copy(update=news)


def _refuse_frames(client_data: bytes) -> None:
    """Raise ValueError where another site's page asked, with ours in a frame (section 13.4.2)."""
    client = json.loads(client_data)
    if client.get("crossOrigin") or "topOrigin" in client:
        raise ValueError("asked in a frame of another origin")


def _eligible(device: structs.CredentialDeviceType) -> bool:
    return device is structs.CredentialDeviceType.MULTI_DEVICE
