"""The daemon's schedule and its end."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from datetime import datetime

import pytest

from gzcrawl.items import SHANGHAI
from scheduler.app import JOBS, Daemon


def test_the_digest_is_due_at_half_past_eight_in_shanghai_whatever_the_zone_of_the_machine() -> None:
    daemon = Daemon()
    trigger = daemon.scheduler.get_job("digest").trigger
    after = datetime(2025, 10, 12, 20, 0, tzinfo=SHANGHAI)
    assert trigger.get_next_fire_time(None, after) == datetime(2025, 10, 13, 8, 30, tzinfo=SHANGHAI)


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.id)
def test_a_job_that_was_missed_runs_late_but_once_and_never_twice_at_a_time(job) -> None:
    scheduled = Daemon().scheduler
    scheduled.start(paused=True)
    try:
        kept = scheduled.get_job(job.id)
        assert kept.coalesce
        assert kept.max_instances == 1
        assert kept.misfire_grace_time == job.grace_seconds > 60
    finally:
        scheduled.shutdown()


def test_sigterm_ends_the_daemon_and_the_job_it_is_running() -> None:
    program = textwrap.dedent(
        """
        from datetime import datetime
        from gzcrawl.items import SHANGHAI
        from scheduler import app
        class Stub(app.Daemon):
            def _run(self, job):
                import subprocess, sys
                code = "import time; print('running', flush=True); time.sleep(60)"
                with subprocess.Popen([sys.executable, "-c", code]) as process:
                    self._running.add(process)
                    process.wait()
        daemon = Stub((app.Job("slow", "0 0 1 1 *", (), 100),))
        daemon.scheduler.add_job(daemon._run, args=(None,))
        raise SystemExit(daemon.run())
        """
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as daemon:
        assert daemon.stdout is not None
        for line in daemon.stdout:
            if b"running" in line:
                break
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(20) == 0
