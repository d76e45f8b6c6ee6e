"""Dead links: how many make a violation, what is a reminder, what cannot be judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from gzcrawl.items import LinkCheck, Outcome, Poll
from scheduler.findings import Finding, Severity, Verdict
from scheduler.rules import links
from scheduler.rules.base import AccountSeen, SiteSeen
from tests.rules.units import NOW, SITE, WEIBO, judge, poll, unit

SINCE = NOW - timedelta(days=2)
HOME = "https://wjw.zhangjiang.example/"


def link(n: int = 1, kind: str = "dead", **changes: Any) -> dict[str, Any]:
    told = {"url": f"{HOME}gone/{n}.html", "words": "预防接种", "where": HOME, "kind": kind}
    return {**told, "since": SINCE if kind == "dead" else None, **changes}


def check(*notable: dict[str, Any], place: str = "home", at: datetime = NOW) -> LinkCheck:
    return LinkCheck(target_id=SITE.id, place=place, at=at, shown=20, known=18, notable=list(notable))


def judged(*checks: LinkCheck, polls: tuple[Poll, ...] = ()) -> Finding:
    (found,) = judge(links.RULE, unit(sites=(SiteSeen(site=SITE, links=checks, polls=polls),)))
    return found


def test_three_dead_links_on_a_home_page_are_a_violation_and_two_a_reminder() -> None:
    found = judged(check(link(1), link(2), link(3)))
    assert (found.verdict, found.severity, found.since) == (Verdict.VIOLATION, Severity.LOW, SINCE)
    assert found.reason == f"网站“卫健委”有3个链接已失效（如“预防接种” {HOME}gone/1.html）"
    assert [e.url for e in found.evidence] == [f"{HOME}gone/{n}.html" for n in (1, 2, 3)]
    assert judged(check(link(1), link(2))).verdict is Verdict.WARNING
    assert judged(check()).verdict is Verdict.OK


def test_dead_links_in_posts_are_reminders_however_many() -> None:
    dead = [link(n, where="weibo:1", words="") for n in range(9)]
    account = AccountSeen(account=WEIBO, links=(check(*dead, place="posts"),))
    (found,) = judge(links.RULE, unit(account))
    assert (found.verdict, found.evidence[0].kind) == (Verdict.WARNING, "post")
    assert judge(links.RULE, unit(replace(account, links=()))) == []


def test_a_link_whose_words_name_another_address_is_a_reminder() -> None:
    found = judged(check(link(kind="elsewhere", words="www.wjw.gov.cn", url="https://lucky.example/")))
    assert (found.verdict, found.facts["status"]) == (Verdict.WARNING, "elsewhere")


def test_other_hosts_are_nobodys_business_unless_the_operator_lists_them(tmp_path: Any) -> None:
    own = tmp_path / "own.toml"
    own.write_text('extends = "ganzhou"\n[rules.links]\ndeny = ["lucky.example"]\n')
    outside = (check(link(kind="outside", url="https://www.lucky.example/x")),)
    assert judged(*outside).verdict is Verdict.OK
    seen = unit(sites=(SiteSeen(site=SITE, links=outside),))
    (found,) = judge(links.RULE, seen, profile=str(own))
    assert (found.verdict, found.facts["status"]) == (Verdict.WARNING, "denied")


def test_a_check_counts_for_a_week() -> None:
    week = timedelta(days=7)
    assert judged(check(link(1), at=NOW - week)).verdict is Verdict.WARNING
    assert judged(check(link(1), at=NOW - week - timedelta(seconds=1))).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("outcome", [o for o in Outcome if not o.observed])
def test_a_home_page_that_could_not_be_read_is_unknown_even_if_links_of_articles_were_asked(outcome: Outcome) -> None:
    found = judged(check(place="posts"), polls=(poll(outcome=outcome, channel="links.home"),))
    assert found.verdict is Verdict.UNKNOWN
