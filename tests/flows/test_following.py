"""Subscriptions: the state at once, every change, and the end with the right to it."""

from models import AccessGrant, CaseloadEntry, Dossier, StaffRole
from schema.kit.ids import node_id
from tests.flows.office import Desk, LocalSignals, Office
from tests.support.clock import Clock

_OWN = "subscription { accessChanged { access accessBlockers { code } } }"
_APPROVE = "mutation($id: ID!) { approveAccess(respondent: $id) { __typename } }"
_DEACTIVATE = "mutation($id: ID!) { deactivateAccess(respondent: $id) { __typename } }"


def _progress(dossier: Dossier) -> str:
    identity = node_id("Dossier", dossier.id)
    told = "{ respondents { loginStatus { access } } }"
    return f'subscription {{ loginProgressChanged(dossier: "{identity}") {told} }}'


async def test_access_subscription_shows_the_approval_and_ends_with_the_access(
    office: Office, signals: LocalSignals
) -> None:
    _, respondent, account = await office.waiting()
    owner, anna = await office.hire("olga", StaffRole.OWNER), await office.desk(account)
    news = anna.follow(_OWN)
    assert await anext(news) == {"access": "AWAITING_APPROVAL", "accessBlockers": [{"code": "NOT_APPROVED"}]}
    assert await owner.ask(_APPROVE, id=respondent) == {"__typename": "AccessApproved"}
    assert await anext(news) == {"access": "APPROVED", "accessBlockers": []}
    assert await owner.ask(_DEACTIVATE, id=respondent) == {"__typename": "AccessDeactivated"}
    assert await anext(news, "the end") == "the end"
    assert signals.subscribers == 0


async def test_access_subscription_ends_with_an_expired_session(office: Office, clock: Clock) -> None:
    _, _, account = await office.waiting()
    news = (await office.desk(account)).follow(_OWN)
    await anext(news)
    clock.forward(hours=2)
    assert await anext(news, "the end") == "the end"


async def test_progress_subscription_ends_when_the_dossier_leaves_the_reach(
    office: Office, signals: LocalSignals
) -> None:
    dossier, respondent, _ = await office.waiting()
    owner, tom = await office.hire("olga", StaffRole.OWNER), await office.hire("tom", StaffRole.THERAPIST)
    await CaseloadEntry.create(practice=office.practice, staff_id=tom.caller.staff_id, dossier=dossier)
    news = tom.follow(_progress(dossier))
    assert await anext(news) == {"respondents": [{"loginStatus": {"access": "PENDING"}}]}
    await owner.ask(_APPROVE, id=respondent)
    assert await anext(news) == {"respondents": [{"loginStatus": {"access": "APPROVED"}}]}
    given = {"staffMember": node_id("StaffMember", tom.caller.staff_id), "dossiers": []}
    emptied = "mutation($input: SetCaseloadInput!) { setCaseload(input: $input) { __typename } }"
    assert await owner.ask(emptied, input=given) == {"__typename": "CaseloadSet"}
    assert await anext(news, "the end") == "the end"
    assert signals.subscribers == 0


async def test_progress_subscription_checks_the_reach_every_second(office: Office) -> None:
    dossier, _, _ = await office.waiting()
    tom = await office.hire("tom", StaffRole.THERAPIST)
    entry = await CaseloadEntry.create(practice=office.practice, staff_id=tom.caller.staff_id, dossier=dossier)
    news = tom.follow(_progress(dossier))
    await anext(news)
    await entry.delete()
    assert await anext(news, "the end") == "the end"


async def test_signal_without_a_change_sends_nothing(office: Office, signals: LocalSignals) -> None:
    dossier, _, account = await office.waiting()
    owner = await office.hire("olga", StaffRole.OWNER)
    news = owner.follow(_progress(dossier))
    await anext(news)
    await signals.publish(f"dossier:{dossier.id}")
    await AccessGrant.filter(account_id=account.id).update(state="DEACTIVATED")
    await signals.publish(f"dossier:{dossier.id}")
    assert await anext(news) == {"respondents": [{"loginStatus": {"access": "DEACTIVATED"}}]}


async def test_subscription_to_a_dossier_out_of_reach_is_refused(office: Office, other_office: Office) -> None:
    dossier, _, account = await office.waiting()
    for stranger in (
        await other_office.hire("fay", StaffRole.OWNER),
        await office.hire("tom", StaffRole.THERAPIST),
        await office.desk(account),
    ):
        assert await _refused(stranger, _progress(dossier))


async def _refused(desk: Desk, document: str) -> bool:
    """Whether a subscription begins with an error, and tells nothing."""
    results = await desk.schema.subscribe(document, context_value=desk.context)
    told = [result async for result in results]
    return all(result.errors and not result.data for result in told)
