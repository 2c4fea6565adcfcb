"""A practice as anyone may see it."""

from flows.core.context import AppContext
from flows.core.policy import policy_of
from models import Audience, Practice
from models.core.spoken import language_by_token
from normalise.slugs import normal_slug
from plugins import AnyFactor
from security.tokens import token_hash


async def practice_by_slug(slug: str) -> Practice | None:
    """The practice of that slug, in any case; a malformed slug never reaches the database."""
    known = normal_slug(slug)
    return await Practice.get_or_none(slug=known) if known else None


async def language_of_token(token: str) -> str | None:
    """The language for answers about this token, where the request asks for no supported language."""
    return await language_by_token(token_hash(token))


def offered_to_respondents(app: AppContext, practice: Practice) -> list[AnyFactor]:
    """The factors that a respondent can set up here, in the practice's order."""
    return policy_of(practice.policy, Audience.RESPONDENT).offers(app.factors)
