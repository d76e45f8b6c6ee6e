"""Work shared out among processes: in order, without orphans, and never half done in silence."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence

import pytest

from scheduler.processes import ProcessDiedError, spread


def doubled(share: list[int]) -> Iterator[int]:
    yield from (2 * number for number in share)


def pids(share: Sequence[int]) -> Iterator[int]:
    yield from (os.getpid() for _ in share)


def killed_half_way(share: list[int]) -> Iterator[int]:
    yield share[0]
    os.kill(os.getpid(), signal.SIGKILL)


def test_what_the_shares_give_comes_in_turn() -> None:
    assert list(spread(doubled, [[1, 3, 5], [2, 4]])) == [2, 4, 6, 8, 10]


def test_a_process_that_dies_is_an_error_not_an_end() -> None:
    with pytest.raises(ProcessDiedError):
        list(spread(killed_half_way, [[1, 2], [3, 4]]))


class EndsWhoUnpacksIt:
    def __reduce__(self) -> tuple[object, ...]:
        return sys.exit, ("no",)

    def __call__(self, share: Sequence[int]) -> Iterator[int]:
        return iter(share)


def test_a_process_that_ends_before_it_has_begun_is_an_error_too() -> None:
    with pytest.raises(ProcessDiedError):
        list(spread(EndsWhoUnpacksIt(), [range(3), range(10**6)]))


def test_nobody_works_on_when_the_one_who_asked_has_stopped() -> None:
    asked = spread(pids, [list(range(100_000))])
    left = next(asked)
    asked.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(left, 0)


def test_a_process_ends_when_the_one_who_asked_was_killed() -> None:
    program = (
        "import os, tests.test_processes as t\n"
        "print(next(t.spread(t.pids, [range(10**9)])), flush=True)\n"
        "os.kill(os.getpid(), 9)"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    with contextlib.suppress(ProcessLookupError):  # it has ended already
        orphan = os.pidfd_open(int(told.stdout))
        assert select.select([orphan], [], [], 30)[0]
        os.close(orphan)
