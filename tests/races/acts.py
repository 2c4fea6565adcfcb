"""What races: each mutation as somebody asks for it, and what of a scene it touches.

Two acts race if they touch one thing. A mutation that is in neither list fails the tests: add it, or say why not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.races.scene import PASSWORD, Scene

NEW_PASSWORD = "paarse kikker in de regen"

Arguments = Callable[[Scene], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Act:
    """``mutation``, asked for by ``who`` (a session of the scene, None: nobody) with ``arguments``.

    ``touches`` are the accounts, respondents, dossiers and members of staff that it reads or writes. ``before`` is
    asked for first, alone, and its answer handed to ``arguments`` as ``scene.ids["before"]``.
    """

    mutation: str
    who: str | None
    touches: frozenset[str]
    arguments: Arguments
    note: str = ""

    def __str__(self) -> str:
        return f"{self.mutation}({self.note})" if self.note else self.mutation


def _act(mutation: str, who: str | None, touches: str, arguments: Arguments, note: str = "") -> Act:
    return Act(mutation, who, frozenset(touches.split()), arguments, note)


def _id(argument: str, name: str) -> Arguments:
    return lambda scene: {argument: scene.ids[name]}


def _input(**values: Any) -> Arguments:
    """An input object; a value may be a function of the scene."""
    return lambda scene: {"input": {key: value(scene) if callable(value) else value for key, value in values.items()}}


def _of(name: str) -> Callable[[Scene], str]:
    return lambda scene: scene.ids[name]


def _token(name: str) -> Callable[[Scene], str]:
    return lambda scene: scene.tokens[name]


def _at(**ahead: float) -> Callable[[Scene], str]:
    return lambda scene: (scene.now + timedelta(**ahead)).isoformat()


def _slug(scene: Scene) -> str:
    return scene.slug


def _totp(app: str) -> Callable[[Scene], Any]:
    return lambda scene: {"totp": {"code": scene.code(app)}}


def _address(name: str) -> Callable[[Scene], str]:
    return lambda scene: f"{name}@{scene.slug}.example"


def _version(argument: str, name: str) -> Arguments:
    return lambda scene: {argument: scene.ids[name], "version": 0}


def _archived(report: str) -> Arguments:
    return lambda scene: {"report": scene.ids[report], "reason": "Fout"}


def _respondents_acts(name: str, touches: str) -> list[Act]:
    """What staff do to one respondent by its id alone."""
    acts = ("approveAccess", "deactivateAccess", "resetFactors", "endRespondentSessions", "replaceLoginCode")
    more = ("revokeRespondentDevices", "inviteRespondent")
    return [_act(each, "olga", touches, _id("respondent", name), name) for each in (*acts, *more)]


_ADA = "ada r1 r2 d1 d2"
_SIGNING_IN = [
    _act("signIn", None, "ada", _input(practice=_slug, login=lambda s: s.logins["ada"], password=PASSWORD,
         transport="BEARER"), "by code"),
    _act("signIn", None, "ada", _input(practice=_slug, login=_address("ada"), password=PASSWORD, transport="BEARER",
         deviceToken=_token("device of ada")), "on a remembered device"),
    _act("confirmPassword", None, "bo", _input(signIn=_token("sign-in of bo"), password=PASSWORD)),
    _act("openChallenge", None, "ada", _input(signIn=_token("sign-in of ada"), factor="totp")),
    _act("declineFactor", None, "bo", lambda s: {"signIn": s.tokens["sign-in of bo"]}),
    _act("setNewPassword", None, "sam", _input(signIn=_token("sign-in of sam"), password=NEW_PASSWORD)),
    _act("answerFactor", None, "ada", _input(signIn=_token("sign-in of ada"), challenge=_of("sign in"),
         proof=_totp("ada"), rememberSeconds=86400)),
    _act("beginEnrolment", None, "bo", _input(signIn=_token("sign-in of bo"), factor="totp"), "signing in"),
]  # fmt: skip
_OWN = [
    _act("issueFallback", "ada", "ada", _input(factor="recovery_codes")),
    _act("issueFallback", "otto", "otto", _input(factor="recovery_codes"), "as staff"),
    _act("confirmFallback", "otto", "otto", _input(factor="recovery_codes", issued=_of("codes of otto"))),
    _act("renameFactor", "ada", "ada", lambda s: {"id": s.ids["app of ada"], "label": "telefoon"}),
    _act("beginFactorRemoval", "ada", "ada", _id("id", "app of ada")),
    _act("removeFactor", "ada", "ada", _input(factor=_of("app of ada"), challenge=_of("REMOVE"), proof=_totp("ada"))),
    _act("beginStepUp", "ada", "ada", lambda s: {}),
    _act("stepUp", "ada", "ada", _input(password=PASSWORD, challenge=_of("STEP_UP"), proof=_totp("ada"))),
    _act("beginEnrolment", "ada", "ada", _input(factor="totp"), "in a session"),
    _act("confirmEnrolment", "ada", "ada", _input(enrolment=_of("enrol"), proof=_totp("new"))),
    _act("changePassword", "ada", "ada", _input(password=NEW_PASSWORD)),
    _act("signOut", "ada", "ada", lambda s: {}),
    _act("endSession", "ada", "ada", _id("id", "session of ada elsewhere")),
    _act("endOtherSessions", "ada", "ada", lambda s: {}),
    _act("renameDevice", "ada", "ada", lambda s: {"id": s.ids["device of ada"], "label": "telefoon"}),
    _act("revokeDevice", "ada", "ada", _id("id", "device of ada")),
    _act("revokeAllDevices", "ada", "ada", lambda s: {}),
    _act("setLanguage", "ada", "ada", lambda s: {"language": "en"}),
    _act("changeEmail", "ada", "ada", _input(email=_address("ada-anders"))),
    _act("requestChange", "ada", _ADA, _input(birthDate="1991-02-03")),
    _act("withdrawChange", "ada", _ADA, _id("request", "change")),
    _act("closeAccount", "ada", _ADA, _input(password=PASSWORD)),
    _act("linkInvitation", "ada", "ada invited d1", lambda s: {"token": s.tokens["invited"]}),
    _act("verifyEmail", "ada elsewhere", "ada", lambda s: {"token": s.tokens["CHANGE_EMAIL"]}, "another address"),
    _act("verifyEmail", "una", "una", lambda s: {"token": s.tokens["verify"]}, "signed up"),
    _act("resendVerification", "una", "una", lambda s: {}),
]
_BY_MAIL = [
    _act("forgotPassword", None, "ada", _input(practice=_slug, login=_address("ada"))),
    _act("forgotLoginCode", None, "ada", _input(practice=_slug, email=_address("ada"))),
    _act("resetPassword", None, _ADA, _input(token=_token("RESET_PASSWORD"), password=NEW_PASSWORD)),
    _act("openInvitation", None, "invited d1", lambda s: {"token": s.tokens["invited"]}),
    _act("acceptInvitation", None, "invited d1", _input(token=_token("invited"), password=NEW_PASSWORD)),
    _act("acceptInvitation", None, "noor", _input(token=_token("noor"), password=NEW_PASSWORD), "as staff"),
    _act("askNewInvitation", None, "expired d1", lambda s: {"token": s.tokens["expired"]}),
    _act("signUp", None, "nobody invited", _input(practice=_slug, email=_address("nobody"), name="Nico Nieuw",
         phone="+31612345678", birthDate="1990-05-17", password=NEW_PASSWORD)),
]  # fmt: skip
_DOSSIERS = [
    _act("updateDossier", "tess", "d1", _input(id=_of("d1"), version=0, name="Ada Anders")),
    _act("closeDossier", "olga", "d1 r1 ada invited expired nobody r_bo bo r_sam sam r_zoe zoe",
         _version("dossier", "d1")),
    _act("closeDossier", "olga", "d2 r2 ada", _version("dossier", "d2"), "the other"),
    _act("reopenDossier", "olga", "closed", _version("dossier", "closed")),
    _act("addRespondent", "olga", "closed", _input(dossier=_of("closed"), name="Carla", relation="PARENT"), "closed"),
    _act("addRespondent", "tess", "d1", _input(dossier=_of("d1"), name="Carla", relation="PARENT")),
    *(
        _act("updateRespondent", "tess", f"{name} d1", _input(id=_of(name), version=0, email=_address("beter")), name)
        for name in ("invited", "expired", "nobody")
    ),
    _act("updateRespondent", "tess", "r1 d1", _input(id=_of("r1"), version=0, name="Ada Anders"), "a name"),
    *_respondents_acts("r1", "r1 ada d1"),
    *_respondents_acts("r2", "r2 ada d2"),
    *_respondents_acts("r_bo", "r_bo bo d1"),
    *_respondents_acts("r_zoe", "r_zoe zoe d1"),
    *(
        _act("inviteRespondent", "tess", f"{name} d1", _id("respondent", name), name)
        for name in ("invited", "expired", "nobody")
    ),
    _act("revokeInvitation", "tess", "invited d1", _id("respondent", "invited")),
    *(
        _act("giveStarterPassword", "tess", f"{name} {touched}", _input(respondent=_of(name)), name)
        for name, touched in (("invited", "d1"), ("expired", "d1"), ("nobody", "d1"), ("r_sam", "sam d1"))
    ),
    _act("revokeRespondentDevice", "tess", "r1 ada d1",
         lambda s: {"respondent": s.ids["r1"], "device": s.ids["device of ada"]}),
    _act("setAccessScopes", "tess", "r1 ada d1", lambda s: {"respondent": s.ids["r1"], "scopes": ["ANSWERS"]}),
    _act("correctAccountEmail", "olga", _ADA, _input(respondent=_of("r1"), email=_address("beter"))),
    _act("suspendAccount", "adam", _ADA, _input(respondent=_of("r1"), reason="Op verzoek")),
    _act("reinstateAccount", "adam", "r_zoe zoe d1", _input(respondent=_of("r_zoe"), reason="Op verzoek")),
    _act("decideChange", "olga", _ADA, _input(request=_of("change"), accept=True)),
    _act("exemptFromFactor", "olga", "r_bo bo d1", _input(person=_of("r_bo"), reason="Kan niet", until=_at(days=9))),
]  # fmt: skip
_PROSPECTS = [
    _act("verifyProspect", "olga", "una", _input(prospect=_of("una"), reason="Gezien")),
    *(_act("rejectProspect", "olga", name, _input(prospect=_of(name)), name) for name in ("pia", "una")),
    _act("createClient", "olga", "pia tess", _input(prospect=_of("pia"), reference="new",
         therapists=lambda s: [s.ids["tess"]])),
    *(
        _act("associateProspect", "olga", f"pia {name} d1", _input(prospect=_of("pia"), respondent=_of(name)), name)
        for name in ("nobody", "invited", "expired")
    ),
]  # fmt: skip
_PAPERS = [
    *(
        _act("bookAppointment", "tess", "d1 r1 tess", _input(dossier=_of("d1"), attendees=lambda s: [s.ids["r1"]],
             startsAt=_at(days=3, minutes=late), endsAt=_at(days=3, minutes=late + 60)), f"{late} minutes later")
        for late in (0, 30)
    ),
    _act("moveAppointment", "tess", "d1 r1 tess", _input(id=_of("coming"), version=0, startsAt=_at(days=3, minutes=15),
         endsAt=_at(days=3, minutes=75))),
    _act("cancelAppointment", "tess", "d1 r1 tess", _input(id=_of("coming"), version=0, reason="Ziek")),
    *(
        _act("addStaffToAppointment", "tess", f"d1 {name}", _input(id=_of("coming"), version=0, staffMember=_of(name)),
             name)
        for name in ("adam", "olga")
    ),
    _act("removeStaffFromAppointment", "tess", "d1 otto", _input(id=_of("coming"), version=0, staffMember=_of("otto"))),
    _act("completeAppointment", "tess", "d1 r1 tess", _input(id=_of("past"), version=0)),
    _act("addReport", "tess", "d1", _input(dossier=_of("d1"), title="Nieuw", text="Verslag")),
    _act("releaseReport", "tess", "d1 r1 ada", lambda s: {"report": s.ids["report"], "respondents": [s.ids["r1"]]}),
    _act("withdrawReport", "tess", "d1 r1", _id("release", "release")),
    *(_act("archiveReport", "tess", "d1 r1", _archived(name), name) for name in ("report", "released")),
    _act("deliverAnswers", "tess", "d1 r1", _input(respondent=_of("r1"), reference="other", title="Lijst",
         completedAt=_at(days=-1), groups=[{"title": "", "questions": [{"question": "Hoe?", "answers": ["Goed"]}]}])),
    _act("withdrawAnswers", "tess", "d1 r1", lambda s: {"form": s.ids["form"], "reason": "Fout"}),
    _act("issueReceipt", "tess", "d1 r1", _input(appointment=_of("past"), respondent=_of("r1"),
         lines=[{"description": "Consult", "amount": "95.00"}])),
]  # fmt: skip
_STAFF = [
    _act("inviteStaff", "adam", "adam", _input(name="Nieuw", email=_address("nieuw"), role="THERAPIST")),
    _act("resendStaffInvitation", "adam", "noor adam", _id("staffMember", "noor")),
    _act("setStaffRole", "olga", "adam olga", _input(staffMember=_of("adam"), role="OWNER"), "adam rises"),
    _act("setStaffRole", "adam", "adam otto", _input(staffMember=_of("otto"), role="THERAPIST"), "adam takes otto's"),
    _act("setStaffRole", "olga", "olga otto", _input(staffMember=_of("otto"), role="ADMIN"), "olga takes otto's"),
    _act("setStaffRole", "otto", "olga otto", _input(staffMember=_of("olga"), role="ADMIN"), "otto takes olga's"),
    _act("setStaffRole", "otto", "adam otto", _input(staffMember=_of("adam"), role="THERAPIST"), "adam falls"),
    *(
        _act(each, "adam", "tess d1 adam", lambda s: {"staffMember": s.ids["tess"], "dossiers": [s.ids["d1"]]})
        for each in ("addToCaseload", "removeFromCaseload")
    ),
    _act("setCaseload", "adam", "tess d1 d2 adam", _input(staffMember=_of("tess"), dossiers=lambda s: [s.ids["d2"]])),
    _act("suspendStaff", "adam", "tess adam", _id("staffMember", "tess"), "tess"),
    _act("suspendStaff", "adam", "noor adam", _id("staffMember", "noor"), "noor"),
    _act("suspendStaff", "olga", "adam olga", _id("staffMember", "adam"), "adam"),
    _act("suspendStaff", "olga", "olga otto", _id("staffMember", "otto"), "otto, by olga"),
    _act("suspendStaff", "otto", "olga otto", _id("staffMember", "olga"), "olga, by otto"),
    _act("reinstateStaff", "adam", "tess adam", _id("staffMember", "tess")),
    _act("resetStaffFactors", "olga", "tess olga", _id("staffMember", "tess")),
    _act("exemptFromFactor", "olga", "tess olga", _input(person=_of("tess"), reason="Kan niet", until=_at(days=9)),
         "staff"),
    _act("setStaffRegistration", "olga", "tess olga", _input(staffMember=_of("tess"), bigNumber="49012345601")),
    _act("endExemption", "olga", "tess olga", _id("person", "tess")),
    _act("setPolicy", "olga", "olga adam otto", _input(audience="STAFF", remember=[86400], rememberDefault=86400)),
    _act("updatePractice", "olga", "olga adam otto", _input(version=0, helpdeskPhone="020 555 0100")),
]  # fmt: skip

ACTS = (*_SIGNING_IN, *_OWN, *_BY_MAIL, *_DOSSIERS, *_PROSPECTS, *_PAPERS, *_STAFF)

#: Mutations that do not race here, each with the reason.
EXCLUDED = {
    "startPasswordless": "nobody is known yet: it touches no account",
    "answerPasswordless": "needs a key's signature; tests/journeys/signin/test_passwordless.py races it",
    "createDossier": "what it makes nobody else can name yet; a reference is the database's own rule",
    "joinAppointment": "stores nothing but that it was asked",
    "changePhone": "needs an SMS gateway; holds the account as changeEmail does",
    "confirmPhone": "as changePhone",
    "openPasswordReset": "looks at a link and stores nothing",
    "openVerification": "as openPasswordReset",
    "voidReceipt": "one update of one row, which nothing else writes",
}

#: Acts that are refused while nobody races them, and what with: they are here for what might let them through.
REFUSED_ALONE = {
    "addRespondent(closed)": "DOSSIER_CLOSED",
    "setStaffRole(adam takes otto's)": "NOT_ALLOWED",
    "inviteRespondent(r_bo)": "ALREADY_HAS_LOGIN",
    "inviteRespondent(r_zoe)": "ACCOUNT_SUSPENDED",
    "approveAccess(r_zoe)": "ACCOUNT_SUSPENDED",
}
