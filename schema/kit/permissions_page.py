"""Who may use what, as a page of Markdown: generated from what each field declares."""

from collections.abc import Iterator

import strawberry
from graphql import GraphQLField, GraphQLObjectType

from flows.core.context import Access, Caller, ClientInfo
from flows.refusals import Refusal
from models import Audience, StaffRole
from schema.kit.permissions import Who, admit


def _caller(audience: Audience, access: Access, role: StaffRole | None = None) -> Caller:
    return Caller(
        origin=ClientInfo(),
        session_id="",
        account_id="",
        practice_id="",
        practice_slug="",
        audience=audience,
        access=access,
        role=role,
        staff_id="" if role else None,
        locale="en",
        stepped_up_at=None,
        time_zone="UTC",
    )


#: The kinds of callers, weakest first.
CALLERS: dict[str, Caller | None] = {
    "nobody": None,
    "unverified": _caller(Audience.RESPONDENT, Access.UNVERIFIED),
    "waiting": _caller(Audience.RESPONDENT, Access.AWAITING_APPROVAL),
    "respondent": _caller(Audience.RESPONDENT, Access.APPROVED),
    "therapist": _caller(Audience.STAFF, Access.APPROVED, StaffRole.THERAPIST),
    "admin": _caller(Audience.STAFF, Access.APPROVED, StaffRole.ADMIN),
    "owner": _caller(Audience.STAFF, Access.APPROVED, StaffRole.OWNER),
}
_HEAD = """# Who may use what

Generated from what each field declares (`make schema`); a test calls every field as every kind of caller and compares.
*Yes* means: admitted. What of the practice the caller then reaches, the flow decides, and everything out of reach
answers as if it did not exist: a therapist reaches the caseload, a respondent what approved grants open, and nobody
another practice.

*nobody*: no login session. *unverified*: a respondent without a verified address. *waiting*: without approved access.
*respondent*: with an approved grant.
"""


def page(schema: strawberry.Schema) -> str:
    """The page for this installation's schema."""
    return "\n".join([_HEAD, *_roots(schema), *_types(schema)]) + "\n"


def who_of(field: GraphQLField) -> Who:
    """Whom a root field admits."""
    who: Who = field.extensions["strawberry-definition"].metadata["who"]
    return who


def _roots(schema: strawberry.Schema) -> Iterator[str]:
    graphql = schema._schema
    for root in filter(None, (graphql.query_type, graphql.mutation_type, graphql.subscription_type)):
        yield f"## {root.name}\n"
        yield f"| field | {' | '.join(CALLERS)} |"
        yield f"| --- |{' --- |' * len(CALLERS)}"
        for name, field in sorted(root.fields.items()):
            yield f"| `{name}` | {' | '.join('yes' if _admits(who_of(field), kind) else '–' for kind in CALLERS)} |"
        yield ""


def _types(schema: strawberry.Schema) -> Iterator[str]:
    yield "## Types\n"
    yield "Who is ever shown an object of these; the types of refusals are everybody's.\n"
    yield "| type | shown to |"
    yield "| --- | --- |"
    roots = (schema._schema.query_type, schema._schema.mutation_type, schema._schema.subscription_type)
    for name, kind in sorted(schema._schema.type_map.items()):
        if not isinstance(kind, GraphQLObjectType) or name.startswith("__") or kind in roots:
            continue
        who = getattr(kind.extensions["strawberry-definition"].origin, "__sluis_who__", None)
        if who is not None:
            yield f"| `{name}` | {who.value} |"


def _admits(who: Who, kind: str) -> bool:
    try:
        admit(who, CALLERS[kind])
    except Refusal:
        return False
    return True
