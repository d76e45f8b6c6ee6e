"""The official website shows the QR codes of the official Weibo and WeChat account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from gzcrawl.items import Outcome, Platform, Poll, QrSighting
from gzcrawl.qr import prominence
from gzcrawl.qr.payload import Meaning, same_account
from gzcrawl.registry import Account, State
from scheduler.findings import Evidence, Finding, RuleMeta, Severity, Verdict
from scheduler.rules.base import Context, Rule, SiteSeen, Unit
from scheduler.rules.sentences import account_name, attempt, poll_evidence

META = RuleMeta(
    id="qr_code",
    title="官网二维码",
    title_en="QR codes on the website",
    duty="The official website shows the QR codes of the official Weibo and WeChat account in a prominent place.",
    observed="Codes decoded from the home page, as it is sent and as a browser shows it, compared with the registered Weibo uid and "
    "the registered WeChat payloads; short links are followed. A code only on a page such as 关于我们 is a reminder.",
    unknown_when="The home page or one of its pictures could not be read, scripts may draw codes that only a browser sees, the code "
    "is a short link whose end is not known, or a WeChat code is there whose payload is not registered.",
    example="首页没有展示微信公众号“健康章江”的二维码",
)

PROVES_ABSENCE = ("static_settled", "rendered")

NOT_PROVEN = {
    "script_rendered": "unknown_script",
    "static_found": "unknown_not_sought",
    "rendered_found": "unknown_not_sought",
}
"""What is said after a look that proves no absence; else a picture could not be read."""


def evaluate(unit: Unit, ctx: Context) -> Iterator[Finding]:
    for seen in unit.sites:
        if seen.site.state is State.CLOSED:
            continue
        for account in expected(unit, seen, ctx):
            verdict, text, facts = judge(account, seen, ctx)
            yield Finding(
                rule=META.id,
                subject=f"{account.id}@{seen.site.id}",
                department=unit.department.id,
                verdict=verdict,
                severity=ctx.settings.severity if verdict is Verdict.VIOLATION else Severity.LOW,
                reason=ctx.settings.text(text, account=account_name(account), **facts),
                evidence=_evidence(seen),
            )


def expected(unit: Unit, seen: SiteSeen, ctx: Context) -> list[Account]:
    """The active accounts whose codes must stand on the site."""
    if seen.site.expects_qr:
        named = (ctx.registry.by_id.get(id) for id in seen.site.expects_qr)
        accounts = [thing for thing in named if isinstance(thing, Account)]
    else:
        accounts = [s.account for s in unit.accounts if s.account.platform is not Platform.WEBSITE]
    return [account for account in accounts if account.state is State.ACTIVE]


def judge(account: Account, seen: SiteSeen, ctx: Context) -> tuple[Verdict, str, dict[str, Any]]:
    """(verdict, name of the sentence, its facts) for one account on one site."""
    looks = _recent_looks(seen, ctx)
    seen = replace(seen, sightings=tuple(code for code in seen.sightings if _is_recent(code.at, ctx)))
    own = [code for code in seen.sightings if _is_of(code, account)]
    if looks and any(not code.page for code in own):
        return _prominent(account, seen, ctx)
    if not looks:
        return Verdict.UNKNOWN, "unknown_blind", {"attempt": attempt([p for p in seen.polls if _is_home(p)])}
    proven = any(poll.reason in PROVES_ABSENCE for poll in looks)
    doubtful = _doubtful(account, seen.sightings, ctx)
    if own:
        certain = proven and not doubtful
        return (Verdict.WARNING, "elsewhere", {"page": own[0].page}) if certain else (Verdict.OK, "ok", {})
    if doubtful:
        return Verdict.UNKNOWN, doubtful, {}
    if not proven:
        return Verdict.UNKNOWN, NOT_PROVEN.get(looks[0].reason, "unknown_images"), {"detail": looks[0].detail}
    return _absent(account, tuple(code for code in seen.sightings if not code.page), ctx)


def _is_of(code: QrSighting, account: Account) -> bool | None:
    """Whether the code is the account's; None when it cannot be told."""
    return same_account(code.payload, account, code.leads_to)


def _prominent(account: Account, seen: SiteSeen, ctx: Context) -> tuple[Verdict, str, dict[str, Any]]:
    """The code is there; a reminder when a browser saw that it is hard to find. Not measured: not judged."""
    settings = ctx.settings.values["prominence"]
    weights = {name: float(settings[name]) for name in prominence.PARTS}
    own = [code for code in seen.sightings if "prominence" in code.extra and _is_of(code, account)]
    measured = [prominence.Facts.of(code.extra["prominence"]) for code in own]
    if not measured:
        return Verdict.OK, "ok", {}
    facts = max(measured, key=lambda one: prominence.score(one, weights))
    score = prominence.score(facts, weights)
    if score >= float(settings["threshold"]):
        return Verdict.OK, "ok", {}
    known = {"side": round(facts.side), "screen": int(facts.screens) + 1}
    why = [ctx.settings.text(f"obscure_{part}", **known) for part in prominence.weakest(facts, weights)]
    return Verdict.WARNING, "obscure", {"score": round(score * 100), "why": "，".join(why)}


def _recent_looks(seen: SiteSeen, ctx: Context) -> list[Poll]:
    looks = [p for p in seen.polls if p.channel in ("qr.static", "qr.rendered") and p.outcome is Outcome.OK]
    return sorted((p for p in looks if _is_recent(p.at, ctx)), key=lambda poll: poll.at, reverse=True)


def _is_recent(at: datetime, ctx: Context) -> bool:
    """What was seen before says nothing about now."""
    return ctx.now.within(timedelta(days=ctx.settings.integer("max_observation_age_days")), at)


def _is_home(poll: Poll) -> bool:
    return poll.channel == "govsite.home" or poll.channel in ("qr.static", "qr.rendered")


def _doubtful(account: Account, codes: tuple[QrSighting, ...], ctx: Context) -> str | None:
    """Why a code that is there may be the account's without our knowing; the name of the sentence."""
    of_its_kind = _kind(account)
    for code in codes:
        if _is_of(code, account) is None and _owner(code, ctx) is None:
            if code.meaning == Meaning.SHORT_LINK:
                return "unknown_short_link"
            if code.meaning == of_its_kind:
                return "unknown_other" if account.qr_payloads else "unknown_unverified"
    return None


def _owner(code: QrSighting, ctx: Context) -> Account | None:
    """The registered account the code certainly leads to."""
    return next((account for account in ctx.registry.accounts if _is_of(code, account)), None)


def _kind(account: Account) -> Meaning:
    return Meaning.WEIBO_ACCOUNT if account.platform is Platform.WEIBO else Meaning.WECHAT_ACCOUNT


def _absent(account: Account, codes: tuple[QrSighting, ...], ctx: Context) -> tuple[Verdict, str, dict[str, Any]]:
    """The account's code is certainly not there; say what stands in its place."""
    for code in codes:
        if code.meaning == _kind(account):
            owner = _owner(code, ctx)
            found = account_name(owner) + "的二维码" if owner else "另一个账号的二维码"
            if owner is None or owner.department != account.department:
                return Verdict.VIOLATION, "wrong_account", {"found": found}
    if account.platform is Platform.WECHAT and any(code.meaning == Meaning.WECHAT_PERSONAL for code in codes):
        return Verdict.VIOLATION, "personal", {}
    dead = next((code for code in codes if code.meaning == Meaning.DEAD), None)
    if dead:
        return Verdict.VIOLATION, "dead", {"link": dead.payload}
    return Verdict.VIOLATION, "missing", {}


def _evidence(seen: SiteSeen) -> tuple[Evidence, ...]:
    codes = tuple(
        Evidence(kind="qr", ref=code.key, at=code.at, url=code.image_url or code.page_url, quote=code.payload[:80])
        for code in seen.sightings
    )
    looks = sorted((p for p in seen.polls if _is_home(p)), key=lambda poll: poll.at, reverse=True)[:2]
    return (*codes, *map(poll_evidence, looks))


RULE = Rule(meta=META, evaluate=evaluate)
