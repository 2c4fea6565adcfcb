"""Opaque ids: base64url of ``Type:uuid``, so that an id of one type never passes for another's."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import strawberry

from flows.core.ids import as_uuid
from flows.refusals import NotFound


def node_id(kind: str, identity: object) -> strawberry.ID:
    return strawberry.ID(urlsafe_b64encode(f"{kind}:{identity}".encode()).decode().rstrip("="))


def raw_id(kind: str, given: str) -> str:
    """The UUID inside an id of this type; raises NotFound for anything else."""
    found = parse_id(given)
    if found is None or found[0] != kind:
        raise NotFound
    return found[1]


def parse_id(given: str) -> tuple[str, str] | None:
    """(type, uuid), or None for what is no id of ours: each thing has one, written in one way."""
    if len(given) > 200:
        return None
    try:
        kind, _, rest = urlsafe_b64decode(given + "=" * (-len(given) % 4)).decode("ascii").partition(":")
    except ValueError:
        return None
    identity = as_uuid(rest)
    return (kind, identity) if identity and node_id(kind, identity) == given else None
