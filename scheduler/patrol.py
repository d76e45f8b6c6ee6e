"""One round: crawl what is due, judge it, open and close alerts (scheduler.tell tells of it). It can be killed anywhere.

Every step is an upsert keyed by the round, so running the round again finishes it: polls that are stored are not
repeated, findings and alerts come out the same, and the digest has one key in the outbox.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pymongo.database import Database

from gzcrawl import clock
from gzcrawl.crawl import FOLLOW_UPS, SPIDERS
from gzcrawl.evidence import EvidenceStore
from gzcrawl.mongod import ENV_URI
from gzcrawl.registry import Registry
from gzcrawl.store import read, rounds
from gzcrawl.store.lease import lease
from gzcrawl.store.registry import load_registry
from scheduler import suggestions
from scheduler.evaluation import Basis, evaluate
from scheduler.evidence.seal import seal

Db = Database[dict[str, Any]]
Say = Callable[[str], None]

CRAWL_SECONDS = float(os.environ.get("GZCRAWL_CRAWL_SECONDS", str(6 * 3600)))


class PatrolError(RuntimeError):
    """A round could not be run; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Round:
    """What a finished round came to."""

    id: str
    at: datetime
    registry: Registry
    outcomes: dict[str, dict[str, int]]  # source -> outcome -> polls
    crawl_complete: bool


def patrol(db: Db, *, uri: str, data_dir: Path, basis: Basis, only_due: bool = False, say: Say = print) -> Round:
    """Run one round up to its findings and alerts. `Busy` when another patrol runs, `PatrolError` when it cannot start."""
    with lease(db, "patrol", data_dir):
        registry = load_registry(db)
        if not registry.accounts and not registry.sites:
            raise PatrolError("台账是空的，没有可巡查的对象。请先 gzcrawl registry import 台账.xlsx")
        round_id = rounds.begin(db, clock.now())
        say(f"第 {round_id} 轮：{len(registry.accounts)} 个账号，{len(registry.sites)} 个网站")
        crawl_complete = crawl(round_id, uri=uri, only_due=only_due)
        rounds.advance(db, round_id, "judging", crawl_complete=crawl_complete)
        say("研判中……")
        # By the clock after the crawl: what it saw counts now, not in the next round.
        now = clock.now()
        seal(db, EvidenceStore(data_dir), round_id, now)
        evaluate(db, round_id, registry, now, basis, uri=uri)
        suggestions.refresh(db, registry, basis.profile, now)
        return Round(
            id=round_id,
            at=now,
            registry=registry,
            outcomes=read.outcome_mix(db, round_id),
            crawl_complete=crawl_complete,
        )


def crawl(round_id: str, *, uri: str, only_due: bool) -> bool:
    """Crawl, then follow up what was seen; whether every spider finished. What it saw is stored either way."""
    finished = [crawl_with(round_id, spiders, uri=uri, only_due=only_due) for spiders in (SPIDERS, FOLLOW_UPS)]
    return all(finished)


def crawl_with(round_id: str, spiders: Iterable[str], *, uri: str, only_due: bool) -> bool:
    """One crawl in a process of its own: a reactor can be started only once, and what hangs must be killable."""
    command = [sys.executable, "-m", "gzcrawl.crawl", "--round", round_id, *(["--due"] if only_due else []), *spiders]
    environment = {**os.environ, ENV_URI: uri, "SCRAPY_SETTINGS_MODULE": "gzcrawl.settings"}
    # The crawl ends when its standard input does: a killed patrol leaves no crawl behind.
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment) as process:
        try:
            return process.wait(CRAWL_SECONDS) == 0
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGTERM)
            return False
        except BaseException:
            process.send_signal(signal.SIGTERM)
            raise
