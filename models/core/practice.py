"""A practice: the tenant, its public face and its policy."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.db.base import Row


def day_in(zone: str, moment: datetime) -> date:
    """The date on the calendar of this time zone: a quarter past midnight there is yesterday elsewhere."""
    return moment.astimezone(ZoneInfo(zone)).date()


class Practice(Row):
    """The organisation that all other rows belong to, ``slug`` is part of its portal URL."""

    slug = fields.CharField(max_length=40)
    name = fields.CharField(max_length=120)
    helpdesk_email = fields.CharField(max_length=254, default="")
    helpdesk_phone = fields.CharField(max_length=40, default="")
    locale = fields.CharField(max_length=5, default="nl")
    time_zone = fields.CharField(max_length=50, default="Europe/Amsterdam")
    country = fields.CharField(max_length=2, default="NL")
    email_sign_in = fields.BooleanField(default=True)
    sign_up_open = fields.BooleanField(default=False)
    invitation_seconds = fields.IntField(default=int(timedelta(days=7).total_seconds()))
    # The practice's own frontend, where it has one: {"portal", "accept", "verify", "reset"} → URL.
    links: dict[str, str] = fields.JSONField(default=dict)
    allowed_origins: list[str] = fields.JSONField(default=list)
    # Per audience: factors, dates, remembered durations; the shape is flows.core.policy.Policy.
    policy: dict[str, Any] = fields.JSONField(default=dict)
    # Reminders of appointments, minutes before; None: a day before. By SMS to people without an e-mail address.
    reminder_minutes: list[int] | None = fields.JSONField(null=True)
    reminder_sms = fields.BooleanField(null=True)
    # When reminders may go out, in minutes after midnight by the practice's clock; None: 8:00 to 20:00.
    reminders_from = fields.IntField(null=True)
    reminders_until = fields.IntField(null=True)
    # Where the practice meets by video, with ``{room}``, for rooms that are a plain link.
    video_link = fields.CharField(max_length=500, null=True)
    # The countries to which text messages may go; None leaves it to the installation.
    sms_countries: list[str] | None = fields.JSONField(null=True)
    # Raised with each change of the settings; None is 0.
    settings_version = fields.IntField(null=True)
    # What receipts say: where the practice is, a line each, its picture (a StoredFile), and what money it counts in.
    postal_address = fields.CharField(max_length=400, null=True)
    logo_id: UUID | None = fields.UUIDField(null=True)
    currency = fields.CharField(max_length=3, null=True)
    # Under which insurers and the tax office know it, as receipts say.
    agb_code = fields.CharField(max_length=8, null=True)
    kvk_number = fields.CharField(max_length=8, null=True)
    vat_number = fields.CharField(max_length=14, null=True)
    # Names the counts of logins that nobody has; sealed, made at the first sign-in and never changed.
    counting_key: bytes | None = fields.BinaryField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "practice"
        constraints = (
            UniqueConstraint(fields=("slug",), name="practice_slug_once"),
            CheckConstraint(check="slug <> ''", name="practice_slug_given"),
        )

    def link(self, public_url: str, page: str, token: str, *, staff: bool) -> str:
        """A mailed link: the practice's own template (with ``{token}``) or, for ``staff`` always, the built-in page.

        The token travels in the fragment, so that no server, proxy or mail scanner ever sees it.
        Built from configuration only, never from a request's headers. A practice's own frontend is for its clients: if
        staff's links followed its templates, a person who sets one could read the token that makes an owner.
        """
        template = None if staff else self.links.get(page)
        if template:
            return template.replace("{token}", token)
        return f"{public_url}/p/{self.slug}/{page}#token={token}"

    def portal(self, public_url: str) -> str:
        """Where the practice's clients sign in."""
        return self.links.get("portal") or f"{public_url}/p/{self.slug}"


async def origins_of(slug: str | None) -> list[str]:
    """The origins of one practice's own frontends; with None, of every practice's."""
    practices = Practice.all() if slug is None else Practice.filter(slug=slug)
    lists = await practices.values_list("allowed_origins", flat=True)
    return sorted({origin for origins in lists for origin in origins})


async def keep_counting_key(practice_id: UUID, sealed: bytes) -> bytes | None:
    """Store the practice's counting key unless it has one; answers the one that it has, sealed."""
    await Practice.filter(id=practice_id, counting_key__isnull=True).update(counting_key=sealed)
    kept = await Practice.get(id=practice_id).only("id", "counting_key")
    return kept.counting_key
