"""The verification names the sponsoring unit."""

from __future__ import annotations

import pytest

from gzcrawl.items import Outcome
from gzcrawl.registry import Department
from scheduler.findings import Finding, Verdict
from scheduler.rules import verification
from scheduler.rules.base import AccountSeen
from scheduler.rules.names import names_unit
from tests.rules.units import WECHAT, judge, poll, seen, shown, unit


def judged(account: AccountSeen) -> Finding:
    (found,) = judge(verification.RULE, unit(account))
    return found


@pytest.mark.parametrize(
    ("text", "name", "aliases"),
    [
        ("赣州市卫健委官方微博", "赣州市卫生健康委员会", ()),
        ("赣州市卫生健康委员会", "赣州市卫健委", ()),
        ("赣州市卫生健康委官方微博", "赣州市卫生健康委员会", ()),
        ("市卫健委政务微博", "赣州市卫生健康委员会", ()),
        ("赣州市发展和改革委员会", "赣州市发改委", ()),
        ("赣州市人社局官方微博", "赣州市人力资源和社会保障局", ()),
        ("中共赣州市委网信办官方微博", "中共赣州市委网络安全和信息化委员会办公室", ()),
        ("赣州市文广旅局", "赣州市文化广电旅游局", ()),
        ("赣州住房公积金中心官方微博", "赣州市住房公积金管理中心", ("赣州住房公积金中心",)),
        ("赣州市人民政府新闻办公室", "赣州市人民政府", ()),
    ],
)
def test_abbreviations_and_aliases_name_the_unit(text: str, name: str, aliases: tuple[str, ...]) -> None:
    assert names_unit(text, Department(id="d", name=name, aliases=aliases))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("章江市就业创业促进会官方微博", "章江市人力资源和社会保障局"),
        ("南康区卫健委官方微博", "赣州市卫生健康委员会"),
        ("青岭县人民政府官方微博", "白鹭县人民政府"),
        ("健康赣州", "赣州市卫生健康委员会"),
    ],
)
def test_another_body_does_not(text: str, name: str) -> None:
    assert not names_unit(text, Department(id="d", name=name))


def test_a_text_that_names_another_body_is_a_violation_that_quotes_it() -> None:
    found = judged(shown(verified=True, verification="章江市健康促进会官方微博"))
    assert found.verdict is Verdict.VIOLATION
    assert found.reason == ("微博“健康章江”的认证信息“章江市健康促进会官方微博”没有写明主办单位章江市卫生健康委员会")
    assert "认证“章江市健康促进会官方微博”" in found.evidence[0].quote


def test_an_account_that_is_not_verified_is_a_violation() -> None:
    assert judged(shown(verified=False)).verdict is Verdict.VIOLATION


def test_the_unit_s_short_name_is_enough() -> None:
    assert judged(shown(verified=True, verification="章江市卫健委官方微博")).verdict is Verdict.OK


def test_a_page_that_does_not_tell_or_was_not_seen_is_unknown() -> None:
    assert judged(shown(WECHAT, "wechat.article")).verdict is Verdict.UNKNOWN
    assert judged(seen(polls=(poll(outcome=Outcome.UNREACHABLE),))).verdict is Verdict.UNKNOWN


def test_the_index_may_praise_but_not_accuse() -> None:
    other = shown(WECHAT, "sogou.accounts", verified=True, verification="章江市健康促进会")
    own = shown(WECHAT, "sogou.accounts", verified=True, verification="章江市卫生健康委员会")
    assert (judged(other).verdict, judged(own).verdict) == (Verdict.UNKNOWN, Verdict.OK)
