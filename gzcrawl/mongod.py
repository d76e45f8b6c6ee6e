"""The embedded MongoDB: a private mongod for a machine that has none.

It listens on a unix socket only, keeps its data in the data directory, is a one-node replica set (so that
transactions work), and is shared: whoever finds a live one uses it, whoever started it stops it. A mongod whose
starter was killed (an orphan) is picked up by the next process and stopped by that one.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

ENV_URI = "GZCRAWL_MONGO_URI"
REPLICA_SET = "gzcrawl"
START_SECONDS = 60.0
STOP_SECONDS = 30.0

TRANSACTION_SECONDS = 600
UNWRITTEN = ",".join(
    f"eviction_{what}_{level}" for what in ("dirty", "updates") for level in ("target=50", "trigger=80")
)
"""A registry is imported in one transaction: of 100,000 accounts it is 440 MB that must stay in memory, and take a minute on
a busy machine. MongoDB would allow it a tenth of the cache, and a minute."""

HOW_TO = f"请用 {ENV_URI} 指定一个 MongoDB（例如 deploy/compose.yaml 里的），或安装 mongod 到 PATH"


class MongodError(RuntimeError):
    """No embedded MongoDB could be had; the message says why and what to do."""


def find_mongod() -> Path:
    """The mongod binary: from the wheel of the `embedded` extra, else from PATH. `MongodError` when there is none."""
    spec = importlib.util.find_spec("fiftyone")
    for folder in spec.submodule_search_locations or () if spec else ():
        binary = Path(folder) / "db" / "bin" / "mongod"
        if binary.is_file():
            if not os.access(binary, os.X_OK):
                binary.chmod(binary.stat().st_mode | stat.S_IXUSR)
            return binary
    on_path = shutil.which("mongod")
    if on_path:
        return Path(on_path)
    raise MongodError(f"没有找到内置 mongod（本平台没有对应的安装包）。{HOW_TO}")


def uri_of(socket: Path) -> str:
    """The connection string for a mongod on that socket. Direct: a one-node set has nothing to discover."""
    return f"mongodb://{quote(str(socket), safe='')}/?directConnection=true"


def cache_gb() -> float:
    """The most that it keeps in memory (a small city fills little of it): an eighth of the machine's, 0.25 to 1."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return min(1.0, max(0.25, memory / 8))


@dataclass
class Embedded:
    """A private mongod over `data_dir`/mongo. Use as a context manager; `uri` is valid inside."""

    data_dir: Path

    def __post_init__(self) -> None:
        self._home = self.data_dir.resolve() / "mongo"
        # A socket path may have 107 bytes at most, a data directory may be deeper than that.
        digest = hashlib.sha256(str(self._home).encode()).hexdigest()[:16]
        self.socket = Path(tempfile.gettempdir()) / f"gzcrawl-{os.getuid()}" / f"{digest}.sock"
        self._users: IO[bytes] | None = None

    @property
    def uri(self) -> str:
        return uri_of(self.socket)

    def __enter__(self) -> Embedded:
        self._prepare()
        with self._locked("start.lock"):
            # Every user holds a shared lock on users.lock: the one who can get it alone is the last and stops mongod.
            self._users = (self._home / "users.lock").open("ab")
            fcntl.flock(self._users, fcntl.LOCK_SH)
            try:
                if not self._answers():
                    self._start()
            except BaseException:
                self._users.close()
                raise
        return self

    def __exit__(self, *_exc: object) -> None:
        assert self._users is not None
        with self._locked("start.lock"), self._users, contextlib.suppress(BlockingIOError):
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._stop()

    def _prepare(self) -> None:
        try:
            (self._home / "db").mkdir(parents=True, exist_ok=True)
            self.socket.parent.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise MongodError(f"不能使用数据目录 {self._home}：{error.strerror}。请检查权限和磁盘空间") from error
        if self.socket.parent.stat().st_uid != os.getuid():
            raise MongodError(f"{self.socket.parent} 属于别的用户，不能放数据库的套接字；请删除它或换一个 TMPDIR")

    @contextlib.contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        with (self._home / name).open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _answers(self) -> bool:
        if not self.socket.exists():
            return False
        with _client(self.socket, 2000) as client:
            try:
                client.admin.command("ping")
            except PyMongoError:
                return False
        return True

    def _start(self) -> None:
        log = self._home / "mongod.log"
        command = [
            str(find_mongod()),
            *("--dbpath", str(self._home / "db"), "--bind_ip", str(self.socket), "--replSet", REPLICA_SET),
            *("--logpath", str(log), "--logappend", "--pidfilepath", str(self._home / "mongod.pid")),
            *("--oplogSize", "128", "--wiredTigerCacheSizeGB", f"{cache_gb():.2f}"),
            *("--wiredTigerEngineConfigString", UNWRITTEN),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            *("--setParameter", f"transactionLifetimeLimitSeconds={TRANSACTION_SECONDS}"),
        ]
        self._end_orphan()
        self.socket.unlink(missing_ok=True)
        try:
            # --fork: mongod leaves our session (a Ctrl-C meant for us must not end it under our last write) and
            # comes back when it listens.
            started = subprocess.run([*command, "--fork"], capture_output=True, timeout=START_SECONDS, check=False)
        except OSError as error:
            raise MongodError(f"不能启动 mongod（{command[0]}）：{error.strerror}。{HOW_TO}") from error
        except subprocess.TimeoutExpired as error:
            raise MongodError(f"mongod 在 {START_SECONDS:.0f} 秒内没有启动，日志见 {log}") from error
        if started.returncode != 0:
            raise MongodError(
                f"mongod 启动失败（代码 {started.returncode}），原因见 {log}：{_last_error(log)}。{HOW_TO}"
            )
        self._await_primary(log)

    def _await_primary(self, log: Path) -> None:
        deadline = time.monotonic() + START_SECONDS
        with _client(self.socket, 500) as client:
            while time.monotonic() < deadline:
                with contextlib.suppress(PyMongoError):
                    if _become_primary(client, self.socket):
                        return
                time.sleep(0.03)
        raise MongodError(f"mongod 在 {START_SECONDS:.0f} 秒内没有就绪，日志见 {log}")

    def _pid(self) -> int | None:
        """The pid of our mongod if it lives, however it was started."""
        try:
            pid = int((self._home / "mongod.pid").read_text().strip())
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if str(self._home / "db").encode() in command else None

    def _end_orphan(self) -> None:
        """A mongod that holds the data files but does not answer on the socket is of no use to anybody."""
        pid = self._pid()
        if pid is not None:
            _terminate(pid)

    def _stop(self) -> None:
        pid = self._pid()
        if pid is not None:
            _terminate(pid)
        self.socket.unlink(missing_ok=True)


def _client(socket: Path, timeout_ms: int) -> MongoClient[dict[str, Any]]:
    return MongoClient(uri_of(socket), serverSelectionTimeoutMS=timeout_ms, connectTimeoutMS=timeout_ms)


def _become_primary(client: MongoClient[dict[str, Any]], socket: Path) -> bool:
    hello = client.admin.command("hello")
    if hello.get("isWritablePrimary"):
        return True
    if hello.get("isreplicaset"):  # started with --replSet, not initiated yet
        with contextlib.suppress(OperationFailure):
            config = {"_id": REPLICA_SET, "members": [{"_id": 0, "host": str(socket)}]}
            client.admin.command("replSetInitiate", config)
    return False


def _terminate(pid: int) -> None:
    """SIGTERM, then SIGKILL: mongod recovers from its journal either way."""
    for signum, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, 5.0)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signum)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not _alive(pid):
                return
            time.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _last_error(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        return "（没有日志）"
    serious = [line for line in lines if '"s":"F"' in line or '"s":"E"' in line]
    return (serious or lines or ["（日志为空）"])[-1][:300]
