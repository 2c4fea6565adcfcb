"""What a document may cost before anybody is known: counted first, kept where it is good, and told in few words."""

import gc
import tracemalloc
from datetime import timedelta

import pytest
from graphql import parse
from structlog.testing import capture_logs

from schema.http.document import documents as module
from schema.http.document.bad_documents import BadDocuments
from schema.http.document.documents import Documents
from schema.transport import TransportRules
from tests.schema.running import Served, person
from tests.schema.small import small_schema
from tests.support.clock import MONDAY_NOON, Clock

FIELDS = " ".join(f"a{number}: 1" for number in range(51))
LEVELS: object = 1
for _ in range(25):
    LEVELS = [LEVELS]

#: What is refused before it is validated, and by which word.
HEAVY = {
    "fields": f"{{ painted(paint: {{ {FIELDS} }}) }}",
    "items": f"{{ hello(name: [{'1 ' * 501}]) }}",
    "nested values": f"{{ hello(name: {'[' * 30}{' 1' * 500}{']' * 30}) }}",
    "arguments": f"{{ hello({' '.join(f'a{n}: 1' for n in range(501))}) }}",
    "values of directives": f"{{ hello @include({' '.join(f'a{n}: 1' for n in range(501))}) }}",
    "defaults": f"query($a: Int = [{'1 ' * 501}]) {{ hello }}",
    "values of fragments": f"{{ hello }} fragment F on Query {{ hello(name: [{'1 ' * 501}]) }}",
    "variables": f"query({' '.join(f'$a{n}: Int' for n in range(51))}) {{ hello }}",
    "definitions": "{ hello } " + " ".join(f"query q{n} {{ hello }}" for n in range(120)),
    "characters": "{ hello } #" + "x" * 20_000,
}
#: Each prints what it objects to: 1.6 MB of errors before.
ATTACK = "{ painted(paint: { " + " ".join(f"a{n}: 1" for n in range(49)) + ' z: "' + "x" * 15_000 + '🦢" }) }'


@pytest.mark.parametrize("what", HEAVY)
async def test_values_are_counted_before_they_are_validated(
    endpoint: Served, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    validated: list[object] = []
    monkeypatch.setattr(module, "validate", lambda *given, **_: validated.append(given))
    answer = await endpoint.post(HEAVY[what])
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "BAD_QUERY"}
    assert "more than" in error["message"]
    assert (validated, len(answer.content) < 300) == ([], True)


async def test_few_errors_in_few_words(endpoint: Served) -> None:
    answer = await endpoint.post(ATTACK)
    errors = answer.json()["errors"]
    assert {error["extensions"]["code"] for error in errors} == {"BAD_QUERY"}
    assert 1 <= len(errors) <= 6
    assert all(len(error["message"]) <= 300 for error in errors)
    assert "xxx" not in answer.text, "nothing that the client gave"
    assert len(answer.content) < 4_000


async def test_few_errors_of_variables_in_few_words(endpoint: Served) -> None:
    paint = {f"{number}{'x' * 1000}": 1 for number in range(50)}
    answer = await endpoint.post("query($p: Paint!) { painted(paint: $p) }", {"p": paint})
    errors = answer.json()["errors"]
    assert {error["extensions"]["code"] for error in errors} == {"BAD_QUERY"}
    assert 1 <= len(errors) <= 5
    assert len(answer.content) < 4_000


@pytest.mark.parametrize(
    "value",
    [
        {f"a{number}": 1 for number in range(51)},
        [{}] * 1_001,
        [0] * 30_001,
        [[0] * 10_000] * 4,
        LEVELS,
    ],
    ids=["fields", "objects", "items", "items in items", "levels"],
)
async def test_variables_are_counted_before_they_are_coerced(endpoint: Served, value: object) -> None:
    (error,) = (await endpoint.ask("query($p: Paint!) { painted(paint: $p) }", p=value))["errors"]
    assert "The variables have" in error["message"]
    assert error["extensions"] == {"code": "BAD_QUERY"}


async def test_a_form_as_large_as_any_is_let_through(endpoint: Served) -> None:
    questions = [{"question": f"{n}", "answers": ["x"] * 4} for n in range(500)]
    given = [{"title": "", "questions": questions[start : start + 10]} for start in range(0, 500, 10)]
    (error,) = (await endpoint.ask("query($p: Paint!) { painted(paint: $p) }", p=given))["errors"]
    assert "The variables have" not in error["message"], "it is wrong for another reason"


def documents() -> Documents:
    return Documents(small_schema()._schema, TransportRules().of_documents)


def test_bad_documents_are_not_kept() -> None:
    kept = documents()
    for number in range(500):
        assert kept.get(ATTACK.replace("xx", f"{number:04}", 1)).errors
        assert kept.get(f"{{ nothing{number} }}").errors
        assert kept.get(f"{{ hello{number}").errors
    assert (kept.kept_bytes, len(kept._kept)) == (0, 0)


def test_good_documents_are_kept_within_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    assert module._MOST_KEPT_BYTES <= 20_000_000
    monkeypatch.setattr(module, "_MOST_KEPT_BYTES", 500_000)
    kept = documents()
    fields = " ".join(f"a{number}: hello" for number in range(20))
    texts = [f"query q{number} {{ {fields} }}" for number in range(20)]
    for text in texts:
        assert kept.get(text).document is not None
        assert kept.kept_bytes <= 500_000
    assert kept.kept(texts[-1]) is not None
    assert kept.kept(texts[0]) is None
    assert 5 < len(kept._kept) < 20


@pytest.mark.parametrize(
    "text", ["query q{} {{ hello }}", "query q{} {{ " + "hello " * 31 + "}}", "{{ hello }} # {}" + "é" * 9_000]
)
def test_what_is_kept_takes_no_more_memory_than_is_counted(text: str) -> None:
    kept = documents()
    kept.get("{ hello }")
    gc.collect()
    tracemalloc.start()
    try:
        before, counted = tracemalloc.get_traced_memory()[0], kept.kept_bytes
        for number in range(50):
            assert kept.get(text.format(number)).document is not None
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown <= kept.kept_bytes - counted


@pytest.fixture
def rules() -> TransportRules:
    return TransportRules(bad_documents=3)


async def test_bad_documents_are_counted_for_their_address(
    endpoint: Served, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await endpoint.ask("{ hello }"))["data"] == {"hello": "hello you"}
    for number in range(3):
        assert (await endpoint.post(f"{{ nothing{number} }}")).json()["errors"][0]["extensions"]["code"] == "BAD_QUERY"
    parsed: list[object] = []
    monkeypatch.setattr(module, "parse", lambda *given, **_: parsed.append(given))
    refused = await endpoint.post("{ nothing4 }")
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["extensions"]["code"], parsed) == (429, "TOO_MANY_ATTEMPTS", [])
    assert refused.headers["retry-after"] == "60"
    assert (await endpoint.ask("{ hello }"))["data"] == {"hello": "hello you"}, "what is known to be good still runs"
    monkeypatch.undo()
    clock.forward(minutes=1)
    assert (await endpoint.ask("{ address }")).keys() == {"data"}


async def test_bad_documents_over_a_socket_count_as_well(database: object, endpoint: Served) -> None:
    ada = await person()
    async with endpoint.socket() as line:
        await line.sit(ada)
        codes = []
        for number in range(5):
            await line.subscribe(f"subscription {{ nothing{number} }}", str(number))
            (error,) = (await line.receive())["payload"]
            codes.append(error["extensions"]["code"])
    assert codes == ["BAD_QUERY"] * 3 + ["TOO_MANY_ATTEMPTS"] * 2
    assert (await endpoint.post("{ nothing }")).status_code == 429, "it is the same window"


def test_addresses_have_windows_of_their_own() -> None:
    window, now = BadDocuments(2), MONDAY_NOON
    for _ in range(2):
        assert window.retry_at("192.0.2.1", now) is None
        window.count("192.0.2.1", now)
    assert window.retry_at("192.0.2.1", now) == now + timedelta(minutes=1)
    assert window.retry_at("192.0.2.2", now) is None
    assert window.retry_at("192.0.2.1", now + timedelta(minutes=1)) is None
    for _ in range(2):
        window.count("2001:db8::1", now)
    assert window.retry_at("2001:db8::2", now), "a /64 is one subscriber"


def test_counting_takes_no_memory_however_many_addresses_there_are() -> None:
    window, now = BadDocuments(2), MONDAY_NOON
    for number in range(11_000):
        window.count(f"10.0.{number // 250}.{number % 250}", now)
    assert len(window._counts) <= 10_001
    assert window.retry_at("10.9.9.9", now), "those beyond count together"
    assert window.retry_at("10.0.0.1", now) is None


async def test_a_long_document_is_prepared_once(endpoint: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it is not kept, as when others push it out between the choice of its operation and its execution."""
    monkeypatch.setattr(module, "_MOST_KEPT_BYTES", 0)
    parsed: list[str] = []

    def counting(text: str, max_tokens: int) -> object:
        parsed.append(text)
        return parse(text, max_tokens=max_tokens)

    monkeypatch.setattr(module, "parse", counting)
    text = "query Once { hello }"
    assert (await endpoint.ask(text))["data"] == {"hello": "hello you"}
    assert parsed == [text]


async def test_what_is_logged_is_short(endpoint: Served) -> None:
    alias, name = "a" * 10_000, "o" * 5_000
    with capture_logs() as lines:
        await endpoint.ask(f"query {name} {{ {alias}: brokenBadly }}")
    assert any(line["event"] == "graphql.failed" for line in lines)
    assert max(len(str(line)) for line in lines) < 5_000
    assert alias[:100] not in str(lines)
