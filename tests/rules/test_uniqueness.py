"""One account per platform per unit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from gzcrawl.items import Outcome
from gzcrawl.registry import Account, State
from scheduler.findings import Verdict
from scheduler.profile import load_profile
from scheduler.rules import uniqueness
from tests.rules.units import NOW, WECHAT, WEIBO, judge, poll, seen, unit

SECOND = replace(WECHAT, id="wjw-wechat2", name="健康章江服务")


def verdicts(*accounts: Account) -> dict[str, Verdict]:
    return {f.subject: f.verdict for f in judge(uniqueness.RULE, unit(*map(seen, accounts)))}


def test_a_second_account_on_one_platform_is_too_many_and_the_first_is_not_accused() -> None:
    assert verdicts(WEIBO, WECHAT, SECOND) == {
        "wjw-weibo": Verdict.OK,
        "wjw-wechat": Verdict.OK,
        "wjw-wechat2": Verdict.VIOLATION,
    }


def test_the_sentence_names_unit_platform_and_both_accounts() -> None:
    found = {f.subject: f for f in judge(uniqueness.RULE, unit(seen(WECHAT), seen(SECOND)))}["wjw-wechat2"]
    assert found.reason == (
        "章江市卫生健康委员会在微信公众号有2个在用账号，“健康章江服务”为“健康章江”之外的账号，原则上一个单位只开设1个"
    )
    assert [e.ref for e in found.evidence] == ["wjw-wechat", "wjw-wechat2"]


def test_a_closed_or_paused_account_is_not_counted() -> None:
    for gone in (replace(SECOND, state=State.CLOSED), replace(SECOND, paused_from=date(2025, 10, 1))):
        assert verdicts(WECHAT, gone) == {"wjw-wechat": Verdict.OK, "wjw-wechat2": Verdict.NOT_APPLICABLE}


def test_when_one_of_them_is_gone_it_is_unknown_whether_there_still_are_two() -> None:
    for gone in (seen(WECHAT), seen(SECOND)):
        accounts = [
            seen(a) if a is not gone.account else seen(a, polls=(poll(outcome=Outcome.GONE),)) for a in (WECHAT, SECOND)
        ]
        found = {f.subject: f.verdict for f in judge(uniqueness.RULE, unit(*accounts))}
        assert found["wjw-wechat2"] is Verdict.UNKNOWN


def test_when_one_of_them_could_not_be_looked_at_it_is_unknown_whether_there_still_are_two() -> None:
    unit_seen = unit(
        seen(WECHAT), seen(SECOND, polls=(poll(outcome=Outcome.BLOCKED), poll(outcome=Outcome.UNREACHABLE)))
    )
    found = {f.subject: f.verdict for f in judge(uniqueness.RULE, unit_seen)}
    assert found == {"wjw-wechat": Verdict.OK, "wjw-wechat2": Verdict.UNKNOWN}


def test_one_that_was_gone_when_last_seen_still_is_after_a_failed_look() -> None:
    polls = (poll(NOW - timedelta(days=1), Outcome.GONE), poll(outcome=Outcome.BLOCKED))
    found = {f.subject: f for f in judge(uniqueness.RULE, unit(seen(WECHAT), seen(SECOND, polls=polls)))}
    assert "不可访问" in found["wjw-wechat2"].reason


def test_the_office_may_allow_one(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[rules.uniqueness]\nexempt = ["wjw-wechat2"]\n')
    assert load_profile(str(own)).rule("uniqueness").values["exempt"] == ["wjw-wechat2"]
    found = judge(uniqueness.RULE, unit(seen(WECHAT), seen(SECOND)), profile=str(own))
    assert {f.subject: f.verdict for f in found}["wjw-wechat2"] is Verdict.NOT_APPLICABLE
