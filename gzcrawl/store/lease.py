"""One patrol at a time, over all machines that share a database.

The lease is kept in MongoDB by the server's clock and renewed while the patrol lives. On one machine a file lock is
held as well: whoever has it may take over at once what a killed patrol of this machine left behind.
"""

from __future__ import annotations

import contextlib
import fcntl
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pymongo import ReturnDocument
from pymongo.database import Database
from pymongo.errors import PyMongoError

from gzcrawl.store import names

SECONDS = 45
RENEW_SECONDS = 10
RETRY_SECONDS = 3.0
"""With the 45 seconds above: who waits takes over within a minute, whatever became of the holder."""


class Busy(RuntimeError):
    """Somebody else holds the lease; the message says who."""


def when_free(
    stack: contextlib.ExitStack,
    attempt: Callable[[], contextlib.AbstractContextManager[None]],
    stop: threading.Event,
    waiting: Callable[[str], None],
    retry_seconds: float = RETRY_SECONDS,
) -> bool:
    """Enter `attempt()` (a lease) on `stack` as soon as it is free; False when `stop` is set before.

    `waiting` is told, once for each, why it is not free yet. A database that is away is waited for like a holder.
    """
    told = ""
    while not stop.is_set():
        try:
            stack.enter_context(attempt())
        except (Busy, PyMongoError) as error:
            reason = str(error) if isinstance(error, Busy) else "数据库没有应答"
            if reason != told:
                waiting(reason)
            told = reason
            stop.wait(retry_seconds)
        else:
            return True
    return False


@contextlib.contextmanager
def lease(
    db: Database[dict[str, Any]], name: str, lock_dir: Path, lost: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """Hold the lease `name` inside the context. `Busy` when another process has it.

    `lost` is called when somebody else took it: we were cut off from the database for longer than a lease lasts.
    """
    lock_dir.mkdir(parents=True, exist_ok=True)
    host = f"{socket.gethostname()}:{lock_dir}"
    with (lock_dir / f"{name}.lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(f"本机另一个进程正在运行（{lock.name} 已锁定）") from None
        _take(db, name, host)
        stop = threading.Event()
        renewer = threading.Thread(target=_renew, args=(db, name, host, stop, lost), daemon=True)
        renewer.start()
        try:
            yield
        finally:
            stop.set()
            renewer.join()
            with contextlib.suppress(PyMongoError):
                db[names.LOCKS].delete_one({"_id": name, "host": host})


def _take(db: Database[dict[str, Any]], name: str, host: str) -> None:
    free = {
        "$or": [{"$eq": [{"$ifNull": ["$host", {"$literal": host}]}, {"$literal": host}]}, {"$lt": ["$until", "$$NOW"]}]
    }
    taken = {field: {"$cond": [free, value, f"${field}"]} for field, value in _claim(host).items()}
    holder = db[names.LOCKS].find_one_and_update(
        {"_id": name}, [{"$set": taken}], upsert=True, return_document=ReturnDocument.AFTER
    )
    assert holder is not None
    if holder["host"] != host:
        raise Busy(f"{holder['host']} 上的进程正在运行")


def _claim(host: str) -> dict[str, Any]:
    return {"host": {"$literal": host}, "until": {"$add": ["$$NOW", SECONDS * 1000]}}


def _renew(db: Database[dict[str, Any]], name: str, host: str, stop: threading.Event, lost: Callable[[], None]) -> None:
    while not stop.wait(RENEW_SECONDS):
        with contextlib.suppress(PyMongoError):  # a database that is back within the lease has lost nothing
            _take_again(db, name, host, lost)


def _take_again(db: Database[dict[str, Any]], name: str, host: str, lost: Callable[[], None]) -> None:
    """Renewed, also where the record is gone; `lost` when it is another's."""
    try:
        _take(db, name, host)
    except Busy:
        lost()
