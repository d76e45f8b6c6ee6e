"""Links that lead nowhere, or elsewhere than they say, on home pages and in recent posts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from gzcrawl.items import LinkCheck, Poll
from gzcrawl.registry import State
from scheduler.findings import Evidence, Finding, RuleMeta, Verdict
from scheduler.rules.base import Context, Rule, Unit, finding
from scheduler.rules.sentences import account_name, attempt

META = RuleMeta(
    id="links",
    title="链接有效",
    title_en="Working links",
    duty="Links of the website and of posts lead where they say.",
    observed="Links of the home page, and of posts of the last 31 days, a few in each round (docs/sources.md). Dead: 404, 410 or no "
    "such host at two looks 20 hours apart, while the rest of the host answers. So many as `home_from` or `posts_from` are a "
    "violation, fewer a reminder. On home pages also links whose words name another address than theirs, and links to hosts of "
    "the operator's list `deny`: reminders.",
    unknown_when="The home page was not read within `max_observation_age_days`: the site is down, blocks us, or robots.txt says "
    "no. A link that cannot be asked is never counted.",
    example="网站“章江市卫生健康委员会”有3个链接已失效（如“预防接种门诊” https://wjw.zhangjiang.example/gone/1.html）",
)


def evaluate(unit: Unit, ctx: Context) -> Iterator[Finding]:
    for seen in unit.accounts:
        if seen.account.state is not State.CLOSED and seen.links:
            yield _judge(seen.account.id, account_name(seen.account), seen.links, seen.polls, unit, ctx)
    for site in unit.sites:
        if site.site.state is not State.CLOSED:
            yield _judge(site.site.id, f"网站“{site.site.name}”", site.links, site.polls, unit, ctx, has_home=True)


def _judge(
    subject: str,
    name: str,
    checks: Sequence[LinkCheck],
    polls: Sequence[Poll],
    unit: Unit,
    ctx: Context,
    *,
    has_home: bool = False,
) -> Finding:
    lately = timedelta(days=ctx.settings.integer("max_observation_age_days"))
    fresh = [check for check in checks if ctx.now.within(lately, check.at)]
    found = [(check.place, link) for check in fresh for link in check.notable if _reason(link, ctx)]
    dead = [(place, link) for place, link in found if link["kind"] == "dead"]
    verdict, reason, shown = Verdict.OK, "ok", dead or found
    if dead:
        verdict, reason = Verdict.VIOLATION if _many(dead, ctx) else Verdict.WARNING, "dead"
    elif found:
        verdict, reason = Verdict.WARNING, str(_reason(found[0][1], ctx))
    elif not fresh or (has_home and all(check.place != "home" for check in fresh)):
        verdict, reason = Verdict.UNKNOWN, "unknown"
    first: dict[str, Any] = shown[0][1] if shown else {}
    facts = {
        "subject": name,
        "dead": len(dead),
        "shown": sum(check.shown for check in fresh),
        "known": sum(check.known for check in fresh),
        "words": first.get("words") or "链接",
        "url": first.get("url", ""),
        "attempt": attempt([poll for poll in polls if poll.channel == "links.home"]),
    }
    since = min((link["since"] for _place, link in dead), default=None)
    evidence = [_evidence(link, fresh[0]) for _place, link in shown[:10]]
    return finding(META, unit, ctx, subject, verdict, reason, facts, evidence=evidence, since=since)


def _many(dead: Sequence[tuple[str, dict[str, Any]]], ctx: Context) -> bool:
    counts = {place: sum(p == place for p, _link in dead) for place in ("home", "posts")}
    return any(0 < ctx.settings.integer(f"{place}_from") <= count for place, count in counts.items())


def _reason(link: dict[str, Any], ctx: Context) -> str | None:
    """What there is to say of a link; None: nothing."""
    if link["kind"] != "outside":
        return str(link["kind"])
    host = link["url"].split("/")[2].partition(":")[0].casefold()
    denied = any(host == name or host.endswith(f".{name}") for name in ctx.settings.values["deny"])
    return "denied" if denied else None


def _evidence(link: dict[str, Any], check: LinkCheck) -> Evidence:
    kind = "page" if link["where"].startswith("http") else "post"
    quote = f"“{link['words']}” {link['url']}" if link["words"] else link["url"]
    return Evidence(kind=kind, ref=link["where"], at=check.at, url=link["url"], quote=quote)


RULE = Rule(meta=META, evaluate=evaluate)
