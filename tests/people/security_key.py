"""A software security key with the browser that it is plugged into: W3C Web Authentication Level 3, in short.

It does what it is asked as real ones do, unless it is told to lie.
"""

import hashlib
import json
import os
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

ES256, EDDSA, RS256, ES512 = -7, -8, -257, -36

_PRESENT, _VERIFIED, _ELIGIBLE, _BACKED_UP, _ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40
Private = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


class NotAllowedError(Exception):
    """There is no key for this, or it is there already: the browser tells the page no more."""


@dataclass(frozen=True, slots=True)
class Lies:
    """What to say in place of the truth; None says the truth."""

    type: str | None = None
    challenge: str | None = None
    origin: str | None = None
    rp_id: str | None = None
    present: bool = True
    verified: bool | None = None
    eligible: bool | None = None
    backed_up: bool | None = None
    count: int | None = None
    person: str | None = None
    algorithm: int | None = None
    attestation: dict[str, Any] | None = None
    client: dict[str, Any] = field(default_factory=dict)
    """More members of the client data."""


TRUTH = Lies()


@dataclass(slots=True)
class Credential:
    """One key pair; ``person`` is the user handle, in base64url."""

    private: Private
    rp_id: str
    person: str
    count: int = 0


@dataclass(slots=True)
class SecurityKey:
    """``verifies``: it has a PIN; ``counts``: it has a signature counter; ``syncs``: its keys can be backed up."""

    origin: str
    verifies: bool = True
    counts: bool = True
    syncs: bool = False
    attachment: str = "cross-platform"
    transports: tuple[str, ...] = ("usb",)
    id_length: int = 32
    credentials: dict[str, Credential] = field(default_factory=dict, repr=False)

    def create(self, options: str, lies: Lies = TRUTH) -> str:
        """``navigator.credentials.create``: the new credential's JSON."""
        asked = json.loads(options)
        if any(each["id"] in self.credentials for each in asked.get("excludeCredentials", [])):
            raise NotAllowedError
        self._refuse_if_unverified(asked["authenticatorSelection"], lies)
        algorithm = lies.algorithm or asked["pubKeyCredParams"][0]["alg"]
        identity, private = os.urandom(self.id_length), _new_key(algorithm)
        credential = Credential(private, asked["rp"]["id"], asked["user"]["id"])
        self.credentials[text_of(identity)] = credential
        public = cbor2.dumps(_cose(private, algorithm))
        attested = bytes(16) + struct.pack(">H", len(identity)) + identity + public
        data = self._data(credential, lies, attested)
        client = self._client("webauthn.create", asked, lies)
        statement = lies.attestation or self.attest(private, algorithm, data + hashlib.sha256(client).digest())
        response = {
            "clientDataJSON": text_of(client),
            "attestationObject": text_of(cbor2.dumps({**statement, "authData": data})),
            "transports": list(self.transports),
        }
        return self._answer(text_of(identity), response)

    def attest(self, private: Private, algorithm: int, signed: bytes) -> dict[str, Any]:
        """What it says of its make: nothing."""
        return {"fmt": "none", "attStmt": {}}

    def get(self, options: str, lies: Lies = TRUTH, identity: str | None = None) -> str:
        """``navigator.credentials.get``: the assertion's JSON; ``identity`` takes that credential, asked for or not."""
        asked = json.loads(options)
        self._refuse_if_unverified(asked, lies)
        identity = identity or self._chosen(asked)
        credential = self.credentials[identity]
        credential.count += self.counts
        data = self._data(credential, lies)
        client = self._client("webauthn.get", asked, lies)
        signature = sign(credential.private, data + hashlib.sha256(client).digest())
        response = {
            "clientDataJSON": text_of(client),
            "authenticatorData": text_of(data),
            "signature": text_of(signature),
            "userHandle": credential.person if lies.person is None else lies.person,
        }
        return self._answer(identity, response)

    def _refuse_if_unverified(self, asked: dict[str, Any], lies: Lies) -> None:
        if asked["userVerification"] == "required" and not self.verifies and lies is TRUTH:
            raise NotAllowedError

    def _chosen(self, asked: dict[str, Any]) -> str:
        allowed = [each["id"] for each in asked.get("allowCredentials", [])]
        mine = [identity for identity, own in self.credentials.items() if own.rp_id == asked["rpId"]]
        found = [identity for identity in mine if not allowed or identity in allowed]
        if not found:
            raise NotAllowedError
        return found[-1]

    def _client(self, kind: str, asked: dict[str, Any], lies: Lies) -> bytes:
        data = {
            "type": lies.type or kind,
            "challenge": lies.challenge or asked["challenge"],
            "origin": lies.origin or self.origin,
            "crossOrigin": False,
        }
        return json.dumps(data | lies.client).encode()

    def _data(self, credential: Credential, lies: Lies, attested: bytes = b"") -> bytes:
        flags = {
            _PRESENT: lies.present,
            _VERIFIED: self.verifies if lies.verified is None else lies.verified,
            _ELIGIBLE: self.syncs if lies.eligible is None else lies.eligible,
            _BACKED_UP: self.syncs if lies.backed_up is None else lies.backed_up,
            _ATTESTED: bool(attested),
        }
        count = credential.count if lies.count is None else lies.count
        site = hashlib.sha256((lies.rp_id or credential.rp_id).encode()).digest()
        return site + bytes([sum(flag for flag, on in flags.items() if on)]) + struct.pack(">I", count) + attested

    def _answer(self, identity: str, response: dict[str, Any]) -> str:
        return json.dumps(
            {
                "id": identity,
                "rawId": identity,
                "type": "public-key",
                "authenticatorAttachment": self.attachment,
                "clientExtensionResults": {},
                "response": response,
            }
        )


def changed(credential: str, **members: Any) -> str:
    """The credential with other members, its own or its response's."""
    found = json.loads(credential)
    for name, value in members.items():
        (found if name in found else found["response"])[name] = value
    return json.dumps(found)


def text_of(raw: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def bytes_of(text: str) -> bytes:
    """The bytes of base64url without padding."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _new_key(algorithm: int) -> Private:
    if algorithm == EDDSA:
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm == RS256:
        return rsa.generate_private_key(65537, 2048)
    return ec.generate_private_key(ec.SECP256R1() if algorithm == ES256 else ec.SECP521R1())


def _cose(private: Private, algorithm: int) -> dict[int, Any]:
    """The public key as RFC 9053 has it, and RFC 8230 for RSA."""
    public = private.public_key()
    if isinstance(public, ed25519.Ed25519PublicKey):
        return {1: 1, 3: algorithm, -1: 6, -2: public.public_bytes_raw()}
    if isinstance(public, rsa.RSAPublicKey):
        numbers = public.public_numbers()
        return {1: 3, 3: algorithm, -1: numbers.n.to_bytes(256), -2: numbers.e.to_bytes(3)}
    point, size = public.public_numbers(), (public.key_size + 7) // 8
    curve = 1 if isinstance(public.curve, ec.SECP256R1) else 3
    return {1: 2, 3: algorithm, -1: curve, -2: point.x.to_bytes(size), -3: point.y.to_bytes(size)}


def sign(private: Private, data: bytes) -> bytes:
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return private.sign(data)
    if isinstance(private, rsa.RSAPrivateKey):
        return private.sign(data, padding.PKCS1v15(), hashes.SHA256())
    digest = hashes.SHA256() if isinstance(private.curve, ec.SECP256R1) else hashes.SHA512()
    return private.sign(data, ec.ECDSA(digest))
