"""Sealed values and keyed hashes: what opens, what never does, and what a rotation of keys leaves working."""

import base64
import hashlib
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from security.keys import CannotOpen, KeyRing, is_guessable, parse_key

OLD, NEW = ("2025", bytes(range(32))), ("2026", bytes(range(1, 33)))
NOISE = hashlib.sha256(b"noise").digest()
RING = KeyRing([NEW, OLD])
contexts = st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=4)


def entry(name: str, key: bytes) -> str:
    return f"{name}:{base64.urlsafe_b64encode(key).decode()}"


@given(st.binary(), contexts)
def test_what_was_sealed_opens_with_the_same_context(plain: bytes, context: list[str]) -> None:
    assert RING.open(RING.seal(plain, *context), *context) == plain


@given(st.binary(), contexts, contexts)
def test_another_context_never_opens(plain: bytes, context: list[str], other: list[str]) -> None:
    sealed = RING.seal(plain, *context)
    if context != other:
        with pytest.raises(CannotOpen):
            RING.open(sealed, *other)


@pytest.mark.parametrize("other", [("ab", "c"), ("abc",), ("a", "bc", ""), ("bc", "a"), ()])
def test_context_parts_do_not_run_together(other: tuple[str, ...]) -> None:
    with pytest.raises(CannotOpen):
        RING.open(RING.seal(b"secret", "a", "bc"), *other)


@given(st.binary(max_size=40), st.data())
def test_any_changed_byte_is_noticed(plain: bytes, data: st.DataObject) -> None:
    sealed = bytearray(RING.seal(plain, "row"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(CannotOpen):
        RING.open(bytes(sealed), "row")


@given(st.binary(max_size=60))
def test_what_was_never_sealed_does_not_open(noise: bytes) -> None:
    with pytest.raises(CannotOpen):
        RING.open(noise)


def test_what_a_key_sealed_begins_with_its_mark_and_with_no_other() -> None:
    names = ["2026", "202", "2026b", "x" * 16]
    ring = KeyRing([(name, bytes([number]) * 32) for number, name in enumerate(names, start=1)])
    assert (list(ring.marks), ring.active) == (names, "2026")
    for number, name in enumerate(names, start=1):
        sealed = KeyRing([(name, bytes([number]) * 32)]).seal(b"secret")
        assert [one for one, mark in ring.marks.items() if sealed.startswith(mark)] == [name]


def test_every_truncation_is_noticed() -> None:
    sealed = RING.seal(b"secret")
    for length in range(len(sealed)):
        with pytest.raises(CannotOpen):
            RING.open(sealed[:length])


def test_the_same_value_never_seals_to_the_same_bytes() -> None:
    assert len({RING.seal(b"secret") for _ in range(100)}) == 100


def test_the_layout_is_version_key_id_nonce_ciphertext() -> None:
    sealed = RING.seal(b"secret")
    assert sealed[:6] == b"\x01\x042026"
    assert len(sealed) == 6 + 12 + len(b"secret") + 16


def test_a_foreign_key_under_the_same_id_does_not_open() -> None:
    with pytest.raises(CannotOpen):
        KeyRing([("2026", bytes(32))]).open(RING.seal(b"secret"))


def test_an_unknown_key_id_does_not_open() -> None:
    with pytest.raises(CannotOpen):
        KeyRing([OLD]).open(RING.seal(b"secret"))


def test_after_a_rotation_old_values_open_and_ask_to_be_resealed() -> None:
    sealed = KeyRing([OLD]).seal(b"secret", "row")
    assert RING.open(sealed, "row") == b"secret"
    assert RING.needs_reseal(sealed)
    assert not RING.needs_reseal(RING.seal(b"secret", "row"))


@pytest.mark.parametrize("noise", [b"", b"\x01", b"\x02\x042026", b"\x01\x052026"])
def test_needs_reseal_refuses_what_is_no_sealed_value(noise: bytes) -> None:
    with pytest.raises(CannotOpen):
        RING.needs_reseal(noise)


def test_a_mac_depends_on_data_context_and_key() -> None:
    values = [
        RING.mac(b"data", "phone"),
        RING.mac(b"data", "email"),
        RING.mac(b"data"),
        RING.mac(b"other", "phone"),
        RING.mac(b"ephone", "phon"),
        KeyRing([OLD]).mac(b"data", "phone"),
    ]
    assert len(set(values)) == len(values)
    assert {len(value) for value in values} == {32}
    assert RING.mac(b"data", "phone") == values[0]


def test_macs_find_what_was_stored_before_the_rotation() -> None:
    stored = KeyRing([OLD]).mac(b"data", "phone")
    assert list(RING.macs(b"data", "phone")) == [RING.mac(b"data", "phone"), stored]


def test_parse_reads_padded_and_unpadded_keys_in_order() -> None:
    ring = KeyRing.parse([entry(*NEW), entry(*OLD).rstrip("=")])
    assert ring.open(RING.seal(b"secret")) == b"secret"
    assert ring.needs_reseal(KeyRing([OLD]).seal(b"secret"))


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        ([], "at least one"),
        (["c2VjcmV0"], "number 1: must have the form id:key"),
        ([":" + "A" * 43], "number 1: its id"),
        (["seventeen-letters:" + "A" * 43], "number 1: its id"),
        (["spaced id:" + "A" * 43], "number 1: its id"),
        (["é:" + "A" * 43], "number 1: its id"),
        (["k:" + "A" * 42], "number 1: 32 bytes are needed, it has 31"),
        (["k:" + "A" * 44], "number 1: 32 bytes are needed, it has 33"),
        (["k:"], "number 1: 32 bytes are needed, it has 0"),
        ([entry(*NEW), "k:" + "A" * 42 + "é"], "number 2: the key must be base64url"),
        ([entry(*NEW), "k:" + "A" * 42 + "+"], "number 2: the key must be base64url"),
        (["k:" + "A" * 41], "number 1: the key is not whole"),
        ([entry("k", bytes(32)), entry("k", bytes(range(32)))], "same id"),
        ([entry("a", bytes(32)), entry("b", bytes(32))], "same key"),
    ],
)
def test_bad_settings_are_named_by_number(entries: list[str], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        KeyRing.parse(entries)


def test_neither_repr_nor_errors_show_a_key() -> None:
    secret = "hunter2hunter2hunter2"
    for bad in (secret, f"k:{secret}", f"k:{secret}!"):
        with pytest.raises(ValueError, match="number 1") as caught:
            KeyRing.parse([bad])
        assert secret not in str(caught.value)
        assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert repr(RING) == str(RING) == "KeyRing(active='2026', keys=2)"
    assert repr(NEW[1])[2:-1] not in repr(vars(RING))


@pytest.mark.parametrize(
    "secret",
    [
        bytes(32),
        b"\xff" * 32,
        b"\xde\xad\xbe\xef" * 8,
        NOISE[:16] * 2,
        NOISE[:11] + bytes(21),
        OLD[1],
        bytes(range(255, 223, -1)),
        bytes(n * 7 % 256 for n in range(32)),
        bytes(range(16)) + bytes(range(16, 0, -1)),
        b"correct horse battery staple!!!!",
        "één fiets in de Jordaan, café Ü".encode()[:32],
        b"hunter2".ljust(32, b"\0"),
        b"hunter2 and more of it".ljust(32, b"\0"),
        b"hunter2 and more of it".ljust(32),
        b"a passphrase and its line break\n",
        NOISE[:16].hex().encode(),
        base64.b64encode(NOISE[:24]),
        base64.b64encode(NOISE[:22]),
        base64.urlsafe_b64encode(NOISE[8:]),
        b"no secret: for development only!",
    ],
)
def test_what_people_make_up_is_guessable(secret: bytes) -> None:
    assert is_guessable(secret.ljust(32, b"\0"))


@pytest.mark.parametrize(
    "written",
    [
        "correct-horse-battery-staple-correct-horse-",
        "CHANGE-ME-CHANGE-ME-CHANGE-ME-CHANGE-ME-CHA",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopq",
        "0123456789" * 4 + "012",
        "Change_Me1" * 4 + "Cha",
    ],
)
def test_what_people_make_up_in_base64url_is_guessable(written: str) -> None:
    assert is_guessable(parse_key(1, f"own:{written}")[1])


@given(st.binary(min_size=1, max_size=16))
def test_what_repeats_itself_is_guessable(pattern: bytes) -> None:
    assert is_guessable((pattern * 32)[:32])


@given(st.text(st.characters(max_codepoint=0x24F, exclude_categories=["C", "Z"]), max_size=32))
def test_a_passphrase_is_guessable_however_long(text: str) -> None:
    encoded = text.encode()
    if len(encoded) <= 32:
        assert is_guessable(encoded.ljust(32, b"\0"))


def test_random_keys_are_never_guessable() -> None:
    assert not any(is_guessable(secrets.token_bytes(32)) for _ in range(20_000))
