"""Making practices and staff from the command line, where nobody can sign in yet."""

from commands.database import CommandProblem
from flows.access.access import forget_factors
from flows.core import audit
from flows.core.audit import Actor
from flows.core.context import AppContext, ClientInfo
from flows.core.practices import practice_by_slug
from flows.core.texts import clean
from flows.onboarding.invitations import Invitee, send
from flows.refusals import InvalidInput
from flows.staff.staff import Hire, add_staff
from locales import LANGUAGES
from models import Practice, StaffMember, StaffRole
from models.db.database import IntegrityError, transaction
from models.locks import hold_practice
from normalise.addresses import BadAddress, parse_email
from normalise.slugs import normal_slug

_CONSOLE = ClientInfo(address="console")


async def create_practice(app: AppContext, slug: str, name: str, *, locale: str, invitation_seconds: int) -> Practice:
    """Store a practice; raises CommandProblem for a bad or taken slug."""
    if normal_slug(slug) != slug or "--" in slug:
        raise CommandProblem("The slug is part of the portal's URL: lower-case letters, digits and single dashes.")
    if locale not in LANGUAGES:
        raise CommandProblem(f"The language is one of {', '.join(LANGUAGES)}.")
    try:
        return await Practice.create(
            slug=slug,
            name=clean("name", name, 120),
            locale=locale,
            invitation_seconds=invitation_seconds,
            created_at=app.now,
        )
    except IntegrityError:
        raise CommandProblem(f"There is a practice called {slug!r} already; choose another slug.") from None
    except InvalidInput:
        raise CommandProblem("The practice needs a name of at most 120 characters.") from None


async def invite_staff(app: AppContext, slug: str, name: str, email: str, role: StaffRole) -> StaffMember:
    """Add a member of staff and mail the invitation, which sets the password."""
    practice = await practice_called(slug)
    try:
        shown = parse_email(email).shown
    except BadAddress:
        raise CommandProblem("That is no e-mail address that can be mailed to.") from None
    try:
        async with transaction():
            await hold_practice(practice.id)
            hired = await add_staff(app, practice, Hire(clean("name", name, 120), shown, role))
            whom = Invitee(hired.name, shown, practice.locale, "staff_invitation", staff_id=hired.id)
            await send(app, practice, whom, None)
            actor = Actor(_CONSOLE, str(practice.id), role="CONSOLE")
            await audit.record(app, actor, "staff.invited", ("StaffMember", hired.id))
            return hired
    except IntegrityError:
        raise CommandProblem("Somebody with this e-mail address works there already.") from None
    except InvalidInput:
        raise CommandProblem("The person needs a name of at most 120 characters.") from None


async def reset_staff_factors(app: AppContext, slug: str, email: str) -> StaffMember:
    """The last owner lost the phone: forget the factors, to be set up again at the next sign-in."""
    practice = await practice_called(slug)
    try:
        key = parse_email(email).key
    except BadAddress:
        raise CommandProblem("That is no e-mail address.") from None
    member = await StaffMember.filter(practice_id=practice.id, email_key=key).select_related("account").first()
    if member is None or member.account is None:
        raise CommandProblem(f"Nobody with this e-mail address signs in at {slug!r}.")
    async with transaction():
        await forget_factors(app, member.account)
        actor = Actor(_CONSOLE, str(practice.id), role="CONSOLE")
        await audit.record(app, actor, "staff.factors_reset", ("StaffMember", member.id))
    return member


async def practice_called(slug: str) -> Practice:
    practice = await practice_by_slug(slug)
    if practice is None:
        raise CommandProblem(f"There is no practice called {slug!r}; make it with `python server.py create-practice`.")
    return practice
