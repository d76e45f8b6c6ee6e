"""The daemon's schedule and its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import datetime
from pathlib import Path

import pytest

from gzcrawl.items import SHANGHAI
from gzcrawl.store.connect import connect
from gzcrawl.store.lease import lease
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
        daemon.heed_signals()
        daemon.run()
        """
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as daemon:
        assert daemon.stdout is not None
        for line in daemon.stdout:
            if b"running" in line:
                break
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(20) == 0


def daemon_process(db_uri: str, data: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "GZCRAWL_MONGO_URI": db_uri, "GZCRAWL_DATA": str(data)}
    command = [sys.executable, "-m", "scheduler.cli", "scheduler"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def line_of(daemon: subprocess.Popen[str], beginning: str) -> str:
    assert daemon.stdout is not None
    return next(line for line in daemon.stdout if line.startswith(beginning))


def test_of_two_daemons_one_waits_and_takes_over_within_a_minute_when_the_first_is_killed(
    db_uri: str, tmp_path: Path
) -> None:
    with daemon_process(db_uri, tmp_path) as first:
        line_of(first, "已启动")
        with daemon_process(db_uri, tmp_path) as second:
            assert "本机另一个进程正在运行" in line_of(second, "待命")
            first.kill()
            killed_at = time.monotonic()
            line_of(second, "已启动")
            assert time.monotonic() - killed_at < 60
            second.terminate()
            assert second.wait(20) == 0


def test_a_daemon_that_waits_can_be_stopped(db_uri: str, tmp_path: Path) -> None:
    with connect(db_uri) as db, lease(db, "scheduler", tmp_path), daemon_process(db_uri, tmp_path) as waiting:
        line_of(waiting, "待命")
        waiting.terminate()
        assert waiting.wait(20) == 0
