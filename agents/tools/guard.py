"""What a tool may not do: touch files, start processes, use the network, unless that was granted to it.

Python tells of each such deed before it is done (audit events, PEP 578); in the thread of a tool it is then
refused. This stops what a tool does by mistake, or by being asked cleverly; a tool is code that somebody
installed, and native code in it, or threads that it starts, are not seen.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Literal

from burgh.sim.types import BurghError

Grant = Literal["files", "processes", "network"]
GRANTS: tuple[Grant, ...] = ("files", "processes", "network")
DEEDS: dict[str, Grant] = {
    **dict.fromkeys(("open", "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.truncate"), "files"),
    **dict.fromkeys(("os.link", "os.symlink", "os.chmod", "os.chown", "shutil.rmtree"), "files"),
    **dict.fromkeys(("subprocess.Popen", "os.system", "os.exec", "os.fork", "os.forkpty"), "processes"),
    **dict.fromkeys(("os.posix_spawn", "os.spawn", "os.kill", "pty.spawn", "ctypes.dlopen"), "processes"),
    **dict.fromkeys(("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo"), "network"),
    **dict.fromkeys(("socket.gethostbyname", "urllib.Request"), "network"),
}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CODE = (".py", ".pyc", ".so", ".pyd")  # what an import reads
_here = threading.local()


class NotGranted(BurghError):
    """A tool tried what was not granted to it."""


@contextmanager
def only(granted: frozenset[str]) -> Iterator[None]:
    """What runs in this thread may do what is granted, and nothing else of DEEDS."""
    _listen()
    _here.granted = granted
    try:
        yield
    finally:
        _here.granted = None


@cache
def _listen() -> None:
    """Once for the process: Python lets nobody take such a hook away again."""
    sys.addaudithook(_heard)


def _heard(event: str, details: tuple[Any, ...]) -> None:
    granted = getattr(_here, "granted", None)
    if granted is None or event not in DEEDS or DEEDS[event] in granted:
        return
    if event == "open" and _is_of_packages(details):
        return
    what = f"{event} {details[0]}" if event == "open" else event
    raise NotGranted(f"it may not use {DEEDS[event]} ({what}): nobody granted that")


def _is_of_packages(details: tuple[Any, ...]) -> bool:
    """Whether something that was installed is opened for reading: packages are read when they are used."""
    name, _, flags = details
    if not isinstance(name, str) or (isinstance(flags, int) and flags & WRITING):
        return False
    return name.endswith(CODE) or os.path.realpath(name).startswith(_installed())


@cache
def _installed() -> tuple[str, ...]:
    """Where Python and its packages are."""
    places = {sys.prefix, sys.base_prefix, *(path for path in sys.path if path.endswith("site-packages"))}
    return tuple(sorted(os.path.realpath(place) + os.sep for place in places))
