"""What staff do to a respondent's login: once, within reach, and answered with the respondent as it is then."""

import asyncio
from datetime import timedelta

import pytest

from flows.access import access
from flows.refusals import DossierClosed
from models import (
    AccessGrant,
    AuditEvent,
    CaseloadEntry,
    FactorEnrolment,
    LoginSession,
    OutboxMessage,
    Respondent,
    StaffRole,
)
from schema.kit.ids import node_id
from tests.flows.office import Desk, Office

_ACTS = [
    "inviteRespondent",
    "revokeInvitation",
    "replaceLoginCode",
    "approveAccess",
    "deactivateAccess",
    "resetFactors",
    "endRespondentSessions",
    "revokeRespondentDevices",
]


def _act(name: str) -> str:
    return f"""mutation($id: ID!) {{ {name}(respondent: $id) {{ ... on Refusal {{ code }} ... on RespondentChanged {{
      respondent {{ id loginStatus {{ access loginCode factorSet invitation {{ state }} }} }} }} }} }}"""


@pytest.fixture
async def owner(office: Office) -> Desk:
    return await office.hire("olga", StaffRole.OWNER)


@pytest.mark.parametrize("name", _ACTS)
async def test_respondent_out_of_reach_is_not_found(office: Office, other_office: Office, name: str) -> None:
    dossier, respondent, account = await office.waiting()
    tom, fay = await office.hire("tom", StaffRole.THERAPIST), await other_office.hire("fay", StaffRole.OWNER)
    for desk in (tom, fay):
        for identity in (respondent, node_id("Dossier", dossier.id), "none at all"):
            assert await desk.ask(_act(name), id=identity) == {"code": "NOT_FOUND"}
    assert await (await office.desk(account)).ask(_act(name), id=respondent) == {"code": "AWAITING_APPROVAL"}


@pytest.mark.security
async def test_denied_acts_are_audited(office: Office, other_office: Office) -> None:
    """Once each, about the dossier; an id that is foreign, or of nothing, tells of nothing."""
    dossier, respondent, _ = await office.waiting()
    tom, fay = await office.hire("tom", StaffRole.THERAPIST), await other_office.hire("fay", StaffRole.OWNER)
    own = node_id("Dossier", dossier.id)
    for number, document in enumerate(
        (
            f'mutation {{ closeDossier(dossier: "{own}", version: 0) {{ ... on Refusal {{ code }} }} }}',
            f'mutation {{ inviteRespondent(respondent: "{respondent}") {{ ... on Refusal {{ code }} }} }}',
            f'{{ dossierReceipts(dossier: "{own}") {{ totalCount: __typename }} }}',
            f'{{ appointments(dossier: "{own}") {{ __typename }} }}',
        ),
        start=1,
    ):
        assert "NOT_FOUND" in str(await tom.ask(document))
        assert "NOT_FOUND" in str(await fay.ask(document))
        rows = await AuditEvent.filter(event="dossier.denied", outcome="REFUSED")
        assert [row.subjects for row in rows] == [[{"type": "Dossier", "id": str(dossier.id)}]] * number
        assert {str(row.actor_account) for row in rows} == {tom.caller.account_id}


@pytest.mark.security
async def test_denied_act_is_audited_for_the_other_dossiers_concerned(office: Office) -> None:
    """A respondent of another dossier as an attendee, and the other dossiers of whom factors are reset for."""
    dossier, respondent, account = await office.waiting()
    tom = await office.hire("tom", StaffRole.THERAPIST)
    (mine,) = await office.dossiers("Bert", respondents=0)
    assert tom.caller.staff_id is not None
    await CaseloadEntry.create(practice=office.practice, staff_id=tom.caller.staff_id, dossier=mine)
    starts, ends = (office.app.now + timedelta(days=1, hours=hours) for hours in (0, 1))
    book = "mutation($input: BookAppointmentInput!) { bookAppointment(input: $input) { ... on Refusal { code } } }"
    given = {"dossier": node_id("Dossier", mine.id), "attendees": [respondent]}
    given |= {"startsAt": starts.isoformat(), "endsAt": ends.isoformat()}
    assert await tom.ask(book, input=given) == {"code": "NOT_FOUND"}

    bert = await Respondent.create(
        practice=office.practice, dossier=mine, relation="SELF", name="Bert", created_at=office.app.now
    )
    await AccessGrant.create(practice=office.practice, account=account, respondent=bert, created_at=office.app.now)
    assert await tom.ask(_act("resetFactors"), id=node_id("Respondent", bert.id)) == {"code": "NOT_ALLOWED"}
    rows = await AuditEvent.filter(event="dossier.denied", outcome="REFUSED")
    assert [row.subjects for row in rows] == [[{"type": "Dossier", "id": str(dossier.id)}]] * 2


@pytest.mark.parametrize("name", _ACTS[2:])
async def test_acts_on_a_respondent_without_a_login_are_refused(office: Office, owner: Desk, name: str) -> None:
    (dossier,) = await office.dossiers("Bert", respondents=0)
    respondent = await Respondent.create(
        practice=office.practice, dossier=dossier, relation="SELF", name="Bert", created_at=office.app.now
    )
    assert await owner.ask(_act(name), id=node_id("Respondent", respondent.id)) == {"code": "NO_LOGIN"}


async def test_approving_twice_sends_one_notice(office: Office, owner: Desk) -> None:
    _, respondent, account = await office.waiting()
    account.email = "anna@example.org"
    await account.save()
    for _ in range(2):
        answer = await owner.ask(_act("approveAccess"), id=respondent)
        assert answer["respondent"]["loginStatus"]["access"] == "APPROVED"
    assert await OutboxMessage.filter(template="access_approved").count() == 1


async def test_deactivating_twice_differs_from_deactivating_without_access(office: Office, owner: Desk) -> None:
    _, respondent, _ = await office.waiting()
    assert (await owner.ask(_act("deactivateAccess"), id=respondent))["respondent"]["loginStatus"]["access"] is not None
    assert await owner.ask(_act("deactivateAccess"), id=respondent) == {"code": "ALREADY_DEACTIVATED"}


async def test_staff_can_end_all_sessions_and_forget_all_devices(office: Office, owner: Desk) -> None:
    _, respondent, account = await office.waiting()
    await office.desk(account)
    await office.remember_a_device(account)
    assert "respondent" in await owner.ask(_act("endRespondentSessions"), id=respondent)
    assert await LoginSession.filter(account_id=account.id, ended_at=None).count() == 0
    assert await LoginSession.filter(ended_at=None).count() == 1, "and nobody else's"
    answer = await owner.ask(_act("revokeRespondentDevices"), id=respondent)
    assert answer["respondent"]["loginStatus"]["factorSet"]
    assert [one.factor for one in await FactorEnrolment.filter(account_id=account.id)] == ["totp"]


async def test_new_invitation_supersedes_the_open_one(office: Office, owner: Desk) -> None:
    (dossier,) = await office.dossiers("Bert", respondents=0)
    respondent = await Respondent.create(
        practice=office.practice,
        dossier=dossier,
        relation="SELF",
        name="Bert",
        email="bert@example.org",
        created_at=office.app.now,
    )
    identity = node_id("Respondent", respondent.id)
    for _ in range(2):
        answer = await owner.ask(_act("inviteRespondent"), id=identity)
        assert answer["respondent"]["loginStatus"]["invitation"] == {"state": "SENT"}
    answer = await owner.ask(_act("revokeInvitation"), id=identity)
    assert answer["respondent"]["loginStatus"]["invitation"] == {"state": "REVOKED"}
    assert await owner.ask(_act("revokeInvitation"), id=identity) == {"code": "NOTHING_OPEN"}


@pytest.mark.security
@pytest.mark.parametrize("grant_was", ["PENDING", "DEACTIVATED"])
async def test_approve_grant_of_a_concurrently_closed_dossier_is_refused(
    office: Office, owner: Desk, grant_was: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read before the dossier was closed is no reason to open a grant of it after."""
    dossier, respondent, _ = await office.waiting()
    await AccessGrant.all().update(state=grant_was)
    found = await Respondent.get(dossier_id=dossier.id).select_related("dossier", "practice")
    close = "mutation($id: ID!) { closeDossier(dossier: $id, version: 0) { __typename } }"
    assert await owner.ask(close, id=node_id("Dossier", dossier.id)) == {"__typename": "DossierEnded"}
    assert await owner.ask(_act("approveAccess"), id=respondent) == {"code": "DOSSIER_CLOSED"}

    async def read_before(*_: object) -> Respondent:
        return found

    monkeypatch.setattr(access, "respondent_in_reach", read_before)
    assert isinstance(await access.approve(office.app, owner.caller, str(found.id)), DossierClosed)
    assert (await AccessGrant.get(respondent_id=found.id)).state == "DEACTIVATED"


@pytest.mark.security
async def test_concurrent_approving_and_closing_leaves_no_open_grant(office: Office, owner: Desk) -> None:
    close = "mutation($id: ID!) { closeDossier(dossier: $id, version: 0) { __typename } }"
    for _ in range(6):
        dossier, respondent, account = await office.waiting()
        closing = owner.ask(close, id=node_id("Dossier", dossier.id))
        approved, _ = await asyncio.gather(owner.ask(_act("approveAccess"), id=respondent), closing)
        assert await AccessGrant.filter(respondent__dossier_id=dossier.id, state="APPROVED").count() == 0, approved
        await account.delete()
