"""A process that has imported the product and forks itself for each command: quicker than a new import.

Standard input has a line of JSON for each command: ``id``, ``arguments``, ``environment``, and the files to print to,
``output`` and ``errors``. Standard output has one for each that was forked, ``id`` and ``pid``, and one for each that
ended: ``id`` and ``code``.
"""

import gc
import json
import multiprocessing
import os
import select
import signal
import sys
from pathlib import Path
from typing import Any


def _command(asked: dict[str, Any]) -> None:
    """In the child: all that a new process would have, then the command; never comes back."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for stream, name in ((1, "output"), (2, "errors")):
        os.dup2(os.open(asked[name], os.O_WRONLY), stream)
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.path[:0] = os.environ.get("PYTHONPATH", "").split(os.pathsep) if "PYTHONPATH" in os.environ else []
    sys.argv = ["server.py", *asked["arguments"]]
    # A server's workers are forked from it; tests/installation/test_serving.py has them start on their own.
    _subprocess.spawn = multiprocessing.get_context("fork")  # type: ignore[assignment]
    code = 1
    try:
        server.main()
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _serve() -> None:
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    # Unbuffered, so that what is not read yet is seen by select.
    commands = open(0, "rb", buffering=0, closefd=False)  # noqa: SIM115 - for as long as the process lives
    running: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([0, woken], [], [])
        if woken in ready:
            os.read(woken, 1024)
        for pid in list(running):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                said = {"id": running.pop(pid), "code": os.waitstatus_to_exitcode(status)}
                os.write(1, json.dumps(said).encode() + b"\n")
        if 0 in ready:
            line = commands.readline()
            if not line:
                return
            asked = json.loads(line)
            pid = os.fork()
            if not pid:
                _command(asked)
            running[pid] = asked["id"]
            os.write(1, json.dumps({"id": asked["id"], "pid": pid}).encode() + b"\n")


if __name__ == "__main__":
    sys.path.insert(0, os.fspath(Path.cwd()))
    import uvicorn._subprocess as _subprocess

    import server

    # Children share what is there now.
    gc.freeze()
    _serve()
