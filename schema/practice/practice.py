"""A practice as anyone may see it: its name, its helpdesk, and how one signs in there."""

from typing import Annotated

import strawberry

from flows.core.practices import offered_to_respondents, practice_by_slug
from flows.signin.passwordless import trusted_alone
from flows.signin.passwords import shortest
from locales import in_language
from models import Audience, Practice
from plugins import AnyFactor
from schema.kit.fields import Info, computed, query, shown_to
from schema.kit.permissions import Who
from schema.practice.password_rules import PASSWORD_RULES, PasswordRules


@shown_to(Who.ANYONE)
@strawberry.type(description="A second factor that can be set up.")
class FactorOption:
    factor: str = strawberry.field(description="The factor's name; in camelCase, its field in `FactorProof`.")
    title: str = strawberry.field(description="Its title.")
    explanation: str = strawberry.field(description="One sentence that helps to choose it.")


def factor_option(factor: AnyFactor, *languages: str) -> FactorOption:
    """A factor in words."""
    title, explanation = (in_language(texts, *languages) for texts in (factor.title, factor.explanation))
    return FactorOption(factor=factor.name, title=title, explanation=explanation)


@shown_to(Who.ANYONE)
@strawberry.type(description="The public part of a practice, for its sign-in page and every page's footer.")
class PublicPractice:
    stored: strawberry.Private[Practice]
    slug: str = strawberry.field(description="Names the practice in URLs, `signIn` and the `Sluis-Practice` header.")
    name: str = strawberry.field(description="How the practice calls itself.")
    helpdesk_email: str = strawberry.field(description="Where people ask for help; empty where there is none.")
    helpdesk_phone: str = strawberry.field(description="Where people call for help; empty where there is none.")
    portal_url: str = strawberry.field(description="Where its people sign in.")
    language: str = strawberry.field(description="Its language, such as `nl`.")
    time_zone: str = strawberry.field(description="Its IANA time zone, such as `Europe/Amsterdam`.")
    email_sign_in: bool = strawberry.field(description="Whether respondents may sign in with their e-mail address.")
    sign_up_open: bool = strawberry.field(description="Whether people may make an account without an invitation.")

    @computed("The factors that respondents can set up, the preselected one first.")
    def sign_in_options(self, info: Info) -> list[FactorOption]:
        languages = info.context.locale, self.stored.locale
        found = offered_to_respondents(info.context.app, self.stored)
        return [factor_option(factor, *languages) for factor in found]

    @computed(f"{PASSWORD_RULES} For respondents, who sign up or accept an invitation.")
    def password_rules(self, info: Info) -> PasswordRules:
        return PasswordRules(minimum=shortest(info.context.app, self.stored, Audience.RESPONDENT))

    @computed("The factors that may stand for a whole sign-in, without a password: `startPasswordless`.")
    def passwordless_options(self, info: Info) -> list[FactorOption]:
        languages = info.context.locale, self.stored.locale
        found = trusted_alone(info.context.app, self.stored)
        return [factor_option(factor, *languages) for factor in found]


def public_practice(info: Info, practice: Practice) -> PublicPractice:
    """The public part of a practice."""
    return PublicPractice(
        stored=practice,
        slug=practice.slug,
        name=practice.name,
        helpdesk_email=practice.helpdesk_email,
        helpdesk_phone=practice.helpdesk_phone,
        portal_url=practice.portal(info.context.app.rules.public_url),
        language=practice.locale,
        time_zone=practice.time_zone,
        email_sign_in=practice.email_sign_in,
        sign_up_open=practice.sign_up_open,
    )


class PracticeQueries:
    @query(Who.ANYONE)
    async def practice(
        self, info: Info, slug: Annotated[str, strawberry.argument(description="As in the portal's URL.")]
    ) -> PublicPractice | None:
        """The public part of a practice; null where there is none of that slug."""
        found = await practice_by_slug(slug)
        return public_practice(info, found) if found else None
