"""Jitsi Meet with tokens: a room that nobody can guess, and a signed right to enter it for a while.

Written after https://jitsi.github.io/handbook/docs/devops-guide/token-authentication (claims) and
https://developer.8x8.com/jaas/docs/api-keys-jwt (the hosted one: RS256, `kid`, `context.user.moderator`).
"""

from typing import Literal, Self
from urllib.parse import urlsplit

import jwt
from pydantic import Field, SecretStr, model_validator

from plugins import Config, SecureUrl, VideoRooms, VideoVisit, every, hookimpl

_SHORTEST_SECRET = 32
_SMALLEST_RSA = 2048


class JitsiConfig(Config):
    """``url``: what the room's name comes behind. ``app_id`` is the issuer, ``chat`` at 8x8. ``key``: for HS256 at
    least 32 bytes that the server shares, for RS256 a private RSA key of at least 2048 bits in PEM. ``subject``: by
    default the host in ``url``; at 8x8 the AppID.
    """

    url: SecureUrl
    app_id: str = Field(min_length=1)
    key: SecretStr
    algorithm: Literal["HS256", "RS256"] = "HS256"
    audience: str = "jitsi"
    subject: str | None = None
    key_id: str | None = None

    @model_validator(mode="after")
    def _key_is_strong(self) -> Self:
        key = self.key.get_secret_value().encode()
        if self.algorithm == "HS256":
            if len(key) < _SHORTEST_SECRET:
                raise ValueError(f"key must have at least {_SHORTEST_SECRET} bytes")
            return self
        try:
            prepared = jwt.get_algorithm_by_name("RS256").prepare_key(key)
        except Exception:  # noqa: BLE001 - the texts of these errors quote the key
            prepared = None
        if not hasattr(prepared, "sign") or getattr(prepared, "key_size", 0) < _SMALLEST_RSA:
            raise ValueError(f"key must be a private RSA key of at least {_SMALLEST_RSA} bits in PEM")
        return self


class Jitsi(VideoRooms):
    """Signs a token for one person, one room and one time; staff moderate."""

    name = "jitsi"
    title = every("video.jitsi.title")
    Config = JitsiConfig

    async def join(self, visit: VideoVisit) -> str:
        config = self.config
        claims = {
            "aud": config.audience,
            "iss": config.app_id,
            "sub": config.subject or urlsplit(config.url).hostname,
            "room": visit.room,
            "nbf": visit.opens_at,
            "exp": visit.closes_at,
            "moderator": visit.moderator,
            "context": {"user": {"name": visit.name, **_rank(visit.moderator)}},
        }
        headers = {"kid": config.key_id} if config.key_id else None
        token = jwt.encode(claims, config.key.get_secret_value(), config.algorithm, headers)
        return f"{config.url.rstrip('/')}/{visit.room}?jwt={token}"


def _rank(moderator: bool) -> dict[str, str]:
    # In words: Prosody takes nothing but texts and numbers in here.
    return {"moderator": str(moderator).lower(), "affiliation": "owner" if moderator else "member"}


@hookimpl
def portal_video_rooms() -> list[type[VideoRooms]]:
    return [Jitsi]
