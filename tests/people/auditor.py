"""An owner who reads the audit trail."""

from typing import Any

from tests.people.device import Answer
from tests.people.staff import StaffPerson

TRAIL = """query($first: Int! = 100, $after: String, $filter: AuditFilter) {
  auditTrail(first: $first, after: $after, filter: $filter) {
    pageInfo { hasNextPage endCursor } exportUrl
    edges { node { id at event what outcome actor { account staffMember name role } subjects { type id label }
      address session request details { key value } } } } }"""


async def searches(owner: StaffPerson, **matching: Any) -> list[Answer]:
    """The newest events, as far as they match."""
    page: Answer = await owner.device.ask(TRAIL, filter=matching)
    return [edge["node"] for edge in page["edges"]]


async def export_url(owner: StaffPerson, **matching: Any) -> str:
    """Where the events of a time are downloaded."""
    page: Answer = await owner.device.ask(TRAIL, filter=matching)
    url: str = page["exportUrl"]
    return url
