"""Declared events: who spoke in time, who did not, and who cannot be judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gzcrawl.items import Event, Outcome, Poll, Post, Precision, RepostKind, RepostOf
from gzcrawl.registry import State
from scheduler.findings import Finding, Verdict
from scheduler.rules import event_silence
from scheduler.rules.base import AccountSeen, EventSeen, SiteSeen
from tests.rules.units import NOW, SITE, WECHAT, WEIBO, at, judge, poll, post, seen, unit

START, END = at("2025-10-10 14:00:00"), at("2025-10-12 18:00:00")
EVENT = Event(id="e1", title="南桥加油站油气泄漏", starts_at=START, ends_at=END, keywords=["油气泄漏", "WS油站"])
SECOND = timedelta(seconds=1)


def judged(
    *accounts: AccountSeen, said: tuple[Post, ...] = (), now: object = NOW, event: Event = EVENT, **unit_parts: object
) -> Finding:
    posts: dict[str, list[Post]] = {}
    for each in said:
        posts.setdefault(each.account_id or "", []).append(each)
    events = (EventSeen(event=event, posts=posts),)
    (found,) = judge(event_silence.RULE, unit(*accounts, **unit_parts), now=now, events=events)  # type: ignore[arg-type]
    return found


LOOKED = seen(polls=(poll(),))


def test_a_unit_that_said_nothing_by_the_deadline_was_silent_and_the_look_proves_it() -> None:
    found = judged(LOOKED)
    assert found.verdict is Verdict.VIOLATION
    assert found.reason == "“南桥加油站油气泄漏”应于2025年10月12日 18:00前回应，单位在期限内未见发声"
    assert found.subject == "e1@wjw"
    assert found.evidence[0].kind == "poll"


@pytest.mark.parametrize(
    ("when", "verdict"),
    [
        (START, Verdict.OK),
        (START - SECOND, Verdict.VIOLATION),
        (END - SECOND, Verdict.OK),
        (END, Verdict.VIOLATION),
    ],
)
def test_speaking_counts_from_the_beginning_to_the_last_second(when: object, verdict: Verdict) -> None:
    said = post(when, text="油气泄漏处置情况")  # type: ignore[arg-type]
    assert judged(LOOKED, said=(said,)).verdict is verdict


@pytest.mark.parametrize(
    "said",
    [
        {"text": "", "title": "油气泄漏"},
        {"text": "油 气\u3000泄\n漏"},
        {"text": "ｗｓ油站停业"},
        {"text": "转发", "repost_of": RepostOf(kind=RepostKind.RETWEET, text="油气泄漏通报")},
        {"precision": Precision.DAY, "published_at": at("2025-10-10 00:00:00"), "text": "油气泄漏"},
        {"account_id": SITE.id, "text": "油气泄漏"},
    ],
)
def test_it_spoke_whatever_the_shape(said: dict[str, object]) -> None:
    found = judged(LOOKED, said=(post(START, **said),), sites=(SiteSeen(site=SITE),))
    assert found.verdict is Verdict.OK
    assert found.evidence[0].kind == "post"


def test_nobody_is_accused_before_the_deadline_and_reminded_shortly_before_it() -> None:
    assert judged(LOOKED, now=END - timedelta(hours=4) - SECOND).facts["status"] == "pending"
    assert judged(LOOKED, now=END - timedelta(hours=4)).verdict is Verdict.WARNING
    assert judged(LOOKED, now=END - SECOND).verdict is Verdict.WARNING
    assert judged(LOOKED, now=END).verdict is Verdict.VIOLATION


@pytest.mark.parametrize("outcome", [o for o in Outcome if not o.observed])
def test_what_could_not_be_seen_is_unknown(outcome: Outcome) -> None:
    assert judged(seen(polls=(poll(outcome=outcome),))).verdict is Verdict.UNKNOWN


def test_a_gap_in_coverage_or_a_second_account_seen_incompletely_is_unknown() -> None:
    assert judged(seen(polls=(poll(days=2),))).verdict is Verdict.UNKNOWN
    assert judged(seen(polls=(poll(END - SECOND),))).verdict is Verdict.UNKNOWN
    found = judged(LOOKED, seen(WECHAT, polls=(poll(days=None, target_id=WECHAT.id),)))
    assert (found.verdict, "微信公众号“健康章江”" in found.reason) == (Verdict.UNKNOWN, True)


@pytest.mark.parametrize(
    "hidden",
    [{"long_text": True}, {"repost_of": RepostOf(kind=RepostKind.RETWEET, deleted=True)}, {"text": "油\ufffd泄漏"}],
)
def test_a_post_that_is_not_known_whole_may_be_the_answer(hidden: dict[str, object]) -> None:
    found = judged(LOOKED, said=(post(START, **hidden),))
    assert (found.verdict, found.facts["status"]) == (Verdict.UNKNOWN, "unknown_post")


def test_as_many_posts_as_the_event_asks_for() -> None:
    event = Event(id="e1", title="事", starts_at=START, ends_at=END, keywords=["油气泄漏"], min_posts=2)
    first, second = post(START, text="油气泄漏"), post(START + SECOND, text="油气泄漏")
    assert judged(LOOKED, said=(first,), event=event).facts["status"] == "few"
    assert judged(LOOKED, said=(first, second), event=event).verdict is Verdict.OK


@pytest.mark.parametrize(
    "changes",
    [
        {"state": State.CLOSED},
        {"paused_from": START.date(), "paused_until": START.date()},
        {"opened_on": END.date()},
    ],
)
def test_accounts_closed_paused_or_opened_meanwhile_are_exempt(changes: dict[str, object]) -> None:
    assert judged(seen(replace(WEIBO, **changes), polls=(poll(),))).verdict is Verdict.NOT_APPLICABLE


def test_only_obliged_units_are_judged_and_old_events_are_history() -> None:
    others = EventSeen(
        event=Event(id="e", title="事", starts_at=START, ends_at=END, keywords=["x"], obligated=["jyj", "county"])
    )
    assert judge(event_silence.RULE, unit(LOOKED), events=(others,)) == []
    assert judge(event_silence.RULE, unit(LOOKED), now=END + timedelta(days=30), events=(EventSeen(event=EVENT),)) == []


COLUMN = "https://wjw.zhangjiang.example/gg/"


def with_site(tmp_path: Path, columns: str, *polls: Poll) -> Finding:
    file = tmp_path / "own.toml"
    file.write_text(f'[rules.event_silence]\ncolumns = "{columns}"\n')
    site = SiteSeen(site=replace(SITE, lists=(COLUMN,)), polls=polls)
    events = (EventSeen(event=EVENT),)
    (found,) = judge(event_silence.RULE, unit(LOOKED, sites=(site,)), events=events, profile=str(file))
    return found


def test_what_it_may_have_said_on_its_site_is_not_held_against_it(tmp_path: Path) -> None:
    whole = poll(channel=f"govsite.list:{COLUMN}", target_id=SITE.id)
    assert with_site(tmp_path, "covered", whole).verdict is Verdict.VIOLATION
    late = poll(channel=f"govsite.list:{COLUMN}", target_id=SITE.id, covers_from=START + SECOND)
    for unseen in (with_site(tmp_path, "covered", late), with_site(tmp_path, "covered")):
        assert (unseen.verdict, f"网站“{SITE.name}”" in unseen.reason) == (Verdict.UNKNOWN, True)


def test_a_site_that_is_never_readable_does_not_excuse_where_the_profile_says_so_and_is_named(tmp_path: Path) -> None:
    told = with_site(tmp_path, "accepted")
    assert (told.verdict, f"（网站“{SITE.name}”无法完整查看" in told.reason) == (Verdict.VIOLATION, True)
