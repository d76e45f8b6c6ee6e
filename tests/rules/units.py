"""Small units and a context to judge them in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from gzcrawl.items import SHANGHAI, Announcement, Outcome, Platform, Poll, Post, Precision, Profile
from gzcrawl.qr.payload import Owners
from gzcrawl.registry import Account, Department, Registry, Site
from scheduler.calendar import Calendar
from scheduler.findings import Finding
from scheduler.matching import Decision, Match, match
from scheduler.profile import load_profile
from scheduler.rules.base import AccountSeen, Context, Matches, Rule, SiteSeen, Unit
from scheduler.rules.now import Now

NOW = datetime(2025, 10, 13, 9, 0, tzinfo=SHANGHAI)

WJW = Department(id="wjw", name="章江市卫生健康委员会")
JYJ = Department(id="jyj", name="章江市教育局")
WEIBO = Account(id="wjw-weibo", department="wjw", platform=Platform.WEIBO, name="健康章江", uid="7000000001")
WECHAT = Account(
    id="wjw-wechat",
    department="wjw",
    platform=Platform.WECHAT,
    name="健康章江",
    qr_payloads=("http://weixin.qq.com/r/wjw",),
)
JYJ_WECHAT = Account(
    id="jyj-wechat",
    department="jyj",
    platform=Platform.WECHAT,
    name="章江教育",
    qr_payloads=("http://weixin.qq.com/r/jyj",),
)
SITE = Site(id="wjw-site", department="wjw", name="卫健委", home="https://wjw.zhangjiang.example/")
REGISTRY = Registry((JYJ, WJW), (JYJ_WECHAT, WECHAT, WEIBO), (SITE,))


def at(text: str) -> datetime:
    """A Shanghai time."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def post(when: datetime, **changes: Any) -> Post:
    values: dict[str, Any] = {
        "platform": Platform.WEIBO, "native_id": f"{when:%m%d%H%M%S}", "source": "weibo.timeline", "account_id": "wjw-weibo",
        "text": "今日健康提示", "published_at": when, "precision": Precision.SECOND,
    }  # fmt: skip
    return Post(**(values | changes))


def poll(when: datetime = NOW, outcome: Outcome = Outcome.OK, *, days: float | None = 31, **changes: Any) -> Poll:
    """A look; `days`: how far back it covers completely, None for not at all."""
    covers = when - timedelta(days=days) if days is not None and outcome.observed else None
    values: dict[str, Any] = {
        "round_id": f"{when:%m%d%H%M}", "target_id": "wjw-weibo", "channel": "weibo.timeline", "url": "u", "at": when,
        "outcome": outcome, "covers_from": covers, "covers_to": when if covers else None, "complete": covers is not None,
        "seen": 1,
    }  # fmt: skip
    return Poll(**(values | changes))


def seen(
    account: Account = WEIBO,
    posts: tuple[Post, ...] = (),
    polls: tuple[Poll, ...] = (),
    profiles: tuple[tuple[datetime, Profile], ...] = (),
) -> AccountSeen:
    return AccountSeen(account=account, posts=posts, polls=polls, profiles=profiles)


def profile(
    account: Account = WEIBO, source: str = "weibo.profile", when: datetime = NOW, **told: Any
) -> tuple[datetime, Profile]:
    """A state first seen at `when`."""
    values: dict[str, Any] = {"name": account.name, "native_id": account.uid}
    return when, Profile(platform=account.platform, source=source, account_id=account.id, **(values | told))


def shown(account: Account = WEIBO, source: str = "weibo.profile", **told: Any) -> AccountSeen:
    """An account whose page was read just now."""
    return seen(account, polls=(poll(channel=source),), profiles=(profile(account, source, **told),))


def unit(*accounts: AccountSeen, sites: tuple[SiteSeen, ...] = ()) -> Unit:
    return Unit(department=WJW, accounts=accounts, sites=sites)


def judge(rule: Rule, judged: Unit, **given: Any) -> list[Finding]:
    """`given`: as `context` takes it."""
    return list(rule.evaluate(judged, context(rule, judged, **given)))


def changes_at(rule: Rule, judged: Unit, **given: Any) -> datetime | None:
    """When time alone changes what the rule says."""
    asked = context(rule, judged, **given)
    list(rule.evaluate(judged, asked))
    return asked.now.changes_at


def context(
    rule: Rule,
    judged: Unit,
    *,
    now: datetime = NOW,
    profile: str = "ganzhou",
    registry: Registry = REGISTRY,
    announcements: tuple[Announcement, ...] = (),
    matches: Matches | None = None,
    **more: Any,
) -> Context:
    """`matches`: instead of what the matcher says of the unit's posts."""
    return Context(
        now=Now(now),
        registry=registry,
        owners=Owners(registry.accounts),
        calendar=Calendar(),
        settings=load_profile(profile).rule(rule.meta.id),
        announcements=announcements,
        matches=matched(judged, announcements) if matches is None else matches,
        **more,
    )


def matched(judged: Unit, announcements: tuple[Announcement, ...]) -> Matches:
    posts = [post for seen in (*judged.accounts, *judged.sites) for post in seen.posts]
    found = {a.id: {post.key: match(a, post) for post in posts} for a in announcements}
    return {id: {key: m for key, m in ms.items() if m.decision is not Decision.NO} for id, ms in found.items()}


def said(post: Post, decision: Decision, why: str = "正文包含 40%") -> Matches:
    """What is held of one post and ANNOUNCEMENT."""
    return {ANNOUNCEMENT.id: {post.key: Match(decision, 0.5, (why,))}}


ANNOUNCEMENT = Announcement(
    id="website:jyj.zhangjiang.example/c1/202509/a.shtml",
    title="关于做好2025年秋季校园流感防控工作的紧急通知",
    body="各学校：近期流感病例增多，请于9月29日前完成晨午检制度落实，确保每日通风不少于3次。",
    url="https://jyj.zhangjiang.example/c1/202509/a.shtml",
    published_at=at("2025-09-26 23:50:00"),
    precision=Precision.SECOND,
    publisher="jyj",
)
