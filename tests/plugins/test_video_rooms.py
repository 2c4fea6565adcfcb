"""Which video rooms the settings may name, the one line that anything else gets, and what Jitsi is told."""

import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

import plugins.video
from plugins import CONTRACT, PluginProblem, VideoVisit, build_video_rooms

Install = Callable[[str, str], None]

JITSI = {"url": "https://meet.example.org", "app_id": "sluis", "key": "hush " * 8}
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
VISIT = VideoVisit("0" * 32, "", "Bram", False, "nl", NOON, NOON - timedelta(minutes=15), NOON + timedelta(hours=1))


def docstring_example() -> str:
    text = inspect.getdoc(plugins.video) or ""
    lines = [line for line in text.partition("::\n")[2].splitlines() if not line or line.startswith("    ")]
    return textwrap.dedent("\n".join(lines))


TREEHOUSE = docstring_example()


def private_key(bits: int) -> str:
    key = rsa.generate_private_key(65537, bits)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def problem(names: Sequence[str], options: Mapping[str, Any]) -> str:
    """The text with which the start is refused: one line, for any configuration, without its secrets."""
    with pytest.raises(PluginProblem) as caught:
        build_video_rooms(names, options)
    text = str(caught.value)
    assert text.splitlines() == [text]
    assert "hush" not in text
    return text


def test_they_come_in_the_configured_order() -> None:
    assert [rooms.name for rooms in build_video_rooms(["link", "jitsi"], {"jitsi": JITSI})] == ["link", "jitsi"]
    assert list(build_video_rooms([], {})) == []
    assert build_video_rooms(["link"], {}).get("jitsi") is None


async def test_the_rooms_in_the_docstring_are_whole(install: Install) -> None:
    install("treehouse", TREEHOUSE)
    (rooms,) = build_video_rooms(["treehouse"], {"treehouse": {"url": "https://tree.example"}})
    assert await rooms.join(VISIT) == f"https://tree.example/{VISIT.room}"
    assert "must begin with https://" in problem(["treehouse"], {"treehouse": {"url": "http://tree.example"}})


@pytest.mark.parametrize(
    ("names", "options", "says"),
    [
        (["zoom"], {}, "video_rooms: there is no plugin 'zoom'; install it, or use one of: jitsi, link."),
        (["link", "link"], {}, "video_rooms: 'link' is there more than once"),
        (["link"], {"jitsi": JITSI}, "video_room_options: 'jitsi' is not among the video_rooms."),
        (["link"], {"link": {"url": "https://x.example"}}, "video_room_options.link.url: "),
        (["jitsi"], {}, "video_room_options.jitsi.url: "),
        (["jitsi"], {"jitsi": JITSI | {"url": "http://meet.example.org"}}, "must begin with https://"),
        (["jitsi"], {"jitsi": JITSI | {"key": "hush"}}, "key must have at least 32 bytes"),
        (["jitsi"], {"jitsi": JITSI | {"algorithm": "none"}}, "video_room_options.jitsi.algorithm: "),
        (["jitsi"], {"jitsi": JITSI | {"algorithm": "RS256"}}, "key must be a private RSA key of at least 2048 bits"),
        (
            ["jitsi"],
            {"jitsi": JITSI | {"algorithm": "RS256", "key": private_key(1024)}},
            "key must be a private RSA key of at least 2048 bits",
        ),
    ],
)
def test_a_bad_choice_or_option_is_one_line(names: list[str], options: dict[str, Any], says: str) -> None:
    assert says in problem(names, options)


@pytest.mark.parametrize(
    ("line", "instead", "says"),
    [
        ("return [Treehouse]", "return [1]", "has no video rooms of that name"),
        ("(VideoRooms)", "", "which is not a VideoRooms class"),
        ("def portal_video_rooms", "def other", "has no portal_video_rooms()"),
        ('name = "treehouse"', 'name = "treehouse"; contract = 2', f"contract 2; this is {CONTRACT}"),
        ("async def join", "async def enter", "do not implement join"),
        ('"en": "Treehouse"', '"en": ""', "need their title in en"),
        ("Config = TreehouseConfig", "Config = dict", "need a Config that subclasses plugins.Config"),
    ],
)
def test_rooms_that_are_not_well_formed(install: Install, line: str, instead: str, says: str) -> None:
    assert line in TREEHOUSE
    install("treehouse", TREEHOUSE.replace(line, instead))
    text = problem(["treehouse"], {"treehouse": {"url": "https://tree.example"}})
    assert text.startswith("video_rooms: ")
    assert says in text


async def test_the_hosted_jitsi_takes_a_key_pair() -> None:
    key = private_key(2048)
    options = {
        "url": "https://8x8.vc/vpaas-1",
        "app_id": "chat",
        "subject": "vpaas-1",
        "algorithm": "RS256",
        "key": key,
        "key_id": "vpaas-1/ab12",
    }
    (rooms,) = build_video_rooms(["jitsi"], {"jitsi": options})
    url = await rooms.join(VISIT)
    assert urlsplit(url).path == f"/vpaas-1/{VISIT.room}"
    (token,) = parse_qs(urlsplit(url).query)["jwt"]
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "kid": "vpaas-1/ab12", "typ": "JWT"}
    public = jwt.get_algorithm_by_name("RS256").prepare_key(key.encode()).public_key()
    unchecked: Any = {"verify_exp": False, "verify_nbf": False}
    claims = jwt.decode(token, public, ["RS256"], unchecked, audience="jitsi", issuer="chat")
    assert (claims["sub"], claims["room"], claims["moderator"]) == ("vpaas-1", VISIT.room, False)
    assert VISIT.room not in repr(VISIT)


async def test_a_jitsi_token_names_its_algorithm_room_server_and_end() -> None:
    (rooms,) = build_video_rooms(["jitsi"], {"jitsi": JITSI})
    (token,) = parse_qs(urlsplit(await rooms.join(VISIT)).query)["jwt"]
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
    unchecked: Any = {"verify_exp": False, "verify_nbf": False}
    claims = jwt.decode(token, JITSI["key"], ["HS256"], unchecked, audience="jitsi", issuer="sluis")
    assert (claims["sub"], claims["room"]) == ("meet.example.org", VISIT.room)
    assert (claims["nbf"], claims["exp"]) == (VISIT.opens_at.timestamp(), VISIT.closes_at.timestamp())
