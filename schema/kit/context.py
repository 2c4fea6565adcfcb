"""The context of one GraphQL operation: ``info.context``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

from flows.core.context import AppContext, Caller, ClientInfo
from flows.core.practices import language_of_token, practice_by_slug
from flows.refusals import NotAllowed
from flows.signin.sessions import still_watching

#: The language where nothing else decides it.
FALLBACK = "en"

Kind = Literal["session", "device"]

_INFIX: Mapping[Kind, str] = {"session": "", "device": "device-"}
#: The most remembered devices for one browser and practice, one for each person; then the oldest goes.
_MOST_DEVICES = 10


def cookie_name(kind: Kind, slug: str, secure: bool) -> str:
    """A practice's own cookie; ``__Host-`` (RFC 6265bis, 4.1.3.2) wherever there is https.

    A device is remembered for one account, so that cookie's name goes on: :func:`device_suffix`.
    """
    prefix = "__Host-" if secure else ""
    return f"{prefix}sluis-{_INFIX[kind]}{slug}"


def device_suffix(account_id: object) -> str:
    """The end of the name of an account's device cookie. It starts with a full stop, which no slug contains."""
    return "." + sha256(str(account_id).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Change:
    """A cookie for the response; an empty value with age 0 deletes it."""

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
        """The cookie's value; None without one, or if the jar is for another practice."""
        return self.received.get(cookie_name(kind, slug, self.secure)) if self.is_for(slug) else None

    def device(self, slug: str, account_id: object | None) -> str | None:
        """The token by which this browser is remembered for an account.

        If there is none, another account's token. It proves nothing for this account. It is looked up all the same,
        so that the time taken does not tell whether the login exists.
        """
        if not self.is_for(slug):
            return None
        name = cookie_name("device", slug, self.secure)
        devices = self._devices(name)
        return devices.get(name + device_suffix(account_id)) or next(iter(devices.values()), None)

    def _devices(self, name: str) -> dict[str, str]:
        return {key: value for key, value in self.received.items() if key == name or key.startswith(f"{name}.")}

    def remember(self, slug: str, account_id: object, value: str, max_age: int) -> None:
        """Set an account's device cookie. Raises NotAllowed if the jar is for another practice."""
        name = cookie_name("device", slug, self.secure)
        own = name + device_suffix(account_id)
        others = [key for key in self._devices(name) if key != own]
        self.set("device", slug, value, max_age, suffix=device_suffix(account_id))
        for old in others[: max(0, len(others) + 1 - _MOST_DEVICES)]:
            self.changes[old] = Change(old, "", 0)

    def is_for(self, slug: str) -> bool:
        """Whether cookies of this practice can be read and written here."""
        return self.practice is not None and self.practice == slug

    def set(self, kind: Kind, slug: str, value: str, max_age: int, *, suffix: str = "") -> None:
        """Set a cookie for ``max_age`` seconds. Raises NotAllowed if the jar is for another practice."""
        if not self.is_for(slug):
            raise NotAllowed
        name = cookie_name(kind, slug, self.secure) + suffix
        self.changes[name] = Change(name, value, max_age)

    def clear(self, kind: Kind, slug: str) -> None:
        """Delete a cookie; does nothing if the jar is for another practice."""
        if self.is_for(slug):
            self.set(kind, slug, "", 0)


@dataclass(frozen=True, slots=True)
class Context:
    """The caller, the client and the application of one operation.

    ``practice`` is the slug in the ``Sluis-Practice`` header (or the socket's ``practice``), None without one.
    ``fallback_locale`` has the language of the practice or the token in the request; it is empty until one is known.
    ``refused`` has the codes of the refusals that were answered as data, for the log.
    ``ended`` says how the client sent the token of a session that is not live.
    """

    app: AppContext
    origin: ClientInfo
    caller: Caller | None = None
    practice: str | None = None
    cookies: CookieJar = field(default_factory=CookieJar)
    refused: list[str] = field(default_factory=list)
    fallback_locale: list[str] = field(default_factory=list)
    ended: Literal["bearer", "cookie"] | None = None

    @property
    def locale(self) -> str:
        """The caller's language, otherwise the request's, otherwise that of the token or practice that it names."""
        if self.caller:
            return self.caller.locale
        return self.origin.locale or next(iter(self.fallback_locale), FALLBACK)

    @property
    def languages(self) -> tuple[str, str]:
        """The language to use, and the practice's language for texts that it lacks."""
        return self.locale, self.caller.practice_locale if self.caller else ""

    def set_fallback_locale(self, locale: str) -> None:
        """Set the language to use if neither the caller nor the request has one."""
        if self.caller is None and self.origin.locale is None:
            self.fallback_locale[:] = [locale]

    async def use_locale_of_practice(self, slug: str) -> None:
        """Set the fallback to the language of the practice, unless it is set already."""
        if self.caller is None and self.origin.locale is None and not self.fallback_locale:
            practice = await practice_by_slug(slug)
            self.fallback_locale.extend([practice.locale] if practice else [])

    async def use_locale_of_token(self, token: str) -> None:
        """Set the fallback to the language of the account or practice of a sign-in's or mailed link's token."""
        if self.caller is None and self.origin.locale is None:
            self.fallback_locale[:1] = (
                [locale] if (locale := await language_of_token(token)) else self.fallback_locale[:1]
            )

    async def still_watching(self) -> Caller | None:
        """The caller as the database has it now, None if the session has ended. For subscriptions."""
        return await still_watching(self.app, self.caller) if self.caller else None
