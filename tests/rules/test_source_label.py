"""A repost names its source."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gzcrawl.items import Platform, RepostKind, RepostOf
from scheduler.findings import Finding, Verdict
from scheduler.rules import source_label
from tests.rules.units import ANNOUNCEMENT, WECHAT, at, judge, poll, post, seen, unit

TEXT = f"【{ANNOUNCEMENT.title}】{ANNOUNCEMENT.body}"


def judged(text: str = TEXT, **told: Any) -> list[Finding]:
    repost = post(at("2025-09-27 09:10:00"), text=text, **told)
    return judge(source_label.RULE, unit(seen(posts=(repost,), polls=(poll(),))), announcements=(ANNOUNCEMENT,))


def test_a_copy_without_a_source_is_a_violation() -> None:
    (found,) = judged()
    assert found.verdict is Verdict.VIOLATION
    assert found.reason == f"《{ANNOUNCEMENT.title}》于2025年9月27日 09:10转发时没有注明出处"
    assert found.subject == f"{ANNOUNCEMENT.id}@wjw"
    assert found.evidence[0].kind == "post"


@pytest.mark.parametrize(
    "told",
    [
        {"source_label": "章江市教育局"},
        {"links": [ANNOUNCEMENT.url]},
        {"repost_of": RepostOf(kind=RepostKind.RETWEET, native_id="1", text=TEXT)},
        {"text": f"据市教育局消息，{TEXT}"},
        {"text": f"{TEXT} @章江教育"},
    ],
)
def test_a_label_a_link_the_platform_s_own_repost_or_the_publisher_s_name_are_sources(told: dict[str, Any]) -> None:
    assert [f.verdict for f in judged(**told)] == [Verdict.OK]


def test_what_was_not_read_whole_may_name_it_in_the_rest() -> None:
    assert [f.verdict for f in judged(long_text=True)] == [Verdict.UNKNOWN]
    listed = post(
        at("2025-09-27 09:10:00"),
        platform=Platform.WECHAT,
        source="sogou.articles",
        title=ANNOUNCEMENT.title,
        text=ANNOUNCEMENT.body[:40],
    )
    found = judge(source_label.RULE, unit(seen(WECHAT, posts=(listed,))), announcements=(ANNOUNCEMENT,))
    assert [f.verdict for f in found] == [Verdict.UNKNOWN]


def test_a_post_that_is_no_repost_needs_no_source() -> None:
    assert judged("今天上午，市第三人民医院开展义诊，三百多名市民参加。") == []


def test_the_publisher_s_own_versions_are_not_judged() -> None:
    assert not judge(
        source_label.RULE,
        unit(seen(posts=(post(at("2025-09-27 09:10:00"), text=TEXT),))),
        announcements=(replace(ANNOUNCEMENT, publisher="wjw"),),
    )
