"""Lines of the log, as a processor reads them in production; each test starts a process of its own."""

import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

FORGED = 'x"}\n{"event": "forged"}\r\n\x1b[2J\u2028'
SAYS = """
import logging, sys
import structlog
from commands.logs import set_up_logs
from settings import load_settings

set_up_logs(load_settings(log_format="json", log_level="INFO"))
structlog.get_logger("flows.example").warning("example.happened", said=sys.argv[1])
logging.getLogger("elsewhere").warning("%s", sys.argv[1])
"""


def logged(said: str) -> list[dict[str, Any]]:
    """What a process logs that is told this, line by line."""
    root = Path(__file__).parents[2]
    ended = subprocess.run([sys.executable, "-c", SAYS, said], cwd=root, capture_output=True, check=True, timeout=60)
    assert b"\x1b" not in ended.stderr
    return [json.loads(line) for line in ended.stderr.splitlines()]


def test_a_line_is_json_with_its_time_in_utc() -> None:
    ours, theirs = logged("this")
    assert (ours["event"], ours["said"], ours["level"], ours["logger"]) == (
        "example.happened",
        "this",
        "warning",
        "flows.example",
    )
    assert (theirs["event"], theirs["logger"]) == ("this", "elsewhere")
    for line in (ours, theirs):
        assert datetime.fromisoformat(line["timestamp"]).utcoffset() == timedelta(0)


def test_what_is_logged_forges_no_line() -> None:
    ours, theirs = logged(FORGED)
    assert (ours["said"], theirs["event"]) == (FORGED, FORGED)
