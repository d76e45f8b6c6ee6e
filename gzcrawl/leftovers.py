"""Chromium that outlived its use: a browser that does not close, or that a killed process of ours left behind.

Each browser is started with a mark that says whose it is (process id and its start, so that an id used again deceives
nobody) and is the first of a process group of its own. Only what bears such a mark is ever ended, and only by the user
whose it is. Read from Linux's /proc; elsewhere nothing is found and nothing is ended.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import shutil
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path

MARK = "--gzcrawl-owner="
_NUMBER = itertools.count(1)
_PROC = Path("/proc")
_MARKED = re.compile(rb"\0" + MARK.encode() + rb"(\d+)-(\d+)-(\d+)\0")
_PROFILE = re.compile(rb"\0--user-data-dir=(/[^\0]*/playwright_chromiumdev_profile-\w+)\0")


def mark() -> str:
    """An argument for one browser of this process."""
    return f"{MARK}{os.getpid()}-{_started(os.getpid())}-{next(_NUMBER)}"


def mark_in(arguments: Iterable[str]) -> str:
    """The mark among the arguments a browser was started with."""
    return next(argument for argument in arguments if argument.startswith(MARK))


def end(mark: str) -> int:
    """End the browsers with that mark, at once; how many there were."""
    return sum(_end(pid, command) for pid, command in _browsers() if f"\0{mark}\0".encode() in command)


def end_orphans() -> int:
    """End the browsers of processes of ours that are gone; how many there were."""
    return sum(_end(pid, command) for pid, command in _browsers() if _is_orphan(command))


def _browsers() -> Iterator[tuple[int, bytes]]:
    """(process id, command line) of this user's marked browsers; not of what they started, which goes with them."""
    for folder in _PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            pid = int(folder.name)
            command = b"\0" + (folder / "cmdline").read_bytes()
            if _MARKED.search(command) and folder.stat().st_uid == os.geteuid() and os.getpgid(pid) == pid:
                yield pid, command


def _is_orphan(command: bytes) -> bool:
    found = _MARKED.search(command)
    return found is not None and _started(int(found[1])) != int(found[2])


def _end(pid: int, command: bytes) -> bool:
    with contextlib.suppress(OSError):
        os.killpg(pid, signal.SIGKILL)
        profile = _PROFILE.search(command)
        if profile:
            shutil.rmtree(os.fsdecode(profile[1]), ignore_errors=True)
        return True
    return False


def _started(pid: int) -> int:
    """When the process was started, in ticks since the machine was; 0 when there is none."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int((_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[19])
    return 0
