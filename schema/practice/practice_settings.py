"""The practice's own settings: how it is reached, its language and time, and where its own frontend is."""

from typing import Annotated, Any

import strawberry

from flows.appointments.reminders import minutes_before
from flows.core.quiet_hours import QuietHours
from flows.practice import practice_settings as flow
from flows.refusals import Conflict, FileTooLarge, InvalidInput, NotFound, StepUpRequired
from flows.refusals import Refusal as FlowRefusal
from models import Practice
from models.core.money import DEFAULT_CURRENCY
from schema.kit.arguments import GIVEN, given_changes
from schema.kit.fields import Info, mutation, query, shown_to
from schema.kit.ids import raw_id
from schema.kit.permissions import Who

_TEMPLATE = "with `{token}` in its fragment; null: the built-in page"


@shown_to(Who.MANAGER)
@strawberry.type(description="The pages of the practice's own frontend; null: the built-in page.")
class PracticeLinks:
    portal: str | None = strawberry.field(description="Where people sign in.")
    accept: str | None = strawberry.field(description="The link of an invitation.")
    verify: str | None = strawberry.field(description="The link that verifies an e-mail address.")
    reset: str | None = strawberry.field(description="The link for a new password.")


@shown_to(Who.MANAGER)
@strawberry.type(description="What the practice settles for itself, besides its policy.")
class PracticeSettings:
    version: int = strawberry.field(description="To be given with a change.")
    slug: str = strawberry.field(description="Names the practice in URLs; only the server's command line changes it.")
    portal_url: str = strawberry.field(description="Where its people sign in, which every mail tells.")
    name: str = strawberry.field(description="How the practice calls itself.")
    helpdesk_email: str = strawberry.field(description="Where people ask for help; empty where there is none.")
    helpdesk_phone: str = strawberry.field(description="Where people call for help; empty where there is none.")
    language: str = strawberry.field(description="Its language, such as `nl`.")
    time_zone: str = strawberry.field(description="Its IANA time zone, such as `Europe/Amsterdam`.")
    country: str = strawberry.field(description="Where national phone numbers belong (ISO 3166-1, such as `NL`).")
    email_sign_in: bool = strawberry.field(description="Whether respondents may sign in with their e-mail address.")
    sign_up_open: bool = strawberry.field(description="Whether people may make an account without an invitation.")
    invitation_days: int = strawberry.field(description="For how many days an invitation works.")
    links: PracticeLinks = strawberry.field(description="The pages of its own frontend.")
    allowed_origins: list[str] = strawberry.field(description="The origins of its own frontends (CORS).")
    cross_site_origins: list[str] = strawberry.field(
        description="Those of `allowedOrigins` on another site than this server. Browsers keep our cookies away from "
        "their requests (CROSS_SITE_COOKIE): sign in with transport BEARER there, or use a subdomain of the server's."
    )
    sms_countries: list[str] | None = strawberry.field(
        description="The countries that text messages are sent to; null: its own, and what the installation allows."
    )
    postal_address: str = strawberry.field(description="As on receipts, several lines; empty where none is given.")
    has_logo: bool = strawberry.field(description="Whether receipts bear a logo.")
    currency: str = strawberry.field(description="That of receipts, unless they name another (ISO 4217).")
    agb_code: str = strawberry.field(description="The practice's AGB code, as on receipts; empty where none is given.")
    kvk_number: str = strawberry.field(description="Its number in the trade register; empty where none is given.")
    vat_number: str = strawberry.field(description="Its VAT identification number; empty where none is given.")
    reminder_minutes: list[int] = strawberry.field(
        description="How many minutes before an appointment its attendees are reminded; empty: never."
    )
    reminder_sms: bool = strawberry.field(
        description="Whether those without an e-mail address are reminded by text message."
    )
    reminders_from: str = strawberry.field(
        description="From when on a day mail that can wait goes out, such as `08:00`."
    )
    reminders_until: str = strawberry.field(
        description="Until when on a day mail that can wait goes out, such as `20:00`."
    )
    video_link: str | None = strawberry.field(
        description="Where the practice meets by video, for rooms that are a plain link; `{room}` is the room's name."
    )


@shown_to(Who.MANAGER)
@strawberry.type(description="The settings hold from the next request on.")
class PracticeUpdated:
    settings: PracticeSettings = strawberry.field(description="The settings as they are now.")


@strawberry.input(description="The pages of the practice's own frontend: all of them, for what is left out is null.")
class PracticeLinksInput:
    portal: str | None = strawberry.field(default=None, description="Where people sign in; null: the built-in page.")
    accept: str | None = strawberry.field(default=None, description=f"The link of an invitation, {_TEMPLATE}.")
    verify: str | None = strawberry.field(default=None, description=f"The link that verifies, {_TEMPLATE}.")
    reset: str | None = strawberry.field(default=None, description=f"The link for a new password, {_TEMPLATE}.")


@strawberry.input(description="Changes to the practice's settings; what is left out stays as it is.")
class UpdatePracticeInput:
    version: int = strawberry.field(description="The version that was read; another one is a Conflict.")
    name: strawberry.Maybe[str] = strawberry.field(description="Up to 120 characters.")
    helpdesk_email: strawberry.Maybe[str] = strawberry.field(description="Empty: none.")
    helpdesk_phone: strawberry.Maybe[str] = strawberry.field(description="Up to 40 characters; empty: none.")
    language: strawberry.Maybe[str] = strawberry.field(description="A language, such as `nl`.")
    time_zone: strawberry.Maybe[str] = strawberry.field(description="An IANA time zone, such as `Europe/Amsterdam`.")
    country: strawberry.Maybe[str] = strawberry.field(description="ISO 3166-1 alpha-2, such as `NL`.")
    email_sign_in: strawberry.Maybe[bool] = strawberry.field(description="As in `PracticeSettings`.")
    sign_up_open: strawberry.Maybe[bool] = strawberry.field(description="As in `PracticeSettings`.")
    invitation_days: strawberry.Maybe[int] = strawberry.field(description="1 to 30.")
    links: strawberry.Maybe[PracticeLinksInput] = strawberry.field(
        description="https only, outside development; changed by an OWNER alone. Mails to staff never follow them."
    )
    allowed_origins: strawberry.Maybe[list[str]] = strawberry.field(
        description="All of them, at most 10, such as `https://portal.example.org`; https only, outside development; "
        "changed by an OWNER alone."
    )
    sms_countries: strawberry.Maybe[list[str] | None] = strawberry.field(
        description="All of them (ISO 3166-1); empty: no text messages at all; null: as the installation has it."
    )
    postal_address: strawberry.Maybe[str] = strawberry.field(description="Up to 400 characters; lines are kept.")
    logo: strawberry.Maybe[strawberry.ID | None] = strawberry.field(
        description="The id of an uploaded PNG or JPEG, up to 1 MB; null takes it away. Receipts of before keep theirs."
    )
    currency: strawberry.Maybe[str] = strawberry.field(description="ISO 4217, such as `EUR`.")
    agb_code: strawberry.Maybe[str] = strawberry.field(description="8 digits; empty: none.")
    kvk_number: strawberry.Maybe[str] = strawberry.field(description="8 digits; empty: none.")
    vat_number: strawberry.Maybe[str] = strawberry.field(description="Such as `NL123456789B01`; empty: none.")
    reminder_minutes: strawberry.Maybe[list[int]] = strawberry.field(
        description="All of them, at most 5, each 15 minutes to 7 days; empty: never."
    )
    reminder_sms: strawberry.Maybe[bool] = strawberry.field(description="As in `PracticeSettings`.")
    reminders_from: strawberry.Maybe[str] = strawberry.field(description="`00:00` to `12:00`, by the practice's clock.")
    reminders_until: strawberry.Maybe[str] = strawberry.field(
        description="`13:00` to `23:59`, by the practice's clock."
    )
    video_link: strawberry.Maybe[str | None] = strawberry.field(
        description="https only, up to 500 characters; null: none. Changed by an OWNER alone."
    )


def shown_settings(info: Info, practice: Practice) -> PracticeSettings:
    """A practice as its managers see it."""
    hours = QuietHours.of(practice)
    return PracticeSettings(
        version=flow.version_of(practice),
        slug=practice.slug,
        portal_url=practice.portal(info.context.app.rules.public_url),
        name=practice.name,
        helpdesk_email=practice.helpdesk_email,
        helpdesk_phone=practice.helpdesk_phone,
        language=practice.locale,
        time_zone=practice.time_zone,
        country=practice.country,
        email_sign_in=practice.email_sign_in,
        sign_up_open=practice.sign_up_open,
        invitation_days=flow.invitation_days(practice),
        links=PracticeLinks(**{page: practice.links.get(page) for page in flow.PAGES}),
        allowed_origins=practice.allowed_origins,
        cross_site_origins=flow.cross_site_origins(info.context.app, practice),
        sms_countries=practice.sms_countries,
        postal_address=practice.postal_address or "",
        has_logo=practice.logo_id is not None,
        currency=practice.currency or DEFAULT_CURRENCY,
        agb_code=practice.agb_code or "",
        kvk_number=practice.kvk_number or "",
        vat_number=practice.vat_number or "",
        reminder_minutes=list(minutes_before(practice)),
        reminder_sms=bool(practice.reminder_sms),
        reminders_from=flow.shown_clock(hours.start),
        reminders_until=flow.shown_clock(hours.end),
        video_link=practice.video_link,
    )


class PracticeSettingsQueries:
    @query(Who.MANAGER)
    async def practice_settings(self, info: Info) -> PracticeSettings:
        """What the practice settled for itself."""
        return shown_settings(info, await flow.practice_settings(info.context.caller))


class PracticeSettingsMutations:
    @mutation(
        Who.MANAGER,
        answers=(PracticeUpdated,),
        refuses=(InvalidInput, Conflict, StepUpRequired, NotFound, FileTooLarge),
    )
    async def update_practice(self, info: Info, given: Annotated[UpdatePracticeInput, GIVEN]) -> Any:
        """Change the practice's settings, if nobody else did since `version` was read.

        Only an OWNER changes `links`, `allowedOrigins` and `videoLink`, and every owner is told by whom.
        """
        changes = given_changes(**{name: getattr(given, name) for name in flow.SETTINGS})
        if isinstance(links := changes.get("links"), PracticeLinksInput):
            changes["links"] = {page: getattr(links, page) for page in flow.PAGES}
        if isinstance(logo := changes.get("logo"), str):
            changes["logo"] = raw_id("StoredFile", logo)
        done = await flow.update_practice(info.context.app, info.context.caller, given.version, changes)
        return done if isinstance(done, FlowRefusal) else PracticeUpdated(settings=shown_settings(info, done))
