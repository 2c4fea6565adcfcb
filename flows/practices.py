"""A practice as anyone may see it."""

from flows.house import House
from flows.policy import policy_of
from models import Audience, Practice
from plugins import AnyFactor


async def practice_by_slug(slug: str) -> Practice | None:
    """The practice of that slug; what cannot be a slug is no practice, and never reaches the database."""
    if not slug.isascii() or not slug.isprintable():
        return None
    return await Practice.get_or_none(slug=slug)


def offered_to_respondents(house: House, practice: Practice) -> list[AnyFactor]:
    """The factors that a respondent can set up here, in the practice's order."""
    return policy_of(practice.policy, Audience.RESPONDENT).offers(house.factors)
