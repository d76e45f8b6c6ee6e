"""The codes of the official accounts stand on the official website."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzcrawl.items import Outcome, Platform, QrSighting
from gzcrawl.qr.payload import Owners, classify, same_account
from gzcrawl.registry import Account, State
from scheduler.findings import Finding, Verdict
from scheduler.rules import qr_code
from scheduler.rules.base import SiteSeen
from tests.rules.units import NOW, SITE, WECHAT, WEIBO, judge, poll, seen, unit

OWN_WEIBO = "https://weibo.cn/qr/userinfo?uid=7000000001"
OWN_WECHAT = "https://weixin.qq.com/r/wjw"  # registered with http


def look(reason: str = "static_settled", outcome: Outcome = Outcome.OK, **changes: Any) -> Any:
    return poll(outcome=outcome, days=None, target_id=SITE.id, **({"channel": "qr.static", "reason": reason} | changes))


def verdicts(*payloads: str, polls: Any = None, accounts: Any = (WEIBO, WECHAT)) -> dict[str, Finding]:
    codes = tuple(
        QrSighting(
            round_id="r", site_id=SITE.id, page_url=SITE.home, image_url=f"{SITE.home}{n}.png", image_sha256=str(n), at=NOW,
            payload=payload, meaning=str(classify(payload)),
        )
        for n, payload in enumerate(payloads)
    )  # fmt: skip
    site = SiteSeen(site=SITE, sightings=codes, polls=(look(),) if polls is None else polls)
    found = judge(qr_code.RULE, unit(*(seen(a) for a in accounts), sites=(site,)))
    return {finding.subject: finding for finding in found}


def one(account: str, *payloads: str, **context: Any) -> Finding:
    return verdicts(*payloads, **context)[f"{account}@wjw-site"]


def test_both_codes_in_place_are_fine() -> None:
    found = verdicts(OWN_WEIBO, OWN_WECHAT, "https://www.zhangjiang.example/m/")
    assert {f.verdict for f in found.values()} == {Verdict.OK}
    assert len(found) == 2


def test_a_page_read_whole_without_the_code_is_a_violation() -> None:
    finding = one("wjw-weibo", OWN_WECHAT)
    assert (finding.verdict, finding.reason) == (Verdict.VIOLATION, "首页没有展示微博“健康章江”的二维码")


@pytest.mark.parametrize(
    ("account", "payload", "said"),
    [
        ("wjw-weibo", "https://weibo.com/u/7000000099", "另一个账号的二维码"),
        ("wjw-wechat", "http://weixin.qq.com/r/jyj", "微信公众号“章江教育”的二维码"),
        ("wjw-wechat", "https://u.wechat.com/abcdef", "个人微信号"),
    ],
)
def test_a_wrong_code_is_named(account: str, payload: str, said: str) -> None:
    finding = one(account, payload)
    assert finding.verdict is Verdict.VIOLATION
    assert said in finding.reason


def test_a_wechat_code_that_is_not_registered_is_for_the_operator_not_an_accusation() -> None:
    finding = one("wjw-wechat", "http://weixin.qq.com/r/unheard-of")
    assert (finding.verdict, "待核实" in finding.reason) == (Verdict.UNKNOWN, True)


def test_a_short_link_is_unknown_until_it_is_resolved() -> None:
    assert one("wjw-weibo", "http://t.cn/A6abcd").verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "polls",
    [
        (),
        (look("script_rendered"),),
        (look("images_unread"),),
        (look(outcome=Outcome.BLOCKED),),
        (poll(NOW - timedelta(days=8), target_id="wjw-site", channel="qr.static", reason="static_settled", days=None),),
    ],
)
def test_what_could_not_be_seen_whole_is_unknown(polls: Any) -> None:
    assert {f.verdict for f in verdicts(polls=polls).values()} == {Verdict.UNKNOWN}


def test_a_browsers_look_settles_what_scripts_may_draw() -> None:
    polls = (look("script_rendered"), look("rendered", channel="qr.rendered"))
    assert one("wjw-weibo", polls=polls).verdict is Verdict.VIOLATION


def test_a_code_seen_among_unreadable_pictures_is_still_seen() -> None:
    assert one("wjw-weibo", OWN_WEIBO, polls=(look("images_unread"),)).verdict is Verdict.OK


def test_only_active_accounts_are_expected() -> None:
    assert list(verdicts(OWN_WEIBO, accounts=(WEIBO, replace(WECHAT, state=State.CLOSED)))) == ["wjw-weibo@wjw-site"]


def rendered(payload: str, **facts: Any) -> QrSighting:
    measured = {"side": 116.0, "screens": 0.6, "shown": "visible", "contrast": 1.0, "quiet": True, "plain": True}
    return QrSighting(
        round_id="r", site_id=SITE.id, page_url=SITE.home, image_url=SITE.home, image_sha256="r", at=NOW, payload=payload,
        meaning=str(classify(payload)), place="rendered", extra={"prominence": measured | {"phone_side": 40.0} | facts},
    )  # fmt: skip


def judged(*codes: QrSighting) -> Finding:
    site = SiteSeen(site=SITE, sightings=codes, polls=(look("rendered", channel="qr.rendered"),))
    (finding,) = judge(qr_code.RULE, unit(seen(WEIBO), sites=(site,)))
    return finding


def test_a_code_that_is_well_in_sight_is_fine() -> None:
    assert judged(rendered(OWN_WEIBO)).verdict is Verdict.OK


def test_a_code_in_the_footer_of_a_long_page_that_opens_only_when_pointed_at_is_still_no_reminder() -> None:
    assert judged(rendered(OWN_WEIBO, screens=5.2, shown="hover")).verdict is Verdict.OK


def test_a_code_nobody_finds_is_a_reminder_that_says_why() -> None:
    hard = {"side": 44.0, "screens": 7.5, "shown": "click", "contrast": 0.2, "quiet": False, "plain": False}
    finding = judged(rendered(OWN_WEIBO, **hard, phone_side=None))
    assert finding.verdict is Verdict.WARNING
    assert "不够显眼" in finding.reason
    assert "在第8屏" in finding.reason
    assert "点击" in finding.reason


def test_the_best_place_of_a_code_counts() -> None:
    hard = rendered(OWN_WEIBO, side=41.0, screens=9.0, shown="click", contrast=0.1, quiet=False, phone_side=None)
    assert judged(replace(hard, image_sha256="x"), rendered(OWN_WEIBO)).verdict is Verdict.OK


def test_a_code_seen_weeks_ago_does_not_say_that_it_is_there_now() -> None:
    old = replace(rendered(OWN_WEIBO), at=NOW - timedelta(days=20))
    assert judged(old).verdict is Verdict.VIOLATION


def static(payload: str, **changes: Any) -> QrSighting:
    return QrSighting(
        round_id="r", site_id=SITE.id, image_url=f"{SITE.home}wb.png", image_sha256="s",
        payload=payload, meaning=str(classify(payload)), **({"page_url": SITE.home, "at": NOW, "place": "img"} | changes),
    )  # fmt: skip


def judged_after(reason: str, *codes: QrSighting, at: datetime = NOW) -> Finding:
    """The page as it was sent settled all; then a browser looked."""
    looks = (look(), replace(look(reason, channel="qr.rendered"), at=at))
    (finding,) = judge(qr_code.RULE, unit(seen(WEIBO), sites=(SiteSeen(site=SITE, sightings=codes, polls=looks),)))
    return finding


def test_a_code_that_a_browser_never_shows_is_a_reminder_that_says_so() -> None:
    finding = judged_after("rendered", static(OWN_WEIBO))
    assert finding.verdict is Verdict.WARNING
    assert "看不到" in finding.reason


@pytest.mark.parametrize(
    ("reason", "browser_looked"),
    [("rendered_partly", NOW), ("rendered", NOW - timedelta(days=1)), ("rendered_partly", NOW - timedelta(days=1))],
    ids=["not seen whole", "the code may be new", "both"],
)
def test_a_code_that_a_browser_may_have_missed_is_for_the_operator(reason: str, browser_looked: datetime) -> None:
    finding = judged_after(reason, static(OWN_WEIBO), at=browser_looked)
    assert (finding.verdict, "待核实" in finding.reason) == (Verdict.UNKNOWN, True)


@pytest.mark.parametrize("reason", ["rendered", "rendered_partly", "rendered_found"])
def test_a_link_to_the_picture_shows_the_code_on_a_click(reason: str) -> None:
    assert judged_after(reason, static(OWN_WEIBO, place="link")).verdict is Verdict.OK


def test_a_code_in_the_page_is_there_until_a_browser_has_looked_for_it() -> None:
    assert one("wjw-weibo", OWN_WEIBO, polls=(look(),)).verdict is Verdict.OK
    assert judged_after("rendered_found", static(OWN_WEIBO)).verdict is Verdict.OK


def test_somebody_elses_code_that_nobody_is_shown_is_not_held_against_the_page() -> None:
    finding = judged_after("rendered", static("https://weibo.com/u/7000000099"))
    assert finding.verdict is Verdict.VIOLATION
    assert "另一个账号" not in finding.reason


def test_a_hidden_code_that_a_contact_page_shows_is_there_but_not_prominent() -> None:
    contact = static(OWN_WEIBO, page="联系我们", page_url=f"{SITE.home}contact.html")
    finding = judged_after("rendered", static(OWN_WEIBO), contact)
    assert (finding.verdict, "联系我们" in finding.reason) == (Verdict.WARNING, True)


def test_a_code_whose_page_says_that_it_is_over_is_named() -> None:
    expired = replace(static("https://qr61.cn/abc/def"), meaning="expired")
    finding = judged_after("rendered", replace(expired, place="rendered"))
    assert finding.verdict is Verdict.VIOLATION
    assert "qr61.cn/abc/def" in finding.reason
    assert "已过期" in finding.reason


@given(st.data())
def test_whose_code_it_is_is_found_as_by_asking_every_account(data: st.DataObject) -> None:
    tokens, uids = ("aB3", "xY9"), ("7000000001", "7000000002")
    codes = (
        [f"http://weixin.qq.com/r/{t}" for t in tokens]
        + [f"https://weibo.com/u/{u}" for u in uids]
        + ["https://t.cn/x"]
    )
    account = st.builds(
        Account, id=st.uuids().map(str), department=st.just("d"), platform=st.sampled_from(Platform), name=st.just("n"),
        uid=st.sampled_from([*uids, None]), qr_payloads=st.lists(st.sampled_from(codes), max_size=2).map(tuple),
    )  # fmt: skip
    accounts = data.draw(st.lists(account, max_size=4))
    payload = data.draw(st.sampled_from(codes))
    leads_to = data.draw(st.sampled_from([*codes, None]))
    asked = next((one for one in accounts if same_account(payload, one, leads_to)), None)
    assert Owners(accounts).of(payload, leads_to) == asked
