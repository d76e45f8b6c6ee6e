"""Work shared out among processes, because Python computes on one core in each. What they do must only read.

A process ends when the one that started it is gone: nobody takes what it sends. One that dies ends the work with an error.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import pickle
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from typing import TypeVar

Share = TypeVar("Share")
Told = TypeVar("Told")

Work = Callable[[Share], Iterator[Told]]
"""Picklable, as its shares and what it yields: it is called in another process."""


class ProcessDiedError(RuntimeError):
    """A process that worked for this one has ended before its time; its own error is on the console."""


def spread(work: Work[Share, Told], shares: Sequence[Share]) -> Iterator[Told]:
    """What `work` yields of each share, one of each share in turn: the order does not depend on who is faster."""
    with contextlib.ExitStack() as stack:
        waiting = deque(stack.enter_context(_process()) for _ in shares)
        pickled = ForkingPickler.dumps(work)  # once for all, while they start: it may hold a whole registry
        for pipe, share in zip(waiting, shares, strict=True):
            with _alive():
                pipe.send_bytes(pickled)
                pipe.send(share)
        while waiting:
            pipe = waiting.popleft()
            with _alive():
                told: Told | None = pipe.recv()
            if told is not None:
                yield told
                waiting.append(pipe)


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Without the collector: it would look through a whole registry again and again for what is freed by counting anyway."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextlib.contextmanager
def _process() -> Iterator[Connection]:
    """A process that waits for its work, and the pipe to it; it is ended on leaving."""
    context = multiprocessing.get_context("spawn")
    pipe, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs,), daemon=True)
    with pipe:
        process.start()
        theirs.close()
        try:
            yield pipe
        finally:
            process.terminate()
            process.join()


@contextlib.contextmanager
def _alive() -> Iterator[None]:
    try:
        yield
    except (EOFError, ConnectionError) as error:
        raise ProcessDiedError("研判进程意外结束") from error


def _work(pipe: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one that started it says when it ends
    with uncollected(), contextlib.suppress(ConnectionError):
        try:
            work: Work[object, object] = pickle.loads(pipe.recv_bytes())  # noqa: S301 -- by the one that started it
            share = pipe.recv()
        except EOFError:
            return
        for told in work(share):
            pipe.send(told)
        pipe.send(None)
