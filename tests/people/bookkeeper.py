"""Somebody who issues receipts at a practice, and what payers read."""

import io
from typing import Any

import httpx
from pypdf import PdfReader

from tests.people.cast import Person
from tests.people.device import Answer
from tests.people.planner import Planner
from tests.people.staff import StaffPerson

RECEIPT = """
fragment Issued on Receipt { id number issuedAt heldAt payer client clientBirthDate therapist therapistAgbCode
  therapistBigNumber practiceAgbCode practiceKvkNumber practiceVatNumber paidOn paidBy
  currency lines { description amount } total note
  voidedAt voidReason downloadUrl }"""
_CHANGED = """__typename ... on ReceiptChanged { receipt { ...Issued } }
  ... on InvalidInput { field path problemCode } ... on Refusal { code message }"""
_PAGE = "edges { cursor node { ...Issued } } pageInfo { hasNextPage endCursor }"
CONSULT = ({"description": "Consult", "amount": "95.00"},)


class Bookkeeper(Planner):
    """A member of staff with an agenda and a receipt book."""

    async def issues(self, appointment: Answer, respondent: Answer, *lines: Answer, **more: Any) -> Answer:
        """A receipt of an appointment; of one consultation, where no lines are given."""
        given = {
            "appointment": appointment["id"],
            "respondent": respondent["id"],
            "lines": list(lines or CONSULT),
            **more,
        }
        document = f"mutation($input: IssueReceiptInput!) {{ issueReceipt(input: $input) {{ {_CHANGED} }} }}{RECEIPT}"
        answer: Answer = await self.device.ask(document, input=given)
        return answer

    async def voids(self, receipt: Answer, reason: str = "Verkeerd bedrag") -> Answer:
        document = f"mutation($input: VoidReceiptInput!) {{ voidReceipt(input: $input) {{ {_CHANGED} }} }}{RECEIPT}"
        answer: Answer = await self.device.ask(document, input={"receipt": receipt["id"], "reason": reason})
        return answer

    async def sees_receipts(self, dossier: Answer, first: int = 25, after: str | None = None) -> Answer:
        """A page of a dossier's receipts."""
        page: Answer = await self.device.ask(DOSSIERS, dossier=dossier["id"], first=first, after=after)
        return page


DOSSIERS = f"""query($dossier: ID!, $first: Int! = 25, $after: String) {{
  dossierReceipts(dossier: $dossier, first: $first, after: $after) {{ {_PAGE} }} }}{RECEIPT}"""
OWN = f"query($first: Int! = 25, $after: String) {{ receipts(first: $first, after: $after) {{ {_PAGE} }} }}{RECEIPT}"


async def own_receipts(person: Person) -> list[Answer]:
    """What a payer sees."""
    page: Answer = await person.device.ask(OWN)
    return [for_anybody(edge["node"]) for edge in page["edges"]]


def for_anybody(receipt: Answer) -> Answer:
    """A receipt without the person for whom its address is."""
    return receipt | {"downloadUrl": receipt["downloadUrl"].partition("&viewer=")[0]}


def text_of(response: httpx.Response) -> str:
    """What a downloaded PDF says."""
    assert (response.status_code, response.headers["content-type"]) == (200, "application/pdf"), response.text
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages)


def keeping_books(person: StaffPerson) -> Bookkeeper:
    """The same person and device, with the receipt book."""
    keeper = Bookkeeper(person.sluis, person.own, person.device.transport, person.practice)
    keeper.device = person.device
    return keeper
