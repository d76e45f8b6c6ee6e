"""The registry as plain values. Ids are chosen by the operator, unique over their kind, and never change.

No slots: a frozen class with them is pickled in Python, field by field, and large registries go to other processes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from gzcrawl.items import Platform


class State(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"  # declared beforehand, between paused_from and paused_until
    CLOSED = "closed"
    MERGED = "merged"  # departments only: see merged_into


@dataclass(frozen=True, kw_only=True)
class Department:
    id: str  # e.g. "wjw"
    name: str  # 赣州市卫生健康委员会
    level: str = "city"  # "city", "county", "town", "public_institution"
    parent: str | None = None  # department id
    aliases: tuple[str, ...] = ()
    responsible: str | None = None
    contact: str | None = None  # telephone
    email: str | None = None
    groups: tuple[str, ...] = ()  # named lists announcements may oblige, beside "all" and the level
    state: State = State.ACTIVE
    closed_on: date | None = None
    merged_into: str | None = None
    passwords_on: date | None = None  # when the unit last declared each of its security duties
    roster_on: date | None = None
    plan_on: date | None = None
    training_on: date | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases)

    def is_obliged(self, group: str, publisher: str | None) -> bool:
        """Whether it must repost what `publisher` announced to "all", a level, a named list, or one department."""
        addressed = group in ("all", self.level, self.id) or group in self.groups
        return addressed and self.state is State.ACTIVE and self.id != publisher


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Where a WeChat account can be seen; Weibo needs none of it."""

    sogou: bool = True
    albums: tuple[str, ...] = ()  # album ids; need `biz`
    feeds: tuple[str, ...] = ()  # RSS, Atom, JSON Feed URLs run by the office
    official: bool = False  # the department granted its own API


@dataclass(frozen=True, kw_only=True)
class Account:
    id: str  # e.g. "wjw-weibo"
    department: str
    platform: Platform
    name: str  # as registered
    uid: str | None = None  # Weibo: numeric
    biz: str | None = None  # WeChat __biz, base64
    gh: str | None = None  # WeChat gh_… (or wxid_…)
    wechat_id: str | None = None  # WeChat 微信号: may be changed by the owner
    opened_on: date | None = None
    filed_on: date | None = None
    changed_on: date | None = None  # the last change of name, subject or responsible person …
    change_filed_on: date | None = None  # … and when it was reported
    state: State = State.ACTIVE
    closed_on: date | None = None
    paused_from: date | None = None
    paused_until: date | None = None
    pause_reason: str | None = None
    qr_payloads: tuple[str, ...] = ()  # payloads confirmed to be this account's
    announcement_group: str | None = None  # its posts are announcements that these must repost …
    announcement_words: tuple[str, ...] = ()  # … if they contain one of these words; empty: all of them
    watch: Watch = field(default_factory=Watch)
    interval_minutes: int | None = None  # between polls; None: the setting's default

    def paused_on(self, day: date) -> bool:
        """Whether a declared pause covers that day (both ends included; no end means open-ended)."""
        if self.paused_from is None:
            return self.state is State.PAUSED
        return self.paused_from <= day and (self.paused_until is None or day <= self.paused_until)


@dataclass(frozen=True, kw_only=True)
class Site:
    id: str  # e.g. "wjw-site"
    department: str
    name: str
    home: str  # URL of the home page
    lists: tuple[str, ...] = ()  # columns whose articles are recorded
    announcement_lists: tuple[str, ...] = ()  # columns whose articles are announcements others must repost
    announcement_group: str = "all"
    article_pattern: str | None = None  # regular expression on article URLs, where the generic recognition fails
    expects_qr: tuple[str, ...] = ()  # account ids whose codes must stand there; empty: all of the department's
    site_id_code: str | None = None  # 网站标识码
    state: State = State.ACTIVE
    interval_minutes: int | None = None


@dataclass(frozen=True)
class Registry:
    departments: tuple[Department, ...] = ()
    accounts: tuple[Account, ...] = ()
    sites: tuple[Site, ...] = ()

    @cached_property
    def by_id(self) -> dict[str, Department | Account | Site]:
        """Departments, accounts and sites by id (ids are unique over all three)."""
        everything: Iterable[Department | Account | Site] = (*self.departments, *self.accounts, *self.sites)
        return {thing.id: thing for thing in everything}

    @cached_property
    def department_names(self) -> dict[str, str]:
        return {department.id: department.name for department in self.departments}

    def department(self, id: str) -> Department:
        found = self.by_id[id]
        assert isinstance(found, Department)
        return found

    def accounts_of(self, department: str, platform: Platform | None = None) -> tuple[Account, ...]:
        return tuple(
            a for a in self._accounts_by_department.get(department, ()) if platform is None or a.platform is platform
        )

    def sites_of(self, department: str) -> tuple[Site, ...]:
        return tuple(self._sites_by_department.get(department, ()))

    def obligated(self, group: str, publisher: str | None) -> tuple[Department, ...]:
        """The active departments that must repost what `publisher` announced to `group`."""
        return tuple(d for d in self.departments if d.is_obliged(group, publisher))

    @cached_property
    def _accounts_by_department(self) -> dict[str, list[Account]]:
        index: dict[str, list[Account]] = {}
        for account in self.accounts:
            index.setdefault(account.department, []).append(account)
        return index

    @cached_property
    def _sites_by_department(self) -> dict[str, list[Site]]:
        index: dict[str, list[Site]] = {}
        for site in self.sites:
            index.setdefault(site.department, []).append(site)
        return index
