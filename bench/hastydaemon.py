"""The daemon with its own jobs and its own command, every few seconds instead of every hour: there is more to kill."""

from __future__ import annotations

import sys

from apscheduler.triggers.interval import IntervalTrigger

from scheduler import app
from scheduler.cli import daemon, main

SECONDS = {"patrol": 5, "digest": 4, "deliver": 3, "prune": 30}


class HastyDaemon(app.Daemon):
    def __init__(self) -> None:
        super().__init__()
        for job in app.JOBS:
            self.scheduler.reschedule_job(job.id, trigger=IntervalTrigger(seconds=SECONDS.get(job.id, 60)))


if __name__ == "__main__":
    daemon.Daemon = HastyDaemon  # type: ignore[misc]
    sys.exit(main(["scheduler"]))
