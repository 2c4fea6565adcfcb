"""What staff do with reports and with the answers to questionnaires."""

from typing import Any

from tests.people.cast import Person
from tests.people.device import Answer

REPORT = """fragment Paper on Report { id title mediaType size text addedBy archivedAt downloadUrl
  releases { id respondent respondentName relation releasedBy withdrawnAt } }"""
FORM = """fragment Form on AnswerForm { id title reference respondent respondentName relation completedAt deliveredBy
  withdrawnAt withdrawnReason groups { title questions { question answers } } }"""
_REPORTS = """query($dossier: ID!, $first: Int! = 25, $after: String, $archived: Boolean) {
  reports(dossier: $dossier, first: $first, after: $after, archived: $archived) {
    edges { cursor node { ...Paper } } pageInfo { hasNextPage endCursor } } }"""
_ANSWERS = """query($dossier: ID!, $respondent: ID, $first: Int! = 25, $after: String, $withdrawn: Boolean) {
  answers(dossier: $dossier, respondent: $respondent, first: $first, after: $after, withdrawn: $withdrawn) {
    edges { cursor node { ...Form } } pageInfo { hasNextPage endCursor } } }"""
_CHANGED = "__typename ... on ReportChanged { report { ...Paper } } ... on Refusal { code message }"
_DELIVERED = """__typename ... on AnswersChanged { form { ...Form } }
  ... on InvalidInput { field path } ... on Refusal { code message }"""
_AGAIN = "... on AnswersDelivered { again }"
_FIELD = "... on InvalidInput { field }"


class PaperWork(Person):
    """Somebody at work, with papers."""

    async def uploads(self, content: bytes, media_type: str = "application/pdf") -> str:
        """The id of a file that is taken."""
        answer = await self.device.send(content, media_type)
        assert answer.status_code == 201, answer.text
        identity: str = answer.json()["id"]
        return identity

    async def adds_report(self, dossier: str, title: str = "Verslag", **paper: str | None) -> Answer:
        """With ``file`` or ``text``."""
        given = {"dossier": dossier, "title": title, **paper}
        return await self._paper("addReport(input: $it)", "AddReportInput!", _FIELD, it=given)

    async def releases(self, report: str, *respondents: str) -> Answer:
        call = "releaseReport(report: $it, respondents: $to)"
        return await self._paper(call, "ID!, $to: [ID!]!", _FIELD, it=report, to=respondents)

    async def withdraws_report(self, release: str) -> Answer:
        return await self._paper("withdrawReport(release: $it)", "ID!", it=release)

    async def archives_report(self, report: str, reason: str = "staat dubbel") -> Answer:
        call = "archiveReport(report: $it, reason: $why)"
        return await self._paper(call, "ID!, $why: String!", _FIELD, it=report, why=reason)

    async def sees_reports(self, dossier: str, **asked: Any) -> list[Answer]:
        page: Answer = await self.device.ask(_REPORTS + REPORT, dossier=dossier, **asked)
        return [edge["node"] for edge in page["edges"]]

    async def delivers(self, respondent: str, reference: str, **form: Any) -> Answer:
        """Answers to a questionnaire; whatever is not given is as in an ordinary one."""
        given = {"respondent": respondent, "reference": reference, **ORDINARY, **form}
        document = (
            f"mutation($input: DeliverAnswersInput!) {{ deliverAnswers(input: $input) {{ {_DELIVERED} {_AGAIN} }} }}"
        )
        answer: Answer = await self.device.ask(document + FORM, input=given)
        return answer

    async def withdraws_answers(self, form: str, reason: str = "verkeerde persoon") -> Answer:
        call = "mutation($form: ID!, $why: String!) { withdrawAnswers(form: $form, reason: $why) "
        answer: Answer = await self.device.ask(f"{call} {{ {_DELIVERED} }} }}" + FORM, form=form, why=reason)
        return answer

    async def sees_answers(self, dossier: str, **asked: Any) -> list[Answer]:
        page: Answer = await self.device.ask(_ANSWERS + FORM, dossier=dossier, **asked)
        return [edge["node"] for edge in page["edges"]]

    async def sets_scopes(self, respondent: str, scopes: list[str] | None) -> Answer:
        answer: Answer = await self.device.ask(
            """mutation($id: ID!, $scopes: [Scope!]) { setAccessScopes(respondent: $id, scopes: $scopes) { __typename
                 ... on RespondentChanged { respondent { loginStatus { scopes scopesChosen } } }
                 ... on Refusal { code message } } }""",
            id=respondent,
            scopes=scopes,
        )
        return answer

    async def _paper(self, call: str, kinds: str, more: str = "", **given: Any) -> Answer:
        document = f"mutation($it: {kinds}) {{ {call} {{ {_CHANGED} {more} }} }}"
        answer: Answer = await self.device.ask(document + REPORT, **given)
        return answer


ORDINARY: dict[str, Any] = {
    "title": "Vragenlijst slaap",
    "completedAt": "2026-02-27T20:15:00+01:00",
    "groups": [
        {
            "title": "Nacht",
            "questions": [
                {"question": "Hoe laat gaat u naar bed?", "answers": ["23:00"], "order": 2},
                {"question": "Slaapt u goed?", "answers": ["Soms <b>niet</b>\nvooral op zondag"], "order": 1},
            ],
        },
        {"title": "", "questions": [{"question": "Wat hielp?", "answers": ["Lezen", "Thee 👩‍👧"]}]},
        {"title": "Dag", "order": -1, "questions": [{"question": "Bent u moe?", "answers": []}]},
    ],
}
