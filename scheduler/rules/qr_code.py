"""The official website shows the QR codes of the official Weibo and WeChat account."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from gzcrawl.items import Outcome, Platform, Poll, QrSighting
from gzcrawl.qr import prominence, verdict
from gzcrawl.qr.payload import Meaning, same_account
from gzcrawl.qr.verdict import Found
from gzcrawl.qr.verdict import Verdict as Said
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
    "the registered WeChat payloads; short links are followed. A code only on a page such as 关于我们 is a "
    "reminder, and so is one that the page names but a browser never shows, not even when icons are pointed at and clicked.",
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
            said, text, facts = judge(account, seen, ctx)
            yield Finding(
                rule=META.id,
                subject=f"{account.id}@{seen.site.id}",
                department=unit.department.id,
                verdict=said,
                severity=ctx.settings.severity if said is Verdict.VIOLATION else Severity.LOW,
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
    if not looks:
        return Verdict.UNKNOWN, "unknown_blind", {"attempt": attempt([p for p in seen.polls if _is_home(p)])}
    seen = replace(seen, sightings=tuple(code for code in seen.sightings if _is_recent(code.at, ctx)))
    codes = [_found(code, looks) for code in seen.sightings]
    whole = any(poll.reason in PROVES_ABSENCE for poll in looks)

    def own(code: Found) -> bool | None:
        mine = same_account(code.payload, account, code.leads_to)
        return False if mine is None and _owner(code, ctx) else mine

    def other(code: Found) -> bool:
        owner = _owner(code, ctx)
        return owner is not None and owner.department == account.department

    said, code = verdict.judge(account.platform, codes, whole=whole, own=own, other=other)
    if said is Said.PRESENT:
        return _prominent(account, seen, ctx)
    if said is Said.ELSEWHERE and code:
        certain = whole and all(own(one) is not None for one in codes if not one.dead)
        return (Verdict.WARNING, "elsewhere", {"page": code.page}) if certain else (Verdict.OK, "ok", {})
    if said is Said.HIDDEN:
        return Verdict.WARNING, "hidden", {}
    if said is Said.PRESENT_UNVERIFIED and code:
        return Verdict.UNKNOWN, _unverified(account, code), {}
    if said is Said.UNKNOWN:
        sentence = "unknown_hidden" if code else NOT_PROVEN.get(looks[0].reason, "unknown_images")
        return Verdict.UNKNOWN, sentence, {"detail": looks[0].detail}
    if said is Said.WRONG_ACCOUNT and code:
        owner = _owner(code, ctx)
        return Verdict.VIOLATION, said, {"found": account_name(owner) + "的二维码" if owner else "另一个账号的二维码"}
    return Verdict.VIOLATION, said, {"link": code.payload if code else ""}


def _found(code: QrSighting, looks: Sequence[Poll]) -> Found:
    return Found(
        payload=code.payload,
        leads_to=code.leads_to or code.payload,
        dead=Meaning(code.meaning) if code.meaning in (Meaning.DEAD, Meaning.EXPIRED) else None,
        shown=_shown(code, looks),
        page=code.page,
    )


def _shown(code: QrSighting, looks: Sequence[Poll]) -> bool | None:
    """Whether a citizen sees it: a browser has shown it, or has not looked. A link to the picture shows it on a click."""
    rendered = next((poll for poll in looks if poll.channel == "qr.rendered"), None)
    if rendered is None or rendered.reason == "rendered_found" or code.place in ("rendered", "link") or code.page:
        return True
    return False if rendered.reason == "rendered" and rendered.at >= code.at else None


def _prominent(account: Account, seen: SiteSeen, ctx: Context) -> tuple[Verdict, str, dict[str, Any]]:
    """The code is there; a reminder when a browser saw that it is hard to find. Not measured: not judged."""
    settings = ctx.settings.values["prominence"]
    weights = {name: float(settings[name]) for name in prominence.PARTS}
    own = [
        code
        for code in seen.sightings
        if "prominence" in code.extra and not code.page and same_account(code.payload, account, code.leads_to)
    ]
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


def _unverified(account: Account, code: Found) -> str:
    """Why a code that is there may be the account's without our knowing; the name of the sentence."""
    if code.meaning is Meaning.SHORT_LINK:
        return "unknown_short_link"
    return "unknown_other" if account.qr_payloads else "unknown_unverified"


def _owner(code: Found, ctx: Context) -> Account | None:
    """The registered account the code certainly leads to."""
    return ctx.owners.of(code.payload, code.leads_to)


def _evidence(seen: SiteSeen) -> tuple[Evidence, ...]:
    codes = tuple(
        Evidence(kind="qr", ref=code.key, at=code.at, url=code.image_url or code.page_url, quote=code.payload[:80])
        for code in seen.sightings
    )
    looks = sorted((p for p in seen.polls if _is_home(p)), key=lambda poll: poll.at, reverse=True)[:2]
    return (*codes, *map(poll_evidence, looks))


RULE = Rule(meta=META, evaluate=evaluate)
