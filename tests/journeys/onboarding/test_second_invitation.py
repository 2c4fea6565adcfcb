"""One person, several dossiers: one account with several grants, and what ends when one or the last of them does."""

import pytest

from tests.people.cast import Belongings, Person, token_of
from tests.people.staff import StaffPerson
from tests.support.refusing import refused
from tests.support.sluis import Sluis

DAY = 86400


async def second_invitation(dr_vos: StaffPerson, person: Person, reference: str = "D-2001") -> tuple[str, str, str]:
    """Invite a person for a further dossier; answers its id, the respondent's id and the link."""
    dossier = (await dr_vos.creates_dossier(reference, "Bas de Vries"))["dossier"]["id"]
    added = await dr_vos.adds_respondent(dossier, person.own.name, person.own.email)
    respondent = added["respondent"]["id"]
    assert (await dr_vos.invites(respondent))["__typename"] == "RespondentInvited"
    return dossier, respondent, await person.gets_link("accept")


async def grants(sluis: Sluis) -> list[str]:
    """The states of all grants, by the alphabet."""
    rows = await sluis.rows("SELECT state FROM access_grant ORDER BY state")
    return [row["state"] for row in rows]


async def live(sluis: Sluis, person: Person) -> tuple[int, int]:
    """How many login sessions and remembered devices a person has in the database."""
    of_hers = "account_id = (SELECT id FROM account WHERE name = ?)"
    sessions = await sluis.count("login_session", f"{of_hers} AND ended_at IS NULL", person.own.name)
    devices = await sluis.count("factor_enrolment", f"{of_hers} AND role = 'WAIVER'", person.own.name)
    return sessions, devices


async def test_existing_account_signs_in_and_links(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    await ada.signs_out()
    _, respondent, link = await second_invitation(dr_vos, ada)
    accounts = await sluis.rows("SELECT id, password_hash, epoch FROM account ORDER BY id")

    assert (await ada.opens(link))["personName"] == ada.own.name
    assert (await ada.accepts(link, "een heel ander wachtwoord"))["code"] == "ACCOUNT_EXISTS"
    assert (await ada.links(link))["code"] == "NOT_SIGNED_IN"
    await ada.signs_in()
    assert (await ada.links(link))["__typename"] == "InvitationLinked"

    assert await sluis.rows("SELECT id, password_hash, epoch FROM account ORDER BY id") == accounts
    assert await grants(sluis) == ["APPROVED", "PENDING"]
    status = (await dr_vos.looks_at(respondent))["loginStatus"]
    assert (status["access"], status["loginCode"]) == ("PENDING", ada.own.login)
    assert [one["mutation"] for one in status["accessBlockers"]] == ["approveAccess"]
    assert await waits_for(ada) == ["NOT_APPROVED"], "the further one, though the portal is open"
    assert (await dr_vos.approves(respondent))["__typename"] == "AccessApproved"
    assert await grants(sluis) == ["APPROVED", "APPROVED"]
    assert await waits_for(ada) == []


async def waits_for(person: Person) -> list[str]:
    """The codes of what a person sees still standing in the way."""
    me = await person.looks_at_own_account()
    assert me is not None
    return [blocker["code"] for blocker in me["accessBlockers"]]


async def test_staff_do_not_link_what_is_meant_for_a_respondent(
    sluis: Sluis, dr_vos: StaffPerson, dr_else: StaffPerson, ada: Person
) -> None:
    _, _, link = await second_invitation(dr_vos, ada)
    assert (await dr_vos.links(link))["code"] == "NOT_ALLOWED"
    assert (await dr_else.links(link))["code"] == "LINK_UNKNOWN"
    assert await grants(sluis) == []
    assert await sluis.count("invitation", "accepted_at IS NULL") == 1


async def test_a_family_shares_an_address_and_each_has_a_login_code(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person
) -> None:
    await dr_vos.lets_in(ada)
    joep = Person(sluis, Belongings("Joep de Vries", ada.own.email, read=ada.own.read))
    _, respondent, link = await second_invitation(dr_vos, joep)
    assert (await joep.accepts(link, "paarse kikker in de regen"))["code"] == "ACCOUNT_EXISTS"
    made = await joep.accepts(link, "paarse kikker in de regen", another_person=True)
    assert (made["__typename"], made["signsInByEmail"]) == ("AccountMade", False)

    rows = await sluis.rows("SELECT name, email, email_key FROM account WHERE email = ? ORDER BY name", ada.own.email)
    assert [(row["name"], row["email_key"] is None) for row in rows] == [(ada.own.name, False), (joep.own.name, True)]
    by_mail = await joep.elsewhere().starts_sign_in(ada.own.email, joep.own.password)
    assert by_mail["code"] == "WRONG_CREDENTIALS", "the address is Ada's to sign in with"
    assert (await ada.elsewhere().starts_sign_in(ada.own.email))["__typename"] == "FactorRequired"
    done = await joep.keeps_codes(await joep.sets_up_app(await joep.starts_sign_in()))
    assert (done["__typename"], done["viewer"]["name"]) == ("SignedIn", joep.own.name)
    assert (await dr_vos.approves(respondent))["__typename"] == "AccessApproved"
    assert await grants(sluis) == ["APPROVED", "APPROVED"]


async def test_a_forgotten_code_of_a_shared_address_brings_all_of_its_codes(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person
) -> None:
    await dr_vos.lets_in(ada)
    joep = Person(sluis, Belongings("Joep de Vries", ada.own.email, read=ada.own.read))
    _, _, link = await second_invitation(dr_vos, joep)
    await joep.accepts(link, "paarse kikker in de regen", another_person=True)
    assert joep.own.login in (await joep.reads_mail())["text"], "the confirmation"
    await joep.elsewhere().forgets_login_code()
    mail = await joep.reads_mail()
    assert ada.own.login in mail["text"]
    assert joep.own.login in mail["text"]
    assert joep.own.login not in mail["subject"]


async def test_one_of_two_accesses_closed_leaves_the_other(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    first = await dr_vos.lets_in(ada)
    await ada.signs_out()
    await ada.signs_in(remember=DAY)
    _, second, link = await second_invitation(dr_vos, ada)
    await ada.links(link)
    await dr_vos.approves(second)

    assert (await dr_vos.deactivates(first))["__typename"] == "AccessDeactivated"
    assert await grants(sluis) == ["APPROVED", "DEACTIVATED"]
    assert await live(sluis, ada) == (1, 1)
    me = await ada.looks_at_own_account()
    assert me is not None
    assert me["access"] == "APPROVED"
    await ada.signs_out()
    assert (await ada.starts_sign_in())["__typename"] == "SignedIn", "the device is remembered still"

    async with ada.watches_access() as page:
        assert (await page.news())["access"] == "APPROVED"
        assert (await dr_vos.deactivates(second))["__typename"] == "AccessDeactivated"
        assert await page.closed() == 4403
    assert await live(sluis, ada) == (0, 0)
    assert await ada.looks_at_own_account() is None
    await answers_like_a_wrong_password(ada)


async def answers_like_a_wrong_password(person: Person) -> None:
    """Right and wrong password, by code and by address: one answer."""
    guest = person.elsewhere()
    replies = [
        await guest.starts_sign_in(login, password)
        for login in (person.own.login, person.own.email)
        for password in (person.own.password, "niet dit wachtwoord")
    ]
    assert replies[0]["code"] == "WRONG_CREDENTIALS"
    assert replies.count(replies[0]) == len(replies)


async def test_approving_again_needs_no_new_account(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    respondent = await dr_vos.lets_in(ada)
    begun = await ada.elsewhere().starts_sign_in()
    await dr_vos.deactivates(respondent)
    assert (await ada.proves(begun, "totp", ada.app.code()))["code"] == "SIGN_IN_EXPIRED", "begun before"
    again = (await dr_vos.approves(respondent))["respondent"]["loginStatus"]
    assert (again["access"], again["loginCode"], again["factorSet"]) == ("APPROVED", ada.own.login, True)
    assert await ada.looks_at_own_account() is None, "sessions that ended stay ended"
    assert (await ada.proves(begun, "totp", ada.app.code()))["code"] == "SIGN_IN_EXPIRED"
    assert (await ada.signs_in())["access"] == "APPROVED"
    assert await sluis.count("account", "name = ?", ada.own.name) == 1
    assert await grants(sluis) == ["APPROVED"]


async def test_inviting_a_deactivated_login_is_refused(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    """The link could lead nowhere: the address is taken, and its account signs nobody in."""
    respondent = await dr_vos.lets_in(ada)
    await dr_vos.deactivates(respondent)
    await refused(sluis, dr_vos, lambda: dr_vos.invites(respondent), "LOGIN_DEACTIVATED")
    other = await dr_vos.gives_email(await dr_vos.looks_at(respondent), "ada.zelf@clients.example")
    assert other["__typename"] == "RespondentUpdated"
    invited = await dr_vos.invites(respondent)
    assert invited["__typename"] == "RespondentInvited", "the account may have been somebody else's"
    assert (await dr_vos.approves(respondent))["__typename"] == "AccessApproved"
    assert (await ada.signs_in())["access"] == "APPROVED"


async def test_invitation_with_all_accesses_closed_takes_the_old_password(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person
) -> None:
    """Signing in to link is refused, so accepting asks the account's own password in its place."""
    first = await dr_vos.lets_in(ada)
    own = ada.own.password
    await dr_vos.deactivates(first)
    _, second, link = await second_invitation(dr_vos, ada)
    assert (await ada.elsewhere().starts_sign_in())["code"] == "WRONG_CREDENTIALS"
    accounts = await sluis.rows("SELECT id, password_hash, epoch FROM account ORDER BY id")
    assert (await ada.accepts(link, "paarse kikker in de regen"))["code"] == "ACCOUNT_EXISTS"
    assert await grants(sluis) == ["DEACTIVATED"]
    assert (await ada.accepts(link, own))["__typename"] == "LoginReopened"
    assert await sluis.rows("SELECT id, password_hash, epoch FROM account ORDER BY id") == accounts
    assert await grants(sluis) == ["DEACTIVATED", "PENDING"]
    assert await sluis.count("audit_event", "event = 'invitation.linked'") == 1
    assert await sluis.count("outbox_message", "template = 'notice_reopened'") == 1, "its owner is told"
    assert (await ada.accepts(link, own))["code"] == "LINK_USED"
    assert await ada.looks_at_own_account() is None, "accepting does not sign in"

    step = await ada.elsewhere().starts_sign_in()
    assert step["__typename"] == "FactorRequired", "the factor is asked still"
    sluis.clock.forward(minutes=1)
    assert (await ada.signs_in())["access"] == "AWAITING_APPROVAL"
    assert await waits_for(ada) == ["NOT_APPROVED"]
    assert await ada.device.refused("{ myReports(first: 1) { edges { cursor } } }") == ["AWAITING_APPROVAL"]
    await dr_vos.steps_up()
    assert (await dr_vos.approves(second))["__typename"] == "AccessApproved"
    assert await grants(sluis) == ["APPROVED", "DEACTIVATED"], "the one that was closed stays closed"


@pytest.mark.security
async def test_a_link_does_not_tell_what_became_of_the_account(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, bram: Person
) -> None:
    """A wrong password answers the same, for the same work, where the account is open, closed or suspended."""
    await dr_vos.lets_in(ada)
    await dr_vos.deactivates(await dr_vos.lets_in(bram))
    answers = []
    for person, reference in ((ada, "D-2001"), (bram, "D-2002")):
        _, _, link = await second_invitation(dr_vos, person, reference)
        # At a device that holds no session, which would be told apart by whether it has ended.
        stranger = person.elsewhere()
        answers.append([await accepting(stranger, link, "paarse kikker in de regen") for _ in range(6)])
    assert answers[0] == answers[1], "status, body and headers, with hashes and statements"
    assert "ACCOUNT_EXISTS" in answers[0][0][1]
    assert "TOO_MANY_ATTEMPTS" in answers[0][5][1]
    sluis.clock.forward(hours=1)
    await dr_vos.signs_in()
    _, _, link = await second_invitation(dr_vos, ada, "D-2003")
    assert (await ada.accepts(link, ada.own.password))["code"] == "ACCOUNT_EXISTS", "who can sign in does so"
    _, _, link = await second_invitation(dr_vos, bram, "D-2004")
    await sluis.rows("UPDATE account SET suspended_at = created_at WHERE name = ?", bram.own.name)
    assert (await bram.accepts(link, bram.own.password))["code"] == "ACCOUNT_EXISTS"
    assert await grants(sluis) == ["APPROVED", "DEACTIVATED"]


@pytest.mark.security
async def test_a_reopening_that_is_refused_is_told_to_the_audit(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    """Each guess, one beyond the account's limit, and once an hour those beyond the link's."""
    await dr_vos.deactivates(await dr_vos.lets_in(ada))
    _, _, link = await second_invitation(dr_vos, ada)
    codes = [(await ada.accepts(link, "paarse kikker in de regen"))["code"] for _ in range(7)]
    assert codes == ["ACCOUNT_EXISTS"] * 5 + ["TOO_MANY_ATTEMPTS"] * 2
    asked, accepted = "event = 'account.password_asked'", "event = 'invitation.accepted'"
    assert await sluis.count("audit_event", f"{asked} AND outcome = 'REFUSED'") == 5
    assert await sluis.count("audit_event", f"{accepted} AND outcome = 'BLOCKED'") == 1, "of the link's two"
    _, _, link = await second_invitation(dr_vos, ada, "D-2002")
    assert (await ada.accepts(link, ada.own.password))["code"] == "TOO_MANY_ATTEMPTS"
    assert await sluis.count("audit_event", f"{asked} AND outcome = 'BLOCKED'") == 1
    await sluis.rows("UPDATE account SET suspended_at = created_at WHERE name = ?", ada.own.name)
    sluis.clock.forward(minutes=1)
    assert (await ada.accepts(link, ada.own.password))["code"] == "ACCOUNT_EXISTS"
    assert await sluis.count("audit_event", f"{asked} AND outcome = 'REFUSED'") == 6, "right, and yet refused"


async def accepting(person: Person, link: str, password: str) -> tuple[int, str, str]:
    document = (
        "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { ... on Refusal { code } } }"
    )
    answer = await person.device.post(document, {"input": {"token": token_of(link), "password": password}})
    return answer.status_code, answer.text, answer.headers["server-timing"]


async def test_an_access_that_was_closed_can_be_accepted_again(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    """From a new invitation, while another access keeps the account open."""
    first = await dr_vos.lets_in(ada)
    _, second, link = await second_invitation(dr_vos, ada)
    await ada.links(link)
    await dr_vos.approves(second)
    await dr_vos.deactivates(first)
    assert (await dr_vos.invites(first))["__typename"] == "RespondentInvited"
    assert (await ada.links(await ada.gets_link("accept")))["__typename"] == "InvitationLinked"
    assert await grants(sluis) == ["APPROVED", "PENDING"], "the same grant, waiting once more"
    (grant,) = await sluis.rows("SELECT * FROM access_grant WHERE state = 'PENDING'")
    assert (grant["approved_at"], grant["approved_by_id"], grant["deactivated_at"]) == (None, None, None)


async def test_a_closed_dossier_closes_its_accesses_and_links(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, bram: Person
) -> None:
    await dr_vos.lets_in(bram)
    dossier = await dr_vos.opens_dossier("D-1002")
    carla = Person(sluis, Belongings("Carla Jansen", "carla@clients.example"))
    await dr_vos.invites((await dr_vos.finds(carla.own.name))["id"])
    link = await carla.gets_link("accept")
    await dr_vos.lets_in(ada)

    assert (await dr_vos.closes_dossier(dossier["id"]))["__typename"] == "DossierEnded"
    assert await bram.looks_at_own_account() is None
    await answers_like_a_wrong_password(bram)
    assert (await carla.accepts(link, "paarse kikker in de regen"))["code"] == "LINK_REVOKED"
    assert await ada.looks_at_own_account() is not None, "another dossier"
    assert await grants(sluis) == ["APPROVED", "DEACTIVATED"]
    assert await live(sluis, bram) == (0, 0)
    assert await sluis.count("account", "name = ?", carla.own.name) == 0
    assert [one["reference"] for one in await dr_vos.sees_dossiers()] == ["D-1001"]
    assert (await dr_vos.approves(dossier["respondents"][0]["id"]))["code"] == "DOSSIER_CLOSED"


async def test_closing_one_of_two_dossiers_leaves_the_other(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    dossier, second, link = await second_invitation(dr_vos, ada)
    await ada.links(link)
    await dr_vos.approves(second)
    await dr_vos.closes_dossier(dossier)
    assert await grants(sluis) == ["APPROVED", "DEACTIVATED"]
    me = await ada.looks_at_own_account()
    assert me is not None
    assert me["access"] == "APPROVED"


async def test_what_closes_the_whole_account_is_told_in_every_dossier_of_it(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: Person
) -> None:
    """A therapist of one dossier replaces a leaked code and ends the sessions; that is seen in the other as well."""
    await dr_vos.lets_in(ada)
    first = (await dr_vos.opens_dossier("D-1001"))["id"]
    second, respondent, link = await second_invitation(olga, ada)
    sluis.clock.forward(minutes=1)
    await ada.signs_in()
    assert (await ada.links(link))["__typename"] == "InvitationLinked"
    await olga.steps_up()
    assert (await olga.approves(respondent))["__typename"] == "AccessApproved"
    mine = (await dr_vos.finds(ada.own.name))["id"]
    assert (await dr_vos.replaces_login_code(mine))["__typename"] == "LoginCodeReplaced"
    assert (await dr_vos.ends_sessions_of(mine))["__typename"] != "NotAllowed"
    for event in ("account.login_code_replaced", "session.all_ended"):
        (row,) = await sluis.rows(f"SELECT subjects FROM audit_event WHERE event = '{event}'")
        assert str(row["subjects"]).count("Dossier") == 2, event
    assert first != second
    (await dr_vos.steps_up())
    assert (await dr_vos.resets_factors(mine))["code"] == "NOT_ALLOWED", "what opens needs every dossier"


async def test_a_new_wait_does_not_tell_of_an_approval_that_was_taken_back_before(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person
) -> None:
    """The access was taken back, then deactivated, and begins anew with an invitation."""
    person = await dr_vos.lets_in(ada)
    await dr_vos.resets_factors(person)
    await sluis.rows("UPDATE access_grant SET taken_back_at = created_at RETURNING id")
    await dr_vos.deactivates(person)
    assert (await dr_vos.invites(person))["__typename"] == "RespondentInvited"
    assert (await ada.accepts(await ada.gets_link("accept"), ada.own.password))["__typename"] == "LoginReopened"
    status = (await dr_vos.looks_at(person))["loginStatus"]
    assert [one["code"] for one in status["accessBlockers"]] == ["NO_FACTOR", "NOT_APPROVED"]
    assert await sluis.count("access_grant", "taken_back_at IS NOT NULL") == 0
