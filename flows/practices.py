"""A practice as anyone may see it."""

from flows.house import House
from flows.policy import policy_of
from models import Audience, Practice
from plugins import AnyFactor
from security.slugs import normal_slug

__all__ = ["normal_slug", "offered_to_respondents", "practice_by_slug"]


async def practice_by_slug(slug: str) -> Practice | None:
    """The practice of that slug, capitals or not; what can be no slug never reaches the database."""
    known = normal_slug(slug)
    return await Practice.get_or_none(slug=known) if known else None


def offered_to_respondents(house: House, practice: Practice) -> list[AnyFactor]:
    """The factors that a respondent can set up here, in the practice's order."""
    return policy_of(practice.policy, Audience.RESPONDENT).offers(house.factors)
