"""What the kit learns about a factor while it works: everything it answered, and so what must stay secret."""

import base64
import re
import types
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from plugins import Accepted, AnyFactor, EnrolmentBegun, EnrolmentConfirmed, Issued, Opened, State

#: Shorter texts are in any database by chance.
TELLING = 8
_VERBS = ("begin_enrolment", "confirm_enrolment", "challenge", "verify", "issue")


@dataclass
class Notes:
    """The answers of one stage's factors, oldest first, and the proofs that people gave."""

    answers: list[object] = field(default_factory=list)
    proofs: list[object] = field(default_factory=list)

    def states(self) -> list[State]:
        """Every state that the factor made, pending ones too."""
        return [state for answer in self.answers for state in _states(answer)]

    def of(self, kind: type) -> list[Any]:
        """The answers of one kind."""
        return [answer for answer in self.answers if isinstance(answer, kind)]

    def secrets(self) -> set[str | bytes]:
        """The telling texts and bytes in states, secret parts of challenges, what was handed out, and proofs."""
        kept = [each.model_dump() for each in self.states()]
        kept += [dict(opened.secret) for opened in self.of(Opened)]
        kept += [dict(issued.kept) for issued in self.of(Issued)]
        # A proof may repeat what its challenge showed.
        shown = {leaf for opened in self.of(Opened) for leaf in leaves(dict(opened.public))}
        found = set(leaves(kept)) | (set(leaves(self.proofs)) - shown)
        # A token's parts are as secret as the whole.
        parts = {part for leaf in found if isinstance(leaf, str) and " " not in leaf for part in re.split("[.:]", leaf)}
        return {leaf for leaf in found | parts if len(leaf) >= TELLING}


def _states(answer: object) -> Iterator[State]:
    match answer:
        case EnrolmentBegun(pending):
            yield pending
        case EnrolmentConfirmed() | Accepted() | Issued():
            yield answer.state


def leaves(value: object) -> Iterator[str | bytes]:
    """The texts and bytes in a value, at any depth."""
    if isinstance(value, str | bytes):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from leaves(each)
    elif is_dataclass(value):
        for one in fields(value):
            yield from leaves(getattr(value, one.name))


def spellings(secret: str | bytes) -> set[bytes]:
    """How a secret looks where it leaks: as it is, in hexadecimal and in base64."""
    if isinstance(secret, str):
        return {secret.encode("utf-8", "surrogatepass")}
    plain = {base64.b64encode(secret), base64.urlsafe_b64encode(secret)}
    return {secret, secret.hex().encode(), repr(secret)[2:-1].encode(), *(text.rstrip(b"=") for text in plain)}


def noted(kind: type[AnyFactor], notes: Notes) -> AnyFactor:
    """An instance of ``kind`` that is no different but for what it answers, which is noted."""
    return changed(kind, {verb: _noting(getattr(kind, verb), notes) for verb in _VERBS})()


def changed(kind: type[AnyFactor], verbs: Mapping[str, Any]) -> type[AnyFactor]:
    """A factor like ``kind``, with these verbs in place of its own."""

    def fill(body: dict[str, Any]) -> None:
        body.update(verbs, __module__=kind.__module__)

    made: type[AnyFactor] = types.new_class(kind.__name__, (kind,), {}, fill)
    return made


def _noting(verb: Callable[..., Awaitable[object]], notes: Notes) -> Callable[..., Awaitable[object]]:
    async def noting(self: AnyFactor, *given: Any) -> object:
        answer = await verb(self, *given)
        notes.answers.append(answer)
        return answer

    return noting
