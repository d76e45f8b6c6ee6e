"""`gzcrawl patrol`: one round, from the registry to the mail."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from pymongo.database import Database

from gzcrawl import clock
from gzcrawl.registry import Registry
from gzcrawl.store import rounds
from gzcrawl.store.alerts import finding_counts
from gzcrawl.store.connect import connect, data_dir, mongo_uri
from gzcrawl.store.lease import Busy
from gzcrawl.store.registry import load_registry
from gzcrawl.store.schema import ensure_schema
from scheduler.alerts.policy import policy_of
from scheduler.calendar import Calendar, load_overrides
from scheduler.cli.errors import CliError
from scheduler.evaluation import Basis, findings
from scheduler.findings import Finding, Verdict
from scheduler.notify.ping import ping
from scheduler.patrol import PatrolError, Round, patrol
from scheduler.profile import DEFAULT, load_profile
from scheduler.rules import METAS, TITLES
from scheduler.tell import tell, telling
from scheduler.words import configured

BUSY = 75
INCOMPLETE = 3

WORDS = {
    Verdict.VIOLATION: "违规",
    Verdict.WARNING: "提醒",
    Verdict.UNKNOWN: "未能核实",
    Verdict.OK: "正常",
    Verdict.NOT_APPLICABLE: "不适用",
}


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = subparsers.add_parser("patrol", help="巡查一轮：采集、研判、预警、发送摘要")
    command.add_argument("--due", action="store_true", help="只巡查到了间隔时间的对象（用于 cron）")
    command.add_argument("--no-mail", action="store_true", help="不生成摘要（须立即通知的仍会发送）")
    command.add_argument("--profile", default=default_profile(), help="方案名或 TOML 文件")
    command.add_argument("--sandbox", action="store_true", help="在本机的虚构城市里完整走一遍，并与埋设的问题核对")
    command.add_argument("--now", metavar="时间", help="沙盒的时间，如 2025-10-13T09:00:00+08:00")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    try:
        return run_sandbox(args) if args.sandbox else run_watched(args)
    except Busy as error:
        raise CliError(str(error), exit_code=BUSY) from error
    except PatrolError as error:
        raise CliError(str(error)) from error


def run_watched(args: argparse.Namespace) -> int:
    """A round, and how it went told to whoever watches that rounds go on (scheduler.notify.ping)."""
    ping("/start", say=say)
    try:
        with mongo_uri() as uri, connect(uri) as db:
            ensure_schema(db)
            done, code = one_round(db, uri, args)
    except Busy:  # the other patrol reports
        raise
    except BaseException as error:
        ping("/fail", f"{type(error).__name__}: {error}", say=say)
        raise
    ping("/fail" if code else "", f"第 {done.id} 轮，退出码 {code}", say=say)
    return code


def one_round(db: Database, uri: str, args: argparse.Namespace) -> tuple[Round, int]:  # type: ignore[type-arg]
    """Run and report a round; (round, exit code)."""
    basis = basis_of(args.profile)
    # Before the round: a mistake in the recipients is told now, not after an hour's crawl.
    policy = policy_of(basis.profile, basis.calendar)
    how = telling(load_registry(db), METAS, policy, basis.calendar, data_dir())
    done = patrol(db, uri=uri, data_dir=data_dir(), basis=basis, only_due=args.due, say=say)
    show(db, done)
    complete = tell(db, done, how, digests=not args.no_mail, say=say) and done.crawl_complete
    # A crawl that broke off is taken up again by the next patrol: what it had only begun would not be due for hours.
    rounds.advance(db, done.id, "done" if done.crawl_complete else "crawling", finished_at=clock.now())
    if not done.crawl_complete:
        say("注意：部分巡查没有完成，已看到的内容均已保存，下一轮继续")
    return done, 0 if complete else INCOMPLETE


def run_sandbox(args: argparse.Namespace) -> int:
    from fixtures.city.truth import compare, line
    from scheduler.sandbox import sandbox, settle

    now = clock.parse_instant(args.now) if args.now else None
    folder = Path(os.environ.get("GZCRAWL_DATA") or ".data/sandbox").resolve()
    with contextlib.ExitStack() as stack:
        say("启动沙盒城市、邮件服务器和内置 MongoDB……")
        city = stack.enter_context(sandbox(folder, now)).city
        uri = stack.enter_context(mongo_uri())
        db = stack.enter_context(connect(uri))
        ensure_schema(db)
        settle(db, city, uri)
        _done, code = one_round(db, uri, args)
        report = compare(findings(db, *Verdict), city.truth)
        for planted in report.missed:
            say(f"漏报：{planted}")
        for accused in report.false:
            say(f"误报：{accused}")
        print(line(report), flush=True)
        return code or (1 if report.missed or report.false else 0)


def default_profile() -> str:
    return os.environ.get("GZCRAWL_PROFILE", DEFAULT)


def calendar() -> Calendar:
    path = os.environ.get("GZCRAWL_CALENDAR")
    return Calendar(load_overrides(Path(path))) if path else Calendar()


def basis_of(name_or_path: str) -> Basis:
    """What a command judges by: a profile, with the calendar and the word list of the environment."""
    profile = load_profile(name_or_path)
    return Basis(calendar=calendar(), profile=profile, words=configured(profile))


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def show(db: Database, done: Round) -> None:  # type: ignore[type-arg]
    """What stands after the round: the table a person reads, then the counts."""
    show_findings(findings(db, Verdict.VIOLATION, Verdict.WARNING), done.registry)
    counts: Counter[str] = Counter()
    for (_department, _rule, verdict), count in finding_counts(db).items():
        counts[verdict] += count
    told = "，".join(f"{word} {counts[str(verdict)]}" for verdict, word in WORDS.items())
    print(f"第 {done.id} 轮：{told}", flush=True)


def show_findings(found: Iterable[Finding], registry: Registry) -> None:
    """Violations first, the worst of them first."""
    names = registry.department_names
    rows = [
        (names.get(f.department, f.department), WORDS[f.verdict], TITLES.get(f.rule, f.rule), f.reason)
        for f in sorted(found, key=_order)
    ]
    if rows:
        table([("单位", "结论", "规则", "说明"), *rows])


def _order(finding: Finding) -> tuple[int, int, str]:
    return (finding.verdict is not Verdict.VIOLATION, -finding.severity, finding.department)


def table(rows: Iterable[tuple[str, ...]]) -> None:
    """Columns aligned as a terminal shows them: a Chinese character takes two cells."""
    listed = list(rows)
    widths = [max(map(cells, column)) for column in zip(*listed, strict=True)]
    for row in listed:
        print("  ".join(text + " " * (width - cells(text)) for text, width in zip(row, widths, strict=True)).rstrip())


def cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
