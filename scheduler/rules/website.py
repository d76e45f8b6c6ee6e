"""The website keeps the technical standards: HTTPS, IPv6, HTML5, usable on phones, and the marks of its footer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import takewhile
from typing import Any
from urllib.parse import urlsplit

from gzcrawl.items import SHANGHAI, ProbeStatus, SiteProbe
from gzcrawl.registry import State
from scheduler.findings import Evidence, Finding, RuleMeta, Severity, Verdict
from scheduler.rules.base import Context, Rule, SiteSeen, Unit, finding
from scheduler.rules.filing import day
from scheduler.rules.sentences import moment

META = RuleMeta(
    id="website",
    title="网站技术标准",
    title_en="Website standards",
    duty="The website supports HTTPS, IPv6 and HTML5, is usable on phones, and shows its site code, ICP and police numbers.",
    observed="One look a day at each site, one finding for each check: certificate (chain as sent, name, time), HTTPS, http to "
    "https, HSTS, AAAA records and an answer over IPv6, time to answer, doctype, viewport and footer as sent; the footer, the "
    "viewport and the width on a phone as a browser shows them. `grades` says which failures are violations, which are minor "
    "ones (low), which are reminders, and which are not judged. A violation needs two failed looks `confirm_hours` apart with "
    "no good one between; until then it is a reminder.",
    unknown_when="The check was not tested (no IPv6 here, a forward proxy, robots.txt, scripts that may write what is missing and "
    "no browser, a version for phones that was not seen), something else went wrong, or the last test is older than "
    "`max_observation_age_days`.",
    example="网站www.zhangjiang.example的HTTPS证书已于2025年10月9日到期",
)

TESTED = (ProbeStatus.OK, ProbeStatus.FAILED)


class Grade(StrEnum):
    """What a failure is, by the profile."""

    VIOLATION = "violation"
    MINOR = "minor"  # a violation of low severity
    WARNING = "warning"
    OFF = "off"

    @property
    def accuses(self) -> bool:
        return self in (Grade.VIOLATION, Grade.MINOR)


@dataclass(frozen=True, slots=True)
class Said:
    verdict: Verdict
    reason: str  # name of the sentence
    looks: tuple[SiteProbe, ...] = ()  # it rests on, newest first
    facts: dict[str, Any] | None = None
    deadline: datetime | None = None


def evaluate(unit: Unit, ctx: Context) -> Iterator[Finding]:
    for seen in unit.sites:
        if seen.site.state is not State.CLOSED:
            for check, label in ctx.settings.values["checks"].items():
                looks = [p for p in seen.probes if _check(p) == check and ctx.now.within(_old(ctx), p.at)]
                looks.sort(key=lambda probe: (probe.at, probe.check), reverse=True)
                yield _finding(unit, ctx, seen, check, label, judge(looks, ctx))


def judge(looks: Sequence[SiteProbe], ctx: Context) -> Said:
    """What the looks of one check at one site, newest first, come to."""
    good = {probe.round_id for probe in looks if probe.status is ProbeStatus.OK}
    # What the page as sent shows needs no browser to say so: one good answer makes a look good.
    tested = [p for p in looks if p.status is ProbeStatus.OK or (p.status in TESTED and p.round_id not in good)]
    if not tested:
        return _unknown(looks, ctx)
    if tested[0].status is ProbeStatus.OK:
        return _good(tested, ctx)
    grade = _grade(ctx, tested[0])
    if grade is Grade.OFF:
        return Said(Verdict.NOT_APPLICABLE, "off", (tested[0],))
    if grade is Grade.WARNING:
        return Said(Verdict.WARNING, tested[0].reason, (tested[0],), _facts(tested[0]))
    run = tuple(takewhile(lambda p: p.status is ProbeStatus.FAILED and _grade(ctx, p).accuses, tested))
    used = (run[0], run[-1]) if len(run) > 1 else run
    if run[0].at - run[-1].at >= timedelta(hours=ctx.settings.number("confirm_hours")):
        return Said(Verdict.VIOLATION, run[0].reason, used, _facts(run[0]))
    return Said(Verdict.WARNING, "unconfirmed", used, _facts(run[0]))


def _unknown(looks: Sequence[SiteProbe], ctx: Context) -> Said:
    if not looks:
        return Said(Verdict.UNKNOWN, "unknown_never")
    reason = "unknown_not_tested" if looks[0].status is ProbeStatus.NOT_TESTED else "unknown_error"
    why = ctx.settings.values["why"].get(looks[0].reason, looks[0].reason)
    return Said(Verdict.UNKNOWN, reason, (looks[0],), {"why": why, "at": moment(looks[0].at)})


def _good(tested: Sequence[SiteProbe], ctx: Context) -> Said:
    """In order now; but a certificate ends, and one slow answer is not enough."""
    newest = tested[0]
    if ends := newest.facts.get("not_after"):
        if ctx.now.reached(ends):
            return Said(Verdict.UNKNOWN, "unknown_renewed", (newest,), _facts(newest))
        if ctx.now.reached(ends - timedelta(days=ctx.settings.integer("expiring_days"))):
            days = {"days": ctx.now.days_until(ends)}
            grade = Grade(ctx.settings.values["grades"]["expiring"])
            verdict = Verdict.OK if grade is Grade.OFF else Verdict.WARNING
            return Said(verdict, "expiring", (newest,), _facts(newest) | days, ends)
    answers = [probe.facts["seconds"] for probe in tested if probe.check == "answer_time" and "seconds" in probe.facts]
    slow = len(answers) > 1 and min(answers) > ctx.settings.number("slow_seconds")
    if slow and Grade(ctx.settings.values["grades"]["slow"]) is not Grade.OFF:
        facts = {"fastest": min(answers), "times": len(answers), "limit": ctx.settings.number("slow_seconds")}
        return Said(Verdict.WARNING, "slow", (newest, tested[1]), facts)
    return Said(Verdict.OK, "ok", (newest,))


def _finding(unit: Unit, ctx: Context, seen: SiteSeen, check: str, label: str, said: Said) -> Finding:
    facts = {"site": urlsplit(seen.site.home).netloc, "check": label, **(said.facts or {})}
    if said.reason == "unconfirmed":
        facts |= {"told": ctx.settings.text(said.looks[0].reason, **facts), "at": moment(said.looks[-1].at)}
    minor = said.verdict is Verdict.VIOLATION and _grade(ctx, said.looks[0]) is Grade.MINOR
    return finding(
        META,
        unit,
        ctx,
        f"{check}@{seen.site.id}",
        said.verdict,
        said.reason,
        facts,
        evidence=[_evidence(probe, seen.site.home, label) for probe in said.looks],
        since=said.looks[-1].at if said.verdict in (Verdict.WARNING, Verdict.VIOLATION) else None,
        deadline=said.deadline,
        severity=Severity.LOW if minor else None,
    )


def _grade(ctx: Context, probe: SiteProbe) -> Grade:
    return Grade(ctx.settings.values["grades"].get(probe.reason, Grade.WARNING))


def _check(probe: SiteProbe) -> str:
    return probe.check.removeprefix("rendered.")


def _old(ctx: Context) -> timedelta:
    return timedelta(days=ctx.settings.integer("max_observation_age_days"))


def _facts(probe: SiteProbe) -> dict[str, Any]:
    """As they are worded."""
    return {
        name: day(value.astimezone(SHANGHAI).date()) if isinstance(value, datetime) else value
        for name, value in probe.facts.items()
    }


STATUS = {
    ProbeStatus.OK: "符合",
    ProbeStatus.FAILED: "不符合",
    ProbeStatus.NOT_TESTED: "未能检测",
    ProbeStatus.ERROR: "检测出错",
}


def _evidence(probe: SiteProbe, url: str, label: str) -> Evidence:
    return Evidence(kind="probe", ref=probe.key, at=probe.at, url=url, quote=f"检测{label}：{STATUS[probe.status]}")


RULE = Rule(meta=META, evaluate=evaluate)
