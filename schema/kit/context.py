"""What a resolver knows of its request: ``info.context``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

from flows.core.context import AppContext, Caller, ClientInfo
from flows.core.practices import language_of_token, practice_by_slug
from flows.refusals import NotAllowed
from flows.signin.sessions import still_watching

#: Spoken where nothing tells which language a person speaks.
FALLBACK = "en"

Kind = Literal["session", "device"]

_INFIX: Mapping[Kind, str] = {"session": "", "device": "device-"}
#: Remembered devices of one browser and practice, each another person's; beyond them the first ones go.
_MOST_DEVICES = 10


def cookie_name(kind: Kind, slug: str, secure: bool) -> str:
    """A practice's own cookie; ``__Host-`` (RFC 6265bis, 4.1.3.2) wherever there is https.

    A device is remembered for one account, so that cookie's name goes on: :func:`device_suffix`.
    """
    prefix = "__Host-" if secure else ""
    return f"{prefix}sluis-{_INFIX[kind]}{slug}"


def device_suffix(account_id: object) -> str:
    """What sets an account's device cookie apart from that of others in the same browser; no slug has a full stop."""
    return "." + sha256(str(account_id).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Change:
    """A cookie for the response; an empty value with age 0 takes it away."""

    name: str
    value: str
    max_age: int


@dataclass(frozen=True, slots=True)
class CookieJar:
    """The cookies of the practice that the request named, read from it and written to its response.

    ``practice`` is None where cookies can't be used: without the ``Sluis-Practice`` header, with a bearer token
    and over a socket.
    """

    practice: str | None = None
    secure: bool = True
    received: Mapping[str, str] = field(default_factory=dict, repr=False)
    changes: dict[str, Change] = field(default_factory=dict, repr=False)

    def get(self, kind: Kind, slug: str) -> str | None:
        """What the browser sent; None too where the practice is another one."""
        return self.received.get(cookie_name(kind, slug, self.secure)) if self.takes(slug) else None

    def device(self, slug: str, account_id: object | None) -> str | None:
        """The token by which this browser is remembered for an account.

        Where it has none, that of anybody else: it proves nothing for this account, and is looked up all the same, so
        that the work done tells nothing about the login.
        """
        if not self.takes(slug):
            return None
        name = cookie_name("device", slug, self.secure)
        devices = self._devices(name)
        return devices.get(name + device_suffix(account_id)) or next(iter(devices.values()), None)

    def _devices(self, name: str) -> dict[str, str]:
        return {key: value for key, value in self.received.items() if key == name or key.startswith(f"{name}.")}

    def remember(self, slug: str, account_id: object, value: str, max_age: int) -> None:
        """Have this browser remembered for an account, beside others; raises NotAllowed unless the jar ``takes`` it."""
        name = cookie_name("device", slug, self.secure)
        own = name + device_suffix(account_id)
        others = [key for key in self._devices(name) if key != own]
        self.set("device", slug, value, max_age, suffix=device_suffix(account_id))
        for old in others[: max(0, len(others) + 1 - _MOST_DEVICES)]:
            self.changes[old] = Change(old, "", 0)

    def takes(self, slug: str) -> bool:
        """Whether cookies of this practice can be read and written here."""
        return self.practice is not None and self.practice == slug

    def set(self, kind: Kind, slug: str, value: str, max_age: int, *, suffix: str = "") -> None:
        """Give the browser a cookie for ``max_age`` seconds; raises NotAllowed unless the jar ``takes`` it."""
        if not self.takes(slug):
            raise NotAllowed
        name = cookie_name(kind, slug, self.secure) + suffix
        self.changes[name] = Change(name, value, max_age)

    def clear(self, kind: Kind, slug: str) -> None:
        """Take a cookie away; nothing happens where it can't be there."""
        if self.takes(slug):
            self.set(kind, slug, "", 0)


@dataclass(frozen=True, slots=True)
class Context:
    """One operation: who asks, from where, and the house to ask in.

    ``practice`` is the slug in the ``Sluis-Practice`` header (or the socket's ``practice``), None without one.
    ``spoken`` is the language that the practice of the request is known to speak; empty while that is not known.
    ``refused`` has the codes of the refusals that were answered as data, for the log; ``ended`` says by what way a
    token came that is of no live session.
    """

    app: AppContext
    origin: ClientInfo
    caller: Caller | None = None
    practice: str | None = None
    cookies: CookieJar = field(default_factory=CookieJar)
    refused: list[str] = field(default_factory=list)
    spoken: list[str] = field(default_factory=list)
    ended: Literal["bearer", "cookie"] | None = None

    @property
    def locale(self) -> str:
        """The caller's language, otherwise the request's, otherwise that of the token or practice that it names."""
        if self.caller:
            return self.caller.locale
        return self.origin.locale or next(iter(self.spoken), FALLBACK)

    @property
    def languages(self) -> tuple[str, str]:
        """The language to speak, and that of the caller's practice for what is not there in it."""
        return self.locale, self.caller.practice_locale if self.caller else ""

    def speaks(self, locale: str) -> None:
        """Speak this language from now on, where neither the caller nor the request settles which."""
        if self.caller is None and self.origin.locale is None:
            self.spoken[:] = [locale]

    async def is_about(self, slug: str) -> None:
        """The request names its practice: speak its language, as :meth:`speaks` does."""
        if self.caller is None and self.origin.locale is None and not self.spoken:
            practice = await practice_by_slug(slug)
            self.spoken.extend([practice.locale] if practice else [])

    async def brings(self, token: str) -> None:
        """The request brings a token of a sign-in or of a mail: speak the language of its account or its practice."""
        if self.caller is None and self.origin.locale is None:
            self.spoken[:1] = [locale] if (locale := await language_of_token(token)) else self.spoken[:1]

    async def still_watching(self) -> Caller | None:
        """The caller as the database has it now, None when the session ended: subscriptions outlive requests."""
        return await still_watching(self.app, self.caller) if self.caller else None
