"""A repost names its source (注明信息出处)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import chain

from gzcrawl.items import Announcement, Post
from gzcrawl.registry import Department
from scheduler.findings import Blocked, Finding, RuleMeta, Verdict
from scheduler.matching import Decision
from scheduler.rules.base import Context, Rule, Unit, finding
from scheduler.rules.names import names_unit
from scheduler.rules.sentences import moment, post_evidence

META = RuleMeta(
    id="source_label",
    title="注明出处",
    title_en="Naming the source",
    duty="A repost names the source of the information.",
    observed="Posts of the unit that are reposts of an announcement: a source label (来源：…), the platform's own repost, a link to "
    "the original, or the publisher's name in title or text. A reposted announcement of which one repost names no source is a "
    "violation.",
    unknown_when="The repost was not read whole (a text cut off, a title in a list), so the source may stand in the rest.",
    example="《关于做好强降雨防范的紧急通知》于2025年9月28日 09:10转发时没有注明出处",
    blocked=Blocked.NOTHING,
)

WHOLE = ("weibo.timeline", "weibo.longtext", "weibo.desktop", "wechat.article", "govsite.article")
"""Sources that show a post with its whole text, unless `long_text` says it is cut."""


def evaluate(unit: Unit, ctx: Context) -> Iterator[Finding]:
    judged = timedelta(days=ctx.settings.integer("max_age_days"))
    posts = {post.key: post for post in chain(*(s.posts for s in unit.accounts), *(s.posts for s in unit.sites))}
    for announcement in ctx.announcements:
        if announcement.publisher == unit.department.id or not announcement.published_at:
            continue
        reposts = _reposts(posts, announcement, ctx) if ctx.now.within(judged, announcement.published_at) else []
        if reposts:
            yield _finding(unit, announcement, reposts, ctx)


def _finding(unit: Unit, announcement: Announcement, reposts: list[Post], ctx: Context) -> Finding:
    publisher = ctx.registry.by_id.get(announcement.publisher or "")
    bare = [post for post in reposts if not _is_attributed(post, announcement, publisher, ctx)]
    unlabelled = [post for post in bare if is_whole(post)]
    verdict, reason, shown = Verdict.OK, "ok", reposts[0]
    if unlabelled:
        verdict, reason, shown = Verdict.VIOLATION, "violation", unlabelled[0]
    elif bare:
        verdict, reason, shown = Verdict.UNKNOWN, "unknown", bare[0]
    subject = f"{announcement.id}@{unit.department.id}"
    posted = moment(shown.published_at, shown.precision) if shown.published_at else "某时"
    return finding(
        META,
        unit,
        ctx,
        subject,
        verdict,
        reason,
        {"title": announcement.title, "posted": posted},
        evidence=(post_evidence(shown),),
        since=shown.published_at if unlabelled else None,
    )


def is_whole(post: Post) -> bool:
    return post.source in WHOLE and not post.long_text and bool(post.text) and "\ufffd" not in post.text


def _reposts(posts: Mapping[str, Post], announcement: Announcement, ctx: Context) -> list[Post]:
    """What is a repost for sure, or by a person's decision."""
    found = ctx.matches.get(announcement.id, {})
    return [post for key, post in posts.items() if key in found and found[key].decision is Decision.REPOST]


def _is_attributed(post: Post, announcement: Announcement, publisher: object, ctx: Context) -> bool:
    if post.source_label or post.repost_of or post.links:
        return True
    said = f"{post.title or ''} {post.text}"
    if isinstance(publisher, Department):
        accounts = ctx.registry.accounts_of(publisher.id)
        return names_unit(said, publisher) or any(account.name in said for account in accounts)
    return bool(announcement.publisher) and str(announcement.publisher) in said


RULE = Rule(meta=META, evaluate=evaluate)
