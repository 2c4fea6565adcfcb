"""The whole way of a client into the portal, from invitation to approved access, against a running `make demo`.

Run `make journey` in a second terminal. Each step prints the GraphQL document that it sends, its variables, and the
answer. Long values, such as tokens, are shortened in print only. Every run makes a new dossier with a new client, so it
can be run again and again.

Needs what the server needs: pyotp stands in for the two people's authenticator apps, and websockets carries the
subscription of the waiting page. All the rest is Python's own library.
"""

import argparse
import json
import secrets
import sys
import textwrap
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pyotp
from websockets import Subprotocol
from websockets.sync.client import ClientConnection, connect

Answer = dict[str, Any]
_THERAPIST = "vos@desluis.example"
_CHOSEN_BY_ADA = "vier losse paarden rennen"
_TIMEOUT = 30
_PROTOCOL = Subprotocol("graphql-transport-ws")


class JourneyEnded(Exception):
    """Something that the journey can't go on after, in one line for people."""


@dataclass(slots=True)
class Device:
    """One person's program: who it is for, where the API is, and the token of the session once signed in."""

    who: str
    url: str
    token: str | None = None

    def ask(self, document: str, *expected: str, **variables: object) -> Answer:
        """Send a document with one field, show both ways, and return what the field answers.

        ``expected`` are the members of the mutation's union that the journey goes on with.
        """
        document = textwrap.dedent(document).strip()
        _show(f"{self.who} sends", document, variables)
        body = json.dumps({"query": document, "variables": variables}).encode()
        headers = {"Content-Type": "application/json", "Accept": "application/graphql-response+json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        whole = json.loads(_fetch(Request(f"{self.url}/graphql", body, headers)))
        if whole.get("errors"):
            raise JourneyEnded(f"The server answered errors: {json.dumps(whole['errors'])}")
        (answer,) = whole["data"].values()
        print(_indented(f"← {json.dumps(_short(answer), ensure_ascii=False)}", "    "))
        if expected and answer["__typename"] not in expected:
            raise JourneyEnded(f"Expected {' or '.join(expected)}, and got {answer['__typename']}.")
        return dict(answer)


def main() -> int:
    """Perform the journey; 0 when the client is in."""
    options = argparse.ArgumentParser(description="Let a client in at the running demo, step by step.")
    options.add_argument("--url", default="http://localhost:8000", help="where the demo runs")
    options.add_argument("--data-dir", type=Path, default=Path(".demo"), help="the demo's folder, with demo.json")
    given = options.parse_args()
    try:
        perform(given.url, given.data_dir)
    except JourneyEnded as ended:
        print(ended, file=sys.stderr)
        return 1
    return 0


def perform(url: str, folder: Path) -> None:
    """All steps; raises JourneyEnded at the first that is refused."""
    practice, staff = _therapist_of(folder)
    vos, client = Device("Dr. Vos", url), Device("Ada", url)

    _step("The therapist signs in: password, then a code of the authenticator app")
    sign_in_with_app(vos, practice, staff)
    _step("The therapist makes a dossier, adds the client as a respondent, and invites her")
    email = f"ada-{secrets.token_hex(3)}@clients.example"
    dossier, respondent = make_dossier(vos, email)
    see_progress(vos, dossier)
    _step("The client opens the mail and accepts, which makes an account with a login code")
    login_code = accept_invitation(client, invitation_token(url, email), _CHOSEN_BY_ADA)
    _step("The client signs in for the first time: an authenticator app must be set up, and recovery codes kept")
    sign_in_for_the_first_time(client, practice, login_code, _CHOSEN_BY_ADA)
    _step("The client waits for the therapist, on a page that hears of changes")
    with connect(url.replace("http", "ws", 1) + "/graphql", subprotocols=[_PROTOCOL], open_timeout=_TIMEOUT) as page:
        subscribe(client, page)
        show_change(page)
        _step("The therapist sees what the client has done, and approves")
        see_progress(vos, dossier)
        approve(vos, respondent)
        _step("The waiting page hears of it at once")
        show_change(page)
    _step("The therapist books an appointment, and the client sees it in the portal")
    book_appointment(vos, dossier, respondent)
    see_portal(client)
    print(f"\nAda is in. Her mail is at {url}/dev/mailbox, the API with its documentation at {url}/graphql.")


# --- the therapist ------------------------------------------------------------------------------------------------


def sign_in_with_app(device: Device, practice: str, staff: Answer) -> None:
    step = device.ask(
        """
        mutation ($input: SignInInput!) {
          signIn(input: $input) {
            __typename
            ... on FactorRequired { token challenges { id factor } }
            ... on Refusal { code message }
          }
        }
        """,
        "FactorRequired",
        input={"practice": practice, "login": staff["email"], "password": staff["password"], "transport": "BEARER"},
    )
    challenge = next(one for one in step["challenges"] if one["factor"] == "totp")
    app, now = pyotp.TOTP(staff["totp_secret"]), time.time()
    answer = answer_factor(device, step["token"], challenge["id"], app.at(int(now)))
    if answer.get("code") == "PROOF_REPLAYED":
        print("    An earlier run used this code, and each is accepted once. The app's next one is accepted already.")
        answer = answer_factor(device, step["token"], challenge["id"], app.at(int(now) + 30))
    if answer["__typename"] != "SignedIn":
        raise JourneyEnded(f"The code was refused: {answer['message']} Run the journey again in a minute.")
    device.token = answer["sessionToken"]


def answer_factor(device: Device, sign_in: str, challenge: str, code: str) -> Answer:
    return device.ask(
        """
        mutation ($input: AnswerFactorInput!) {
          answerFactor(input: $input) {
            __typename
            ... on SignedIn { sessionToken access }
            ... on Refusal { code message }
          }
        }
        """,
        "SignedIn",
        "ProofRefused",
        input={"signIn": sign_in, "challenge": challenge, "proof": {"totp": {"code": code}}},
    )


def make_dossier(device: Device, email: str) -> tuple[str, str]:
    """The ids of a new dossier and of its respondent, who is invited."""
    made = device.ask(
        """
        mutation ($input: CreateDossierInput!) {
          createDossier(input: $input) {
            __typename
            ... on DossierCreated { dossier { id } }
            ... on Refusal { code message }
          }
        }
        """,
        "DossierCreated",
        input={"reference": f"D-{secrets.token_hex(4)}", "name": "Ada Jansen", "language": "en"},
    )
    dossier = str(made["dossier"]["id"])
    added = device.ask(
        """
        mutation ($input: AddRespondentInput!) {
          addRespondent(input: $input) {
            __typename
            ... on RespondentAdded { respondent { id } }
            ... on Refusal { code message }
          }
        }
        """,
        "RespondentAdded",
        input={"dossier": dossier, "name": "Ada Jansen", "relation": "SELF", "email": email},
    )
    respondent = str(added["respondent"]["id"])
    device.ask(
        """
        mutation ($id: ID!) {
          inviteRespondent(respondent: $id) {
            __typename
            ... on RespondentInvited { respondent { loginStatus { invitation { state sentTo } } } }
            ... on Refusal { code message }
          }
        }
        """,
        "RespondentInvited",
        id=respondent,
    )
    return dossier, respondent


def see_progress(device: Device, dossier: str) -> None:
    """What still stands between each respondent and the portal, who must act, and the mutation that does it."""
    device.ask(
        """
        query ($id: ID!) {
          node(id: $id) {
            ... on Dossier {
              respondents { name loginStatus { accessBlockers { code party mutation } } }
            }
          }
        }
        """,
        id=dossier,
    )


def approve(device: Device, respondent: str) -> None:
    device.ask(
        """
        mutation ($id: ID!) {
          approveAccess(respondent: $id) {
            __typename
            ... on AccessApproved { respondent { loginStatus { access approvedBy } } }
            ... on Refusal { code message }
          }
        }
        """,
        "AccessApproved",
        id=respondent,
    )


def book_appointment(device: Device, dossier: str, respondent: str) -> None:
    """At an hour of the next weeks that no earlier run took."""
    for _ in range(10):
        starts = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2 + secrets.randbelow(1000))
        booked = device.ask(
            """
            mutation ($input: BookAppointmentInput!) {
              bookAppointment(input: $input) {
                __typename
                ... on AppointmentBooked { appointment { startsAt } }
                ... on Refusal { code message }
              }
            }
            """,
            "AppointmentBooked",
            "AppointmentOverlaps",
            input={
                "dossier": dossier,
                "attendees": [respondent],
                "startsAt": starts.isoformat(),
                "endsAt": (starts + timedelta(minutes=45)).isoformat(),
            },
        )
        if booked["__typename"] == "AppointmentBooked":
            return
    raise JourneyEnded("The therapist has no free hour: remove the demo's folder to begin anew.")


# --- the client ---------------------------------------------------------------------------------------------------


def invitation_token(url: str, email: str) -> str:
    """The part of the mailed link behind ``#token=``. A browser keeps it to itself; the link's page reads it."""
    print(f"\n    Ada waits for mail to {email} ({url}/dev/mailbox.json)")
    until = time.monotonic() + _TIMEOUT
    while time.monotonic() < until:
        for mail in json.loads(_fetch(Request(f"{url}/dev/mailbox.json"))):
            for link in mail["links"]:
                name, _, token = urlsplit(link).fragment.partition("=")
                if mail["to"] == email and name == "token":
                    print(f"    ← {mail['subject']!r}, with the link {link.partition('#')[0]}#token=…")
                    return str(token)
        time.sleep(0.3)
    raise JourneyEnded(f"No invitation came to {email} in {_TIMEOUT} seconds.")


def accept_invitation(device: Device, token: str, password: str) -> str:
    """The login code of the new account."""
    device.ask(
        """
        mutation ($token: String!) {
          openInvitation(token: $token) {
            __typename
            ... on InvitationOpened { practice { name } personName expiresAt }
            ... on Refusal { code message }
          }
        }
        """,
        "InvitationOpened",
        token=token,
    )
    made = device.ask(
        """
        mutation ($input: AcceptInvitationInput!) {
          acceptInvitation(input: $input) {
            __typename
            ... on AccountMade { loginCode portalUrl }
            ... on Refusal { code message }
          }
        }
        """,
        "AccountMade",
        input={"token": token, "password": password},
    )
    return str(made["loginCode"])


def sign_in_for_the_first_time(device: Device, practice: str, login_code: str, password: str) -> None:
    """Each answer is the next step of the sign-in, with the token for the mutation that takes it."""
    step = device.ask(
        """
        mutation ($input: SignInInput!) {
          signIn(input: $input) {
            __typename
            ... on EnrolmentRequired { token passwordConfirmed options { factor title } }
            ... on Refusal { code message }
          }
        }
        """,
        "EnrolmentRequired",
        input={"practice": practice, "login": login_code, "password": password, "transport": "BEARER"},
    )
    step = device.ask(
        """
        mutation ($input: ConfirmPasswordInput!) {
          confirmPassword(input: $input) {
            __typename
            ... on EnrolmentRequired { token passwordConfirmed }
            ... on Refusal { code message }
          }
        }
        """,
        "EnrolmentRequired",
        input={"signIn": step["token"], "password": password},
    )
    step = set_up_app(device, step["token"])
    device.token = keep_recovery_codes(device, step)["sessionToken"]


def set_up_app(device: Device, sign_in: str) -> Answer:
    """The step after the app was set up. A page shows ``enrolment.qrSvg``, which an app reads with the camera."""
    begun = device.ask(
        """
        mutation ($input: BeginEnrolmentInput!) {
          beginEnrolment(input: $input) {
            __typename
            ... on EnrolmentBegun { enrolment { id ... on TotpEnrolment { secret uri } } }
            ... on Refusal { code message }
          }
        }
        """,
        "EnrolmentBegun",
        input={"signIn": sign_in, "factor": "totp"},
    )["enrolment"]
    confirmed = device.ask(
        """
        mutation ($input: ConfirmEnrolmentInput!) {
          confirmEnrolment(input: $input) {
            __typename
            ... on EnrolmentConfirmed { step { __typename ... on FallbackUnconfirmed { token factor } } }
            ... on Refusal { code message }
          }
        }
        """,
        "EnrolmentConfirmed",
        input={
            "signIn": sign_in,
            "enrolment": begun["id"],
            "proof": {"totp": {"code": pyotp.TOTP(begun["secret"]).now()}},
        },
    )
    return dict(confirmed["step"])


def keep_recovery_codes(device: Device, step: Answer) -> Answer:
    """The answer of the last step: signed in."""
    issued = device.ask(
        """
        mutation ($input: FallbackInput!) {
          issueFallback(input: $input) {
            __typename
            ... on FallbackIssued { id token issue { ... on RecoveryCodes { codes } } }
            ... on Refusal { code message }
          }
        }
        """,
        "FallbackIssued",
        input={"signIn": step["token"], "factor": step["factor"]},
    )
    return device.ask(
        """
        mutation ($input: ConfirmFallbackInput!) {
          confirmFallback(input: $input) {
            __typename
            ... on SignedIn { sessionToken access viewer { accessBlockers { code party message } } }
            ... on Refusal { code message }
          }
        }
        """,
        "SignedIn",
        input={"signIn": issued["token"], "factor": step["factor"], "issued": issued["id"]},
    )


def subscribe(device: Device, page: ClientConnection) -> None:
    """What the waiting page does once its socket is open."""
    document = "subscription { accessChanged { access accessBlockers { code party } } }"
    page.send(json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {device.token}"}}))
    _receive(page, "connection_ack")
    _show(f"{device.who} subscribes", document, {})
    page.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": document}}))


def show_change(page: ClientConnection) -> None:
    change = _receive(page, "next")["payload"]["data"]["accessChanged"]
    print(f"    ← {json.dumps(change)}")


def _receive(page: ClientConnection, kind: str) -> Answer:
    """The next message of this kind; the server may ping in between."""
    while True:
        try:
            message = json.loads(page.recv(timeout=_TIMEOUT))
        except TimeoutError as late:
            raise JourneyEnded(f"No {kind!r} came over the socket in {_TIMEOUT} seconds.") from late
        if message["type"] == kind:
            return dict(message)
        if message["type"] != "ping":
            raise JourneyEnded(f"The socket answered {message}.")
        page.send(json.dumps({"type": "pong"}))


def see_portal(device: Device) -> None:
    viewer = device.ask(
        """
        query {
          viewer {
            name access
            accessGrants { about relation scopes }
            nextAppointment { therapistName startsAt }
            factors { factor }
          }
        }
        """
    )
    if viewer["access"] != "APPROVED":
        raise JourneyEnded("Ada has no access.")


# --- showing and fetching -----------------------------------------------------------------------------------------


def _therapist_of(folder: Path) -> tuple[str, Answer]:
    """The practice's slug, and the therapist with password and the app's secret, as the demo noted them."""
    try:
        demo = json.loads((folder / "demo.json").read_text(encoding="utf-8"))
    except FileNotFoundError as missing:
        raise JourneyEnded(f"There is no demo in {folder}: run `make demo` in another terminal first.") from missing
    return demo["practice"], next(one for one in demo["staff"] if one["email"] == _THERAPIST)


def _fetch(request: Request) -> bytes:
    try:
        with urlopen(request, timeout=_TIMEOUT) as response:
            return bytes(response.read())
    except URLError as failed:
        raise JourneyEnded(f"{request.full_url} does not answer ({failed}): is `make demo` running?") from failed


_steps = iter(range(1, 100))


def _step(title: str) -> None:
    print(f"\n{next(_steps)}. {title}")


def _show(what: str, document: str, variables: Answer) -> None:
    print(f"\n    {what}")
    print(_indented(document, "      "))
    if variables:
        print(f"      {json.dumps(_short(variables), ensure_ascii=False)}")


def _short(value: object) -> object:
    """The value with tokens and ids cut, so that one answer is a line or two."""
    match value:
        case dict():
            return {name: _short(one) for name, one in value.items()}
        case list():
            return [_short(one) for one in value]
        case str() if len(value) > 40 and " " not in value:
            return f"{value[:12]}…"
    return value


def _indented(text: str, by: str) -> str:
    return textwrap.indent(text, by)


if __name__ == "__main__":
    sys.exit(main())
