"""A browser that asks for an unsupported language gets the practice's language, not English."""

from collections.abc import Awaitable, Callable

import pytest

from tests.people.cast import Belongings, Person, token_of
from tests.people.device import Answer, Transport
from tests.people.factor_owner import FactorOwner
from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis

PASSWORD = "paarse kikker in de regen"
WRONG = {"nl": "Deze inloggegevens kloppen niet.", "en": "This login and password do not belong together."}


@pytest.mark.parametrize("accepted", ["fr-BE,fr;q=0.9", "tr,*;q=0.5", "", "nl;q=0"])
@pytest.mark.parametrize("practice", ["nl", "en"])
@pytest.mark.parametrize("transport", ["COOKIE", "BEARER"])
async def test_anonymous_client_gets_the_practices_language(
    sluis: Sluis, accepted: str, practice: str, transport: Transport
) -> None:
    """A browser names its practice in a header, a program in the input."""
    await sluis.rows("UPDATE practice SET locale = ? WHERE slug = 'demo'", practice)
    guest = Person(sluis, Belongings("Fleur Kok", "fleur@clients.example"), transport)
    guest.device.http.headers["Accept-Language"] = accepted
    assert (await guest.starts_sign_in("12345678", PASSWORD))["message"] == WRONG[practice]
    guest.device.http.headers["Accept-Language"] = "fr,en;q=0.4"
    assert (await guest.starts_sign_in("12345678", PASSWORD))["message"] == WRONG["en"], "English is asked for"
    guest.device.http.headers["Accept-Language"] = "nl-BE,en;q=0.4"
    assert (await guest.starts_sign_in("12345678", PASSWORD))["message"] == WRONG["nl"], "Dutch is asked for"


@pytest.mark.parametrize("practice", ["nl", "en"])
async def test_sign_up_in_a_language_that_we_have_not_gets_the_practices(sluis: Sluis, practice: str) -> None:
    """So do its mails, and the steps of a program that signs in by a token alone."""
    await sluis.rows("UPDATE practice SET sign_up_open = TRUE, locale = ? WHERE slug = 'demo'", practice)
    fleur = Person(sluis, Belongings("Fleur Kok", "fleur@clients.example"), "BEARER")
    fleur.device.http.headers["Accept-Language"] = "uk,ru;q=0.5"
    assert (await fleur.signs_up(PASSWORD))["__typename"] == "SignUpRequested"
    await fleur.gets_verification()
    (row,) = await sluis.rows("SELECT locale FROM account WHERE email = ?", fleur.own.email)
    assert row["locale"] == practice
    step = await fleur.starts_sign_in()
    assert step["__typename"] == "EnrolmentRequired"
    assert step["options"][0]["title"] == {"nl": "Authenticator-app", "en": "Authenticator app"}[practice]


_TOKEN = {
    "openInvitation": "mutation($token: String!) { act: openInvitation(token: $token) %s }",
    "askNewInvitation": "mutation($token: String!) { act: askNewInvitation(token: $token) %s }",
    "acceptInvitation": """mutation($token: String!) {
        act: acceptInvitation(input: { token: $token, password: "paarse kikker in de regen" }) %s }""",
    "openPasswordReset": "mutation($token: String!) { act: openPasswordReset(token: $token) %s }",
    "resetPassword": """mutation($token: String!) {
        act: resetPassword(input: { token: $token, password: "paarse kikker in de regen" }) %s }""",
    "openVerification": "mutation($token: String!) { act: openVerification(token: $token) %s }",
    "verifyEmail": "mutation($token: String!) { act: verifyEmail(token: $token) %s }",
    "signInStep": "query($token: String!) { act: signInStep(token: $token) %s }",
    "declineFactor": "mutation($token: String!) { act: declineFactor(signIn: $token) %s }",
    "confirmPassword": """mutation($token: String!) {
        act: confirmPassword(input: { signIn: $token, password: "x" }) %s }""",
    "openChallenge": """mutation($token: String!) {
        act: openChallenge(input: { signIn: $token, factor: "totp" }) %s }""",
    "answerFactor": """mutation($token: String!) {
        act: answerFactor(input: { signIn: $token, challenge: "x", proof: { totp: { code: "123456" } } }) %s }""",
    "setNewPassword": """mutation($token: String!) {
        act: setNewPassword(input: { signIn: $token, password: "x" }) %s }""",
    "beginEnrolment": """mutation($token: String!) {
        act: beginEnrolment(input: { signIn: $token, factor: "totp" }) %s }""",
    "issueFallback": """mutation($token: String!) {
        act: issueFallback(input: { signIn: $token, factor: "recovery_codes" }) %s }""",
}
_ENDED = {
    "INVITATION": ("openInvitation", "askNewInvitation", "acceptInvitation"),
    "RESET": ("openPasswordReset", "resetPassword"),
    "VERIFICATION": ("openVerification", "verifyEmail"),
    "SIGN_IN": tuple(_TOKEN)[7:],
}


@pytest.fixture
async def ended(sluis: Sluis, dr_vos: StaffPerson, bram: Person) -> Callable[[str], Awaitable[str]]:
    """A token of each kind that works no longer."""

    async def token(kind: str) -> str:
        if kind == "INVITATION":
            person = await dr_vos.finds("Bram Jansen")
            await dr_vos.invites(person["id"])
            link = await bram.gets_link("accept")
            assert (await dr_vos.revokes_invitation(person["id"]))["__typename"] == "InvitationRevoked"
        elif kind == "VERIFICATION":
            await sluis.rows("UPDATE practice SET sign_up_open = TRUE WHERE slug = 'demo'")
            fleur = Person(sluis, Belongings("Fleur Kok", "fleur@clients.example"), "BEARER")
            await fleur.signs_up(PASSWORD)
            link = await fleur.gets_verification()
            await fleur.verifies(link)
        else:
            ada = FactorOwner(sluis, Belongings("Ada de Vries", "ada@clients.example"), "BEARER")
            await dr_vos.lets_in(ada)
            step = await ada.elsewhere("BEARER").starts_sign_in()
            await ada.forgets_password()
            link = await ada.gets_link("reset")
            assert (await ada.resets(link, PASSWORD + " en wind"))["__typename"] == "PasswordReset"
            if kind == "SIGN_IN":
                return str(step["token"])
        return token_of(link)

    return token


@pytest.mark.parametrize("practice", ["nl", "en"])
@pytest.mark.parametrize("kind", _ENDED)
async def test_refusal_of_a_token_is_in_the_practices_language(
    sluis: Sluis, ended: Callable[[str], Awaitable[str]], kind: str, practice: str
) -> None:
    """No header and no input names the practice: the token does, also one that works no longer."""
    token = await ended(kind)
    await sluis.rows("UPDATE practice SET locale = ?", practice)
    await sluis.rows("UPDATE account SET locale = ?", practice)
    await sluis.rows("UPDATE dossier SET locale = ?", practice)
    guest = Person(sluis, Belongings("Gast", "gast@clients.example"), "BEARER")

    async def refusal(act: str, language: str) -> Answer:
        guest.device.http.headers["Accept-Language"] = language
        answer = await guest.device.ask(_TOKEN[act] % "{ ... on Refusal { code message } }", token=token)
        return {"code": answer["code"], "message": answer["message"]}

    for act in _ENDED[kind]:
        said = await refusal(act, "fr")
        assert said == await refusal(act, practice), act
        assert said != await refusal(act, {"nl": "en", "en": "nl"}[practice]), act


async def test_a_sign_in_speaks_its_accounts_language(sluis: Sluis, dr_vos: StaffPerson) -> None:
    """The person decides before the practice does, in steps and in refusals."""
    ada = FactorOwner(sluis, Belongings("Ada de Vries", "ada@clients.example"), "BEARER")
    await dr_vos.lets_in(ada)
    await sluis.rows("UPDATE practice SET locale = 'nl'")
    await sluis.rows("UPDATE account SET locale = 'en' WHERE email = ?", ada.own.email)
    sluis.clock.forward(seconds=30)
    again = ada.elsewhere("BEARER")
    again.device.http.headers["Accept-Language"] = "fr"
    step = await again.starts_sign_in()
    refused = await again.proves(step, "totp", "000000")
    again.device.http.headers["Accept-Language"] = "en"
    assert refused["message"] == (await again.proves(step, "totp", "000000"))["message"]
