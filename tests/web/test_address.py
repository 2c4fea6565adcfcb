"""What the built-in pages read in an address: run by node, which reads the module as a browser does."""

import asyncio
import base64
import json
import shutil
from pathlib import Path

import pytest

MODULE = Path(__file__).parents[2] / "web" / "static" / "address.js"
TOKEN = "aB3_-x" * 7
ACCEPT: dict[str, object] = {"slug": "demo", "page": "accept", "token": TOKEN, "clean": "/p/demo/accept"}
PORTAL: dict[str, object] = {"slug": "demo", "page": "", "token": None, "clean": "/p/demo"}
READ: list[tuple[str, str, dict[str, object] | None]] = [
    ("/p/demo/accept", f"#token={TOKEN}", ACCEPT),
    ("/p/demo/accept/", f"#token={TOKEN}", ACCEPT),
    ("/p/Demo/ACCEPT", f"#token={TOKEN}", ACCEPT),
    ("/p/demo/accept", f"#token%3D{TOKEN}", ACCEPT),
    ("/p/demo/accept", f"#token={TOKEN}&utm_source=mail", ACCEPT),
    (f"/p/demo/accept%23token={TOKEN}", "", ACCEPT),
    (f"/p/demo/accept%23token%3D{TOKEN}", "", ACCEPT),
    (f"/p/demo/accept%2523token={TOKEN}", "", ACCEPT),
    (f"/p/demo/accept/%23token={TOKEN}", "", ACCEPT),
    ("/p/demo/accept", "", ACCEPT | {"token": None}),
    ("/p/demo/accept", "#other=1", ACCEPT | {"token": None}),
    ("/p/demo", "", PORTAL),
    ("/p/DEMO/", "", PORTAL),
    ("/p/demo/other", "", None),
    (f"/p/{'a' * 41}", "", None),
    ("/", "", None),
]


#: What people copy from the mail, and the token in it.
COPIED: dict[str, str | None] = {
    TOKEN: TOKEN,
    f"  {TOKEN}\n": TOKEN,
    f"https://portal.example/p/demo/accept#token={TOKEN}": TOKEN,
    f"https://portal.example/p/demo/accept%23token%3D{TOKEN}": TOKEN,
    f"#token={TOKEN}": TOKEN,
    "": None,
    "1234 5678": None,
    "https://portal.example/p/demo/accept": None,
}


async def test_the_token_is_found_wherever_a_mail_program_puts_it() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("this test needs node")
    cases = json.dumps([[path, fragment] for path, fragment, _ in READ])
    script = f"""
        const {{ readAddress, tokenOf }} = await import("data:text/javascript;base64,{_base64(MODULE)}");
        const copied = {json.dumps(list(COPIED))}.map(tokenOf);
        console.log(JSON.stringify([{cases}.map(([path, hash]) => readAddress(path, hash)), copied]));
    """
    process = await asyncio.create_subprocess_exec(
        node, "--input-type=module", "--eval", script, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await asyncio.wait_for(process.communicate(), 60)
    assert json.loads(output) == [[expected for *_, expected in READ], list(COPIED.values())]


def _base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
