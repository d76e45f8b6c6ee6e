"""Unanswered questions: proven only by a whole look after the deadline."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from gzcrawl.items import Comment, CommentCheck, Precision
from gzcrawl.questions import is_question, questions
from scheduler.findings import Finding, Severity, Verdict
from scheduler.rules import interaction
from tests.rules.units import NOW, WECHAT, WEIBO, at, judge, seen, unit

ASKED = at("2025-09-26 10:12:00")
DUE = at("2025-10-11 00:00:00")  # 28 (make-up), 29, 30 September, 9 and 10 October
UID = str(WEIBO.uid)


def question(**changes: Any) -> dict[str, Any]:
    told = {"id": "1", "asked_at": ASKED, "precision": "second", "text": "请问老年证在哪里办理？"}
    return {**told, "answered_at": None, "whole": True, **changes}


def check(*asked: dict[str, Any], when: datetime = NOW, complete: bool = True) -> CommentCheck:
    url = "https://m.weibo.cn/detail/1"
    return CommentCheck(
        account_id=WEIBO.id, post_key="weibo:1", url=url, at=when, complete=complete, questions=list(asked)
    )


def judged(*checks: CommentCheck, now: datetime = NOW, account: Any = WEIBO) -> Finding:
    (found,) = judge(interaction.RULE, unit(replace(seen(account), comments=checks)), now=now)
    return found


def test_a_question_nobody_answered_in_five_working_days_is_told_without_names() -> None:
    found = judged(check(question()))
    assert (found.verdict, found.severity, found.since) == (Verdict.VIOLATION, Severity.LOW, DUE)
    assert found.reason == (
        "微博“健康章江”有1条提问超过5个工作日未见回应"
        "（2025年9月26日 10:12：“请问老年证在哪里办理？”，应于2025年10月10日 24:00前）"
    )
    assert (found.evidence[0].kind, found.evidence[0].url) == ("comment", "https://m.weibo.cn/detail/1")


def test_nobody_is_accused_before_the_deadline() -> None:
    second = timedelta(seconds=1)
    before = judged(check(question(), when=DUE - second), now=DUE - second)
    assert (before.verdict, before.facts["status"]) == (Verdict.OK, "pending")
    assert judged(check(question(), when=DUE), now=DUE).verdict is Verdict.VIOLATION


@pytest.mark.parametrize(
    "seen_so_far",
    [
        check(question(), when=DUE - timedelta(seconds=1)),
        check(question(), complete=False),
        check(question(whole=False)),
        check(question(), when=NOW - timedelta(days=7, seconds=1)),
    ],
)
def test_what_was_not_seen_whole_after_the_deadline_is_unknown(seen_so_far: CommentCheck) -> None:
    assert judged(seen_so_far).verdict is Verdict.UNKNOWN


def test_no_look_or_a_part_of_the_comments_is_unknown() -> None:
    assert judged().verdict is Verdict.UNKNOWN
    assert judged(check(complete=False)).verdict is Verdict.UNKNOWN
    assert judged(check()).verdict is Verdict.OK
    assert judged(check(question(answered_at=NOW))).verdict is Verdict.OK


def test_a_time_known_to_the_day_counts_from_its_end() -> None:
    day = question(asked_at=at("2025-10-03 00:00:00"), precision="day")
    assert judged(check(day)).deadline == at("2025-10-15 00:00:00")


def test_paused_accounts_are_exempt_and_wechat_is_not_judged() -> None:
    assert judged(check(question()), account=replace(WEIBO, paused_from=NOW.date())).verdict is Verdict.NOT_APPLICABLE
    assert judge(interaction.RULE, unit(seen(WECHAT))) == []


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("请问老年证在哪里办理？", True),
        ("32路末班车现在是几点？", True),
        ("咨询一下，学位申请需要什么材料", True),
        ("你们能不能把路灯修一修?", True),
        ("难道没人管吗？", False),
        ("呵呵，什么时候能修好？", False),
        ("就这？", False),
        ("为政府点赞", False),
        ("@小明 你知道在哪里办吗？", False),
        ("回复@小明:在哪里办？", False),
        ("请问", False),
    ],
)
def test_a_question_to_the_office_is_cautiously_told_from_chatter(text: str, asks: bool) -> None:
    assert is_question(text) is asks


def comment(text: str = "请问老年证在哪里办理？", author: str = "9", when: datetime = ASKED, **changes: Any) -> Comment:
    told = {"native_id": "1", "author_id": author, "author_name": "河边的树", "published_at": when}
    return Comment(**{**told, "text": text, "precision": Precision.SECOND, **changes})  # type: ignore[arg-type]


LATER = ASKED + timedelta(hours=3)


@pytest.mark.parametrize(
    ("more", "posts", "answered"),
    [
        ({"replies": [comment("您好", UID, LATER)], "replies_total": 1}, [], LATER),
        ({"replies": [comment("同问", "8", LATER)], "replies_total": 1}, [], None),
        ({}, [(LATER, "回复@河边的树：请到社区办理")], LATER),
        ({}, [(ASKED - timedelta(hours=1), "@河边的树")], None),
        ({}, [(LATER, "@别人")], None),
    ],
)
def test_an_answer_is_a_reply_of_the_account_or_a_later_post_that_names_who_asked(
    more: dict[str, Any], posts: list[Any], answered: datetime | None
) -> None:
    (found,) = questions([comment(**more)], UID, posts)
    assert found["answered_at"] == answered


def test_the_accounts_own_comment_after_the_question_answers_all_before_it() -> None:
    asked, own = comment(), comment("统一回复：请到社区办理", UID, LATER)
    (found,) = questions([asked, own], UID, [])
    assert found["answered_at"] == LATER
    (found,) = questions([asked, replace(own, published_at=ASKED - timedelta(hours=1))], UID, [])
    assert found["answered_at"] is None


def test_nobodys_name_or_number_is_kept_and_unseen_replies_are_told() -> None:
    text = "请问我家长电话13800001111怎么登记？麻烦@河边的树"
    (found,) = questions([comment(text, replies_total=2)], UID, [])
    assert "13800001111" not in found["text"]
    assert "河边的树" not in repr(found)
    assert not found["whole"]
