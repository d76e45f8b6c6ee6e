"""What an account's public pages said of the account, and how lately."""

from __future__ import annotations

from datetime import datetime, timedelta

from gzcrawl.items import Outcome, Platform, Poll, Profile
from scheduler.findings import Evidence
from scheduler.rules.base import AccountSeen, Context

State = tuple[datetime, Profile]

INDEXES = ("sogou.",)
"""Sources that show an account as it was some time ago: agreement counts, a difference proves nothing."""


def is_live(profile: Profile) -> bool:
    return not profile.source.startswith(INDEXES)


def states(seen: AccountSeen, *, live: bool) -> list[State]:
    """Its states, the one seen last first."""
    return [state for state in seen.profiles if is_live(state[1]) is live]


def current(seen: AccountSeen, ctx: Context, *, live: bool) -> State | None:
    """The state a source showed when it was read lately (`max_observation_age_days`); None: not known now."""
    lately = timedelta(days=ctx.settings.integer("max_observation_age_days"))
    for state in states(seen, live=live):
        reads = (poll for poll in seen.polls if _read(poll, state[1]))
        if state[1].name and any(ctx.now.within(lately, poll.at) for poll in reads):
            return state
    return None


def _read(poll: Poll, profile: Profile) -> bool:
    return poll.outcome is Outcome.OK and poll.channel.partition(":")[0] == profile.source


def profile_evidence(state: State) -> Evidence:
    """The page and what it said: the name and the verification."""
    at, profile = state
    said = "，".join(part for part in (f"名称“{profile.name}”", _verification(profile)) if part)
    weibo = profile.platform is Platform.WEIBO and profile.native_id
    return Evidence(
        kind="profile",
        ref=f"{profile.account_id}|{profile.source}",
        at=at,
        url=f"https://weibo.com/u/{profile.native_id}" if weibo else None,
        quote=f"账号主页：{said}",
    )


def _verification(profile: Profile) -> str:
    if profile.verified is False:
        return "未认证"
    return f"认证“{profile.verification}”" if profile.verification else ""
