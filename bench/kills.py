"""Random kill -9 of the patrol, the daemon, mongod and the mail server, day after day, and what is left of it.

    python bench/kills.py [--kills 75] [--per-day 12] [--seed 1]

Runs some days of the sandbox city undisturbed, then the same days under a daemon in a hurry while something is killed every
few seconds, and compares: posts, alerts and what was told to whom must be the same, every mail must have arrived,
with at most one transmission more for each kill. Exit code 1 when anything differs.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from fixtures.city import NOW, City
from gzcrawl.clock import ENV as ENV_NOW
from gzcrawl.evidence import EvidenceStore
from gzcrawl.mongod import Embedded
from gzcrawl.store.connect import connect
from gzcrawl.store.registry import save_registry
from gzcrawl.store.schema import ensure_schema
from scheduler.evidence.seal import verify
from scheduler.sandbox import environment, free_port, sandbox

HERE = Path(__file__).parent
VICTIMS = {"patrol": 4, "daemon": 2, "mongod": 2, "mail server": 2}
LATER = timedelta(hours=5)  # by then whatever had to wait for the mail server is due again
RECIPIENTS = """
[[recipient]]
name = "office"
to = "office@zhangjiang.example"
digest = "daily"
at_once = "medium"
[[recipient]]
name = "chief"
to = "chief@zhangjiang.example"
digest = "weekly"
escalation = true
[each_department]
at_once = "low"
digest = "daily"
"""


@dataclass
class World:
    """One installation: its folder, and the processes that serve it."""

    folder: Path
    port: int = field(default_factory=free_port)
    mails: subprocess.Popen[str] | None = None
    daemon: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)
        (self.folder / "recipients.toml").write_text(RECIPIENTS)

    @contextlib.contextmanager
    def day(self, now: datetime) -> Iterator[None]:
        """The city as it is then, and a mail server; everything that is started inside uses them."""
        more: dict[str, str | None] = {
            "GZCRAWL_SMTP_PORT": str(self.port),
            "GZCRAWL_RECIPIENTS": str(self.folder / "recipients.toml"),
            "GZCRAWL_BROWSER": "none",
        }
        with sandbox(self.folder, city=City(now=now)) as box, environment(more):
            with Embedded(self.folder) as embedded, connect(embedded.uri) as db:
                ensure_schema(db)
                save_registry(db, box.city.registry)
            self.serve_mail()
            try:
                yield
            finally:
                assert self.mails is not None
                self.mails.terminate()
                self.mails.wait(20)

    def serve_mail(self) -> None:
        command = [sys.executable, HERE / "mailserver.py", str(self.port), self.folder / "mails"]
        self.mails = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.mails.stdout is not None
        with self.mails.stdout as said:
            said.readline()

    def start_daemon(self) -> None:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.daemon = subprocess.Popen([sys.executable, HERE / "hastydaemon.py"], **quiet)  # type: ignore[call-overload]

    def kill(self, victim: str) -> bool:
        """Whether there was something to kill. What a machine would start again is started again."""
        if victim == "daemon" and self.daemon:
            self.daemon.kill()
            self.daemon.wait()
            self.start_daemon()
            return True
        if victim == "mail server" and self.mails:
            self.mails.kill()
            self.mails.wait()
            self.serve_mail()
            return True
        found = self._mongod() if victim == "mongod" else self._patrols()
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return bool(found)

    def _mongod(self) -> list[int]:
        home = str(self.folder / "mongo" / "db").encode()
        return [int(p.parent.name) for p in Path("/proc").glob("[0-9]*/cmdline") if home in _read(p)]

    def _patrols(self) -> list[int]:
        """Patrols of this folder only, whoever started them."""
        ours = f"GZCRAWL_DATA={self.folder}\0".encode()
        running = (p.parent for p in Path("/proc").glob("[0-9]*/cmdline") if b"scheduler.cli\0patrol" in _read(p))
        return [int(process.name) for process in running if ours in _read(process / "environ")]

    def finish_day(self, now: datetime) -> None:
        """What the rest of the day would have brought: the round ends, and what waits for the mail server is sent."""
        if self.daemon:
            self.daemon.terminate()
            self.daemon.wait(120)
            self.daemon = None
        _until_done("patrol", "--due")
        with environment({ENV_NOW: (now + LATER).isoformat()}):
            _until_done("mail", "retry")

    def transmissions(self) -> Counter[str]:
        return Counter((self.folder / "mails").read_text().split())

    def left(self) -> dict[str, Any]:
        """What must not depend on what was killed, and what its mails are called."""
        with Embedded(self.folder) as embedded, connect(embedded.uri) as db:
            mails = list(db.outbox.find({}, {"message": 0}))
            return {
                "posts": {p["_id"]: (p["text"], p["published_at"], p["edits"]) for p in db.posts.find()},
                "alerts": {a["_id"]: tuple(a[f] for f in ("state", "verdict", "severity", "reason", "since", "deadline", "episode"))
                           for a in db.alerts.find()},
                "digests": {m["_id"] for m in mails if m["_id"].startswith("digest|")},
                "told at once": {(m["recipient"], a) for m in mails if m["_id"].startswith("notice|") for a in m["alerts"]},
                "evidence": verify(db, EvidenceStore(self.folder)).problems,
                "ids": {m["message_id"] for m in mails},
                "unsent": [m["_id"] for m in mails if m["state"] != "sent"],
            }  # fmt: skip


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _until_done(*arguments: str) -> None:
    """Run a command until no orphan is in its way (75) and it is done (patrol: 3, mail still waits for its time)."""
    command = [sys.executable, "-m", "scheduler.cli", *arguments]
    for _attempt in range(30):
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode == 0 or (done.returncode == 3 and arguments[0] == "patrol"):
            return
        time.sleep(1)
    raise RuntimeError(f"{' '.join(arguments)}：{done.returncode} {done.stderr[-2000:]}")


def undisturbed(folder: Path, days: int) -> World:
    world = World(folder)
    for now in (NOW + timedelta(days=n) for n in range(days)):
        with world.day(now):
            world.finish_day(now)
    return world


def disturbed(folder: Path, kills: int, per_day: int, chance: random.Random, mean: float) -> tuple[World, Counter[str]]:
    """The same days; something is killed every `mean` seconds or so."""
    world, killed = World(folder), Counter[str]()
    for number in range(-(-kills // per_day)):
        now = NOW + timedelta(days=number)
        with world.day(now):
            world.start_daemon()
            wanted = min(kills, killed.total() + per_day)
            for _moment in range(20 * per_day):
                if killed.total() == wanted:
                    break
                time.sleep(min(chance.expovariate(1 / mean), 5 * mean))
                (victim,) = chance.choices(list(VICTIMS), list(VICTIMS.values()))
                killed[victim] += world.kill(victim)
            world.finish_day(now)
        print(f"{now:%m-%d}：已杀 {killed.total()} 次", file=sys.stderr, flush=True)
    return world, killed


def problems(expected: World, found: World, kills: int) -> list[str]:
    """Sentences; empty when nothing was lost and nothing came twice."""
    before, after, arrived = expected.left(), found.left(), found.transmissions()
    told = [f"{name} differ: {_difference(before[name], after[name])}" for name in ("posts", "alerts", "digests", "told at once")
            if before[name] != after[name]]  # fmt: skip
    if after["ids"] != set(arrived):
        told.append(f"mails lost {len(after['ids'] - set(arrived))}, unknown {len(set(arrived) - after['ids'])}")
    if arrived.total() - len(arrived) > kills:
        told.append(f"{arrived.total() - len(arrived)} transmissions too many")
    return [*told, *(f"unsent {id}" for id in after["unsent"]), *after["evidence"]]


def _difference(before: Any, after: Any) -> str:
    if isinstance(before, dict):
        return str({k: (before.get(k), after.get(k)) for k in {*before, *after} if before.get(k) != after.get(k)})[
            :2000
        ]
    return f"lost {sorted(before - after)[:20]}, new {sorted(after - before)[:20]}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=75)
    parser.add_argument("--per-day", type=int, default=12)
    parser.add_argument("--mean", type=float, default=3.0, help="seconds between two kills")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        reference = undisturbed(Path(folder) / "undisturbed", -(-args.kills // args.per_day))
        world, killed = disturbed(
            Path(folder) / "killed", args.kills, args.per_day, random.Random(args.seed), args.mean
        )
        wrong = problems(reference, world, killed.total())
        left, arrived = world.left(), world.transmissions()
    print("\n".join(wrong))
    print(
        f"seed {args.seed}: {killed.total()} kills ({', '.join(f'{n} {v}' for v, n in sorted(killed.items()))}); "
        f"{len(left['posts'])} posts, {len(left['alerts'])} alerts, {len(arrived)} mails, "
        f"{arrived.total() - len(arrived)} transmissions more; {'WRONG' if wrong else 'nothing lost, nothing twice'}"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
