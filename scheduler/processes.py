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
    pickled = bytes(ForkingPickler.dumps(work))  # once for all: it may hold a whole registry
    with contextlib.ExitStack() as stack:
        waiting = deque(stack.enter_context(_working(pickled, share)) for share in shares)
        while waiting:
            reader = waiting.popleft()
            try:
                told: Told | None = reader.recv()
            except EOFError as error:
                raise ProcessDiedError("研判进程意外结束") from error
            if told is not None:
                yield told
                waiting.append(reader)


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
def _working(work: bytes, share: Share) -> Iterator[Connection]:
    """A process at work on the share, and where it sends; it is ended on leaving."""
    context = multiprocessing.get_context("spawn")
    reader, writer = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(writer, work, share), daemon=True)
    with reader:
        process.start()
        writer.close()
        try:
            yield reader
        finally:
            process.terminate()
            process.join()


def _work(writer: Connection, pickled: bytes, share: Share) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one that started it says when it ends
    with uncollected(), contextlib.suppress(BrokenPipeError):
        work: Work[Share, object] = pickle.loads(pickled)  # noqa: S301 -- by the one that started it
        for told in work(share):
            writer.send(told)
        writer.send(None)
