"""The daemon: APScheduler around the patrol. Each job runs the same command an operator would, in its own process.

All times are Asia/Shanghai. A job that could not start in time (the machine slept, the last one still ran) is run
once, not as often as it was missed.
"""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from types import FrameType

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from gzcrawl.items import SHANGHAI

logger = logging.getLogger(__name__)

STOP_SECONDS = 60


@dataclass(frozen=True)
class Job:
    id: str
    cron: str  # minute hour day month weekday, Asia/Shanghai
    command: tuple[str, ...]  # arguments of `gzcrawl`
    grace_seconds: int  # how late it may still start


JOBS = (
    Job("patrol", "5 * * * *", ("patrol", "--due", "--no-mail"), 3000),
    Job("digest", "30 8 * * *", ("patrol", "--due"), 6 * 3600),
    Job("prune", "40 3 * * *", ("evidence", "prune"), 6 * 3600),
    Job("deliver", "*/5 * * * *", ("mail", "retry"), 240),
)
"""Crawl and judge every hour what is due; the digest at 08:30; the outbox every five minutes until it is empty."""


class Daemon:
    """Runs JOBS until it is told to stop; a running job is then asked to end, and what it saw is stored."""

    def __init__(self, jobs: tuple[Job, ...] = JOBS) -> None:
        self.stopped = threading.Event()
        self._running: set[subprocess.Popen[bytes]] = set()
        self.scheduler = BackgroundScheduler(timezone=SHANGHAI)
        for job in jobs:
            self.scheduler.add_job(
                self._run,
                CronTrigger.from_crontab(job.cron, timezone=SHANGHAI),
                args=(job,),
                id=job.id,
                misfire_grace_time=job.grace_seconds,
                coalesce=True,
                max_instances=1,
            )

    def heed_signals(self) -> None:
        """SIGTERM and SIGINT stop it, also while it waits for its turn."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)

    def run(self) -> None:
        """Block until it is told to stop."""
        self.scheduler.start()
        for job in self.scheduler.get_jobs():
            print(f"  {job.id:8} 下次 {job.next_run_time:%m-%d %H:%M}", flush=True)
        self.stopped.wait()
        self._end_jobs()
        self.scheduler.shutdown(wait=True)

    def stop(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        self.stopped.set()

    def _run(self, job: Job) -> None:
        command = [sys.executable, "-m", "scheduler.cli", *job.command]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
            self._running.add(process)
            try:
                code = process.wait()
            finally:
                self._running.discard(process)
        if code != 0:
            logger.error("任务 %s 以退出码 %s 结束", job.id, code)

    def _end_jobs(self) -> None:
        for process in list(self._running):
            process.send_signal(signal.SIGINT)
        for process in list(self._running):
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
