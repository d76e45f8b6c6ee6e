"""Closing or changing an account is reported beforehand."""

from __future__ import annotations

from collections.abc import Iterator

from gzcrawl.items import Outcome, Poll
from gzcrawl.registry import State
from scheduler.findings import Evidence, Finding, RuleMeta, Verdict
from scheduler.rules.base import AccountSeen, Context, Rule, Unit, finding
from scheduler.rules.names import names_unit, same_name
from scheduler.rules.profiles import State as Seen
from scheduler.rules.profiles import profile_evidence, states
from scheduler.rules.sentences import account_name, attempt, moment, poll_evidence

META = RuleMeta(
    id="closure",
    title="关停变更",
    title_en="Closing and changes",
    duty="Closing or changing an account (name, verification, subject) is reported beforehand.",
    observed="The newest look at the account: Weibo says that the user does not exist or closed the account, an article of"
    " the account says that the account moved, was cancelled or banned, while the registry says it is in use. Its"
    " own pages over time: a name, verification or `__biz` other than the registered one where the registered one"
    " was seen before.",
    unknown_when="The account was not seen, Weibo says only that it cannot be shown (账号行为异常, which may pass), or its "
    "pause was declared.",
    example="微博“章江民政”已不存在（2025年10月13日 09:00查看，用户不存在），台账仍为在用，没有报备关停",
)

GONE_FOR_GOOD = frozenset(
    {
        "weibo_user_not_found",
        "weibo_account_closed",
        "wechat_account_moved",
        "wechat_account_cancelled",
        "wechat_account_banned",
    }
)
"""Reasons that speak of the account; those of single articles or posts (deleted, violation …) prove nothing about it."""

MAYBE_BACK = "weibo_account_hidden"
"""Shown to nobody, perhaps only for a while."""

ALIVE = ("weibo.", "wechat.article", "wechat.about")
"""What answers only while the account exists. Albums and indexes may outlive it."""


def evaluate(unit: Unit, ctx: Context) -> Iterator[Finding]:
    for seen in unit.accounts:
        verdict, reason, evidence, facts = _judge(seen, unit, ctx)
        facts = {"account": account_name(seen.account), "attempt": attempt(seen.polls)} | facts
        yield finding(META, unit, ctx, seen.account.id, verdict, reason, facts, evidence=evidence)


Judged = tuple[Verdict, str, tuple[Evidence, ...], dict[str, str]]


def _judge(seen: AccountSeen, unit: Unit, ctx: Context) -> Judged:
    account = seen.account
    if account.state is State.CLOSED:
        return Verdict.NOT_APPLICABLE, "closed", (), {}
    gone = _gone(seen)
    if gone:
        facts = {"looked": moment(gone.at), "said": gone.detail or "页面已不存在"}
        if ctx.paused(account):
            return Verdict.UNKNOWN, "unknown_paused", (poll_evidence(gone),), facts
        if gone.reason == MAYBE_BACK:
            return Verdict.UNKNOWN, "unknown_hidden", (poll_evidence(gone),), facts
        return Verdict.VIOLATION, "gone", (poll_evidence(gone),), facts
    shown = states(seen, live=True)
    for reason, before, now in _changes(seen, unit, shown):
        return Verdict.VIOLATION, reason, (profile_evidence(now), profile_evidence(before)), _told(before, now)
    if not shown and not any(poll.outcome.observed for poll in seen.polls):
        return Verdict.UNKNOWN, "unknown", (), {}
    return Verdict.OK, "ok", (), {}


def _gone(seen: AccountSeen) -> Poll | None:
    """The newest look that tells whether the account exists, when it says that it does not."""
    for poll in sorted(seen.polls, key=lambda poll: (poll.at, poll.outcome is Outcome.OK), reverse=True):
        if poll.outcome is Outcome.GONE and (poll.reason in GONE_FOR_GOOD or poll.reason == MAYBE_BACK):
            return poll if _of_account(poll, seen) else None
        if poll.outcome is Outcome.OK and poll.channel.startswith(ALIVE):
            return None
    return None


def _of_account(poll: Poll, seen: AccountSeen) -> bool:
    """An article's page speaks of the account under whose `__biz` it stands."""
    kind, _, article = poll.channel.partition(":")
    biz = seen.account.biz
    return kind != "wechat.article" or not biz or article.startswith(f"{biz}:")


def _changes(seen: AccountSeen, unit: Unit, shown: list[Seen]) -> Iterator[tuple[str, Seen, Seen]]:
    """(sentence, the state as registered, the state now) for each thing that is no longer what the registry says."""
    for before, now in _pairs(shown):
        account, was, is_now = seen.account, before[1], now[1]
        if was.name and is_now.name and same_name(was.name, account.name) and not same_name(is_now.name, account.name):
            yield "renamed", before, now
        if account.biz and was.biz == account.biz and is_now.biz and is_now.biz != account.biz:
            yield "moved", before, now
        named = was.verification and names_unit(was.verification, unit.department)
        if named and is_now.verification and not names_unit(is_now.verification, unit.department):
            yield "reverified", before, now


def _pairs(shown: list[Seen]) -> Iterator[tuple[Seen, Seen]]:
    """Each earlier state of a source with the one it was in last."""
    for source in dict.fromkeys(profile.source for _at, profile in shown):
        now, *earlier = [state for state in shown if state[1].source == source]
        yield from ((before, now) for before in earlier if before[0] <= now[0])


def _told(before: Seen, now: Seen) -> dict[str, str]:
    return {
        "was": before[1].name or "",
        "now": now[1].name or "",
        "was_verified": before[1].verification or "",
        "now_verified": now[1].verification or "",
        "since": moment(now[0]),
    }


RULE = Rule(meta=META, evaluate=evaluate)
