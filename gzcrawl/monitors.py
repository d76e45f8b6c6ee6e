# mypy: disable-error-code="untyped-decorator,misc"
"""What Spidermon checks when a spider ends: a source that changed its pages or shut us out must not look like quiet days.

What fails is written into the round (`sources.<spider>.problems`), which `gzcrawl health` and the digest show.
"""

from __future__ import annotations

from spidermon import Monitor, MonitorSuite, monitors
from spidermon.core.actions import Action

from gzcrawl.extensions import COVERAGE
from gzcrawl.items import Outcome

OUTCOMES = "gzcrawl/outcome/"
PROBLEMS = "gzcrawl/problems"
ENOUGH_POLLS = 10
"""Fewer say nothing about a source."""
OBSERVED_SHARE, CHANGED_SHARE, TIMED_SHARE = 0.5, 0.1, 0.95


class SourceMonitor(Monitor):
    """Each check carries the sentence that the administrator reads when it fails."""

    @monitors.name("采集没有正常结束")
    def test_finished(self) -> None:
        self.assertIn(self.data.stats.get("finish_reason", "finished"), ("finished",))

    @monitors.name("一半以上的查看没有看到内容")
    def test_most_polls_saw_something(self) -> None:
        counts = self._counts()
        polls = sum(counts.values())
        observed = sum(count for outcome, count in counts.items() if outcome.observed)
        if polls >= ENOUGH_POLLS:
            self.assertGreaterEqual(observed / polls, OBSERVED_SHARE)

    @monitors.name("十分之一以上的网页格式无法识别，可能已改版")
    def test_pages_are_as_we_know_them(self) -> None:
        counts = self._counts()
        polls = sum(counts.values())
        if polls >= ENOUGH_POLLS:
            self.assertLessEqual(counts.get(Outcome.LAYOUT_CHANGED, 0) / polls, CHANGED_SHARE)

    @monitors.name("有发布时间的内容不足 95%")
    def test_posts_have_a_time(self) -> None:
        counts = self.data.stats.get(COVERAGE, {})
        if counts.get("posts", 0) >= ENOUGH_POLLS:
            self.assertGreaterEqual(counts.get("published_at", 0) / counts["posts"], TIMED_SHARE)

    def _counts(self) -> dict[Outcome, int]:
        return {outcome: self.data.stats.get(f"{OUTCOMES}{outcome}", 0) for outcome in Outcome}


class NoteProblems(Action):
    """Keeps the names of what failed among the crawl's figures."""

    def run_action(self) -> None:
        failed = [str(failure[0].name).rpartition("/")[2] for failure in self.result.failures + self.result.errors]
        self.data.crawler.stats.set_value(PROBLEMS, failed)


class CrawlMonitors(MonitorSuite):
    monitors = (SourceMonitor,)
    monitors_failed_actions = (NoteProblems,)
