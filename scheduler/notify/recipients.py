"""Who is told what, when and how: `GZCRAWL_RECIPIENTS` names a TOML file (docs/mail.md); else everybody in GZCRAWL_MAIL_TO
gets each round's digest."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from gzcrawl.items import SHANGHAI
from gzcrawl.registry import Registry
from scheduler.alerts.life import Alert
from scheduler.calendar import Calendar
from scheduler.findings import Severity, Verdict
from scheduler.notify.language import CHINESE, language
from scheduler.notify.settings import MailSettings, MailSettingsError

ENV = "GZCRAWL_RECIPIENTS"
DIGEST_AT = time(8, 30)
DIGESTS = ("daily", "workdays", "weekly", "never", "round")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which alerts; None stands for all. `operator`: also what could not be seen and how the sources are."""

    departments: frozenset[str] | None = None
    rules: frozenset[str] | None = None
    operator: bool = True

    def covers_department(self, department: str) -> bool:
        return self.departments is None or department in self.departments

    def covers(self, department: str, rule: str) -> bool:
        return self.covers_department(department) and (self.rules is None or rule in self.rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """`name` stands in the outbox and in messages; `to` is a mail address, or the secret address of a channel."""

    name: str
    to: str
    scope: Scope = Scope()
    language: str = CHINESE  # what is written around the record (scheduler.notify.language)
    digest: str = "workdays"  # one of DIGESTS; "round": after each round that is told
    at_once: Severity | None = None  # violations from this severity on are told at once
    hours: tuple[time, time] | None = None  # when "at once" may be; None: at any time
    escalation: bool = False  # hears of what nobody acknowledged in time

    @property
    def mail(self) -> str | None:
        """The mail address, or None where a channel is used."""
        return None if "://" in self.to else self.to

    def awake(self, now: datetime) -> bool:
        if self.hours is None:
            return True
        begin, end = self.hours
        local = now.astimezone(SHANGHAI).time()
        return begin <= local < end if begin <= end else local >= begin or local < end

    def wants(self, alert: Alert, *, escalated: bool) -> bool:
        """Whether a change of this alert is told to this recipient at once."""
        if not self.scope.covers(alert.department, alert.rule) or alert.verdict is not Verdict.VIOLATION:
            return False
        return (self.escalation and escalated) or (self.at_once is not None and alert.severity >= self.at_once)

    def digest_due(self, now: datetime, calendar: Calendar) -> bool:
        """Whether a digest made now is this recipient's of today; at most one a day is sent (its key is the day)."""
        local = now.astimezone(SHANGHAI)
        if self.digest == "round":
            return True
        if self.digest == "never" or local.time() < DIGEST_AT:
            return False
        if self.digest == "daily":
            return True
        if self.digest == "workdays":
            return calendar.is_workday(local.date())
        return calendar.is_workday(local.date()) and not any(map(calendar.is_workday, _earlier_in_week(local.date())))

    @property
    def period(self) -> timedelta:
        """What a first digest looks back on."""
        return timedelta(days=7 if self.digest == "weekly" else 1)


def load_recipients(
    settings: MailSettings | None, registry: Registry, environ: Mapping[str, str] = os.environ
) -> tuple[Recipient, ...]:
    """From the file if there is one. `MailSettingsError` names file and entry."""
    path = environ.get(ENV)
    if not path:
        return tuple(Recipient(name=to, to=to, digest="round") for to in (settings.recipients if settings else ()))
    try:
        document = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MailSettingsError(f"{ENV} 指定的 {path} 读不了：{error}") from error
    try:
        named = [_recipient(entry, registry) for entry in document.get("recipient", [])]
        each = document.get("each_department")
        own = (
            []
            if each is None
            else [_own(each, d.id, d.name, d.email, registry) for d in registry.departments if d.email]
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise MailSettingsError(f"{path}：{error}") from error
    found = (*named, *own)
    doubled = {r.name for r in found if sum(r.name == other.name for other in found) > 1}
    if doubled:
        raise MailSettingsError(f"{path}：name 重复：{'、'.join(sorted(doubled))}")
    return found


def _own(each: Mapping[str, Any], id: str, name: str, email: str | None, registry: Registry) -> Recipient:
    made = _recipient({**each, "name": name, "to": email}, registry)
    return replace(made, scope=replace(made.scope, departments=frozenset((id,)), operator=False))


def _recipient(entry: Mapping[str, Any], registry: Registry) -> Recipient:
    name, to = str(entry.get("name", "")), str(entry.get("to", ""))
    where = f"收件人 {name or to or entry}"
    allowed = {f.name for f in fields(Recipient)} - {"scope"} | {"departments", "rules", "operator"}
    if unknown := sorted(set(entry) - allowed):
        raise ValueError(f"{where} 中没有设置项 {'、'.join(unknown)}；可用 {'、'.join(sorted(allowed))}")
    if not name or "\n" in name:
        raise ValueError(f"{where} 没有 name")
    if "://" not in to and ("@" not in parseaddr(to)[1] or "\n" in to or "\r" in to):
        raise ValueError(f"{where} 的 to 不是邮箱地址，也不是通道地址（如 wecombot://…）")
    departments = _set(entry, "departments", where)
    if departments and (missing := departments - {d.id for d in registry.departments}):
        raise ValueError(f"{where} 的 departments 在台账里没有：{'、'.join(sorted(missing))}")
    digest = entry.get("digest", "workdays")
    if digest not in DIGESTS:
        raise ValueError(f"{where} 的 digest 应为 {'、'.join(DIGESTS)} 之一")
    return Recipient(
        name=name,
        to=to,
        scope=Scope(
            departments=departments,
            rules=_set(entry, "rules", where),
            operator=bool(entry.get("operator", departments is None)),
        ),
        language=_language(entry.get("language", CHINESE), where),
        digest=digest,
        at_once=_severity(entry.get("at_once"), where),
        hours=_hours(entry.get("hours"), where),
        escalation=bool(entry.get("escalation", False)),
    )


def _set(entry: Mapping[str, Any], key: str, where: str) -> frozenset[str] | None:
    value = entry.get(key, "all")
    if value == "all":
        return None
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError(f'{where} 的 {key} 应为 "all" 或编号的列表')
    return frozenset(value)


def _language(value: Any, where: str) -> str:
    try:
        return language(str(value)).code
    except ValueError as error:
        raise ValueError(f"{where} 的 language：{error}") from None


def _severity(value: Any, where: str) -> Severity | None:
    if value is None:
        return None
    try:
        return Severity[str(value).upper()]
    except KeyError:
        raise ValueError(f"{where} 的 at_once 应为 {'、'.join(s.name.lower() for s in Severity)} 之一") from None


def _hours(value: Any, where: str) -> tuple[time, time] | None:
    if value is None:
        return None
    try:
        begin, _, end = str(value).partition("-")
        return time.fromisoformat(begin), time.fromisoformat(end)
    except ValueError:
        raise ValueError(f"{where} 的 hours 应形如 07:30-22:00") from None


def _earlier_in_week(day: date) -> Iterable[date]:
    return (day - timedelta(days=back) for back in range(1, day.weekday() + 1))
