"""Is this post a repost of that announcement: as a person at the network office would say."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gzcrawl.items import SHANGHAI, Announcement, Platform, Post, Precision, RepostKind, RepostOf
from scheduler.cli.match import announcement_of, post_of
from scheduler.matching import Decision, match
from scheduler.matching.decide import by_rules
from scheduler.matching.features import features
from scheduler.matching.links import article_key
from scheduler.matching.model import trees

SHARED = Path(__file__).parents[3] / "shared" / "repost"
AT = datetime(2025, 9, 26, 15, 0, tzinfo=SHANGHAI)

NOTICE = Announcement(
    id="website:yjj.zhangjiang.example/a",
    title="章江市防汛抗旱指挥部关于启动防台风四级应急响应的公告",
    body="根据市气象台预报，今年第18号台风将于9月28日前后影响我市，全市大部有大到暴雨，东部山区累计雨量可达180毫米。"
    "经会商研判，市防汛抗旱指挥部决定于9月26日15时启动防台风四级应急响应。请各县区、各成员单位落实值班值守，"
    "加强山塘水库、地质灾害隐患点和低洼易涝区巡查，及时转移受威胁群众，确保人民群众生命财产安全。",
    url="https://yjj.zhangjiang.example/zwgk/t20250926_1.html",
    published_at=AT,
    precision=Precision.SECOND,
    publisher="章江市应急管理局",
    native_ids=["5001"],
)


def post(text: str = "", after: timedelta = timedelta(hours=3), **changes: Any) -> Post:
    values: dict[str, Any] = {
        "platform": Platform.WEIBO, "native_id": "7", "source": "weibo.timeline", "text": text,
        "published_at": AT + after, "precision": Precision.SECOND,
    }  # fmt: skip
    return Post(**(values | changes))


@pytest.mark.parametrize(
    "reposted",
    [
        post(NOTICE.body),
        post(f"【转发】{NOTICE.title}\n{NOTICE.body}（来源：章江应急）"),
        post(f"{NOTICE.title} http://t.cn/A6abcd"),
        post("经会商研判，市防汛抗旱指挥部决定于9月26日15时启动防台风四级应急响应。请各县区、各成员单位落实值班值守。"),
        post("台风要来了，大家做好准备！市防汛抗旱指挥部通知：“加强山塘水库、地质灾害隐患点和低洼易涝区巡查，及时转移受威胁群众”。收到请扩散。"),
        post("关注！详情请看链接", links=["http://yjj.zhangjiang.example/zwgk/t20250926_1.html"]),
        post("转发微博", repost_of=RepostOf(kind=RepostKind.RETWEET, native_id="5001")),
        post("", title="公告", repost_of=RepostOf(kind=RepostKind.SHARE, url=NOTICE.url)),
        post(NOTICE.body, after=timedelta(days=12)),
    ],
    ids=["copy", "decorated", "title and short link", "excerpt", "comment and quote", "link", "retweet", "share", "copy, late"],
)  # fmt: skip
def test_it_is_found_however_it_was_made(reposted: Post) -> None:
    found = match(NOTICE, reposted)
    assert found.decision is Decision.REPOST, found
    assert found.why


@pytest.mark.parametrize(
    "other",
    [
        post(
            "【章江市防汛抗旱指挥部关于启动防台风三级应急响应的公告】根据市气象台预报，今年第14号台风将于8月3日前后影响我市，"
            "全市大部有大到暴雨，东部山区累计雨量可达240毫米。经会商研判，市防汛抗旱指挥部决定于8月1日9时启动防台风三级应急响应。"
        ),
        post("今天市区最高气温31度，空气质量良好，适宜户外活动，国庆假期各大景区正常开放。"),
        post("我局召开党组会，传达学习市委全会精神，研究部署四季度重点工作，要求压实责任、狠抓落实。"),
        post(NOTICE.body, after=timedelta(hours=-7)),
        post("好的"),
        post(""),
    ],
    ids=["another issue", "weather", "meeting", "earlier", "words", "nothing"],
)
def test_what_only_looks_like_it_is_not_taken_for_it(other: Post) -> None:
    assert match(NOTICE, other).decision is Decision.NO, match(NOTICE, other)


def test_the_reasons_are_told_in_words_a_person_checks() -> None:
    assert match(NOTICE, post("转发微博", repost_of=RepostOf(kind=RepostKind.RETWEET, native_id="5001"))).why == (
        "转发原文",
    )
    assert "标题相同" in match(NOTICE, post(f"{NOTICE.title} http://t.cn/A6abcd")).why


def test_without_the_model_the_rules_decide_the_plain_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.matching.decide.probability", lambda measured: None)
    assert match(NOTICE, post(f"{NOTICE.title} http://t.cn/A6abcd")).decision is Decision.REPOST
    assert match(NOTICE, post(NOTICE.body.replace("9月", "8月"))).decision is Decision.NO
    assert (
        match(NOTICE, post(f"根据《{NOTICE.title}》，我局召开会议，研究汛期值守，压实责任。")).decision is Decision.NO
    )
    assert by_rules(features(NOTICE, post(NOTICE.body))) == 1.0
    assert by_rules(features(NOTICE, post("今天市区最高气温31度，空气质量良好，适宜户外活动。"))) == 0.0
    assert trees() is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://yjj.zhangjiang.example/a/t1.html", "http://www.yjj.zhangjiang.example/a/t1.html"),
        ("https://mp.weixin.qq.com/s?__biz=M&mid=1&idx=2&sn=x", "http://mp.weixin.qq.com/s?__biz=M&amp;mid=1&amp;idx=2&amp;chksm=y#rd"),
        ("https://weibo.com/700/Nabc", "https://m.weibo.cn/status/Nabc"),
        ("https://weibo.com/2656274875/IzhNB4oQe?from=page", "https://m.weibo.cn/detail/4484099031048806"),
        ("https://a.example/n/index.html?utm_source=x", "http://m.a.example/n/"),
        ("https://a.example/show?id=5&cid=2", "http://a.example/show/?cid=2&id=5&from=timeline"),
    ],
)  # fmt: skip
def test_addresses_of_one_article_are_one(one: str, other: str) -> None:
    assert article_key(one) == article_key(other)


@pytest.mark.parametrize(
    "url", ["http://t.cn/A6abcd", "https://yjj.zhangjiang.example/", "", "http://[", "https://mp.weixin.qq.com/s?x=1"]
)
def test_an_address_that_names_no_article_matches_none(url: str) -> None:
    assert article_key(url) is None


@pytest.mark.parametrize(
    "link",
    [
        "https://weibo.cn/sinaurl?u=http%3A%2F%2Fyjj.zhangjiang.example%2Fzwgk%2Ft20250926_1.html",
        "https://share.example/s?title=x&url=http://www.yjj.zhangjiang.example/zwgk/t20250926_1.html",
    ],
)
def test_an_address_wrapped_in_a_redirect_is_seen_through_wherever_it_stands(link: str) -> None:
    assert match(NOTICE, post("请看", links=[link])).why == ("链接相同",)
    assert match(NOTICE, post(f"请看{link}各位邻居")).why == ("链接相同",)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("9月", "10月", "数字或日期不符"),
        ("章江市", "虎岭县", "地名或单位不符"),
        ("启动防台风四级应急响应的公告", "解除防台风四级应急响应的公告", "后续、更正或解读"),
    ],
    ids=["other dates", "another county", "lifted"],
)
def test_the_same_words_about_another_day_place_or_state_are_another_notice(old: str, new: str, told: str) -> None:
    title, body = NOTICE.title.replace(old, new), NOTICE.body.replace(old, new)
    text = f"{title}\n{body}" if "解除" not in new else f"{title}\n章江市气象台预报，台风已经减弱，经研究决定予以解除。"
    found = match(NOTICE, post(text))
    assert found.decision is Decision.NO, found
    assert any(told in why for why in found.why)


def test_the_same_text_in_traditional_characters_or_with_other_punctuation_is_the_same() -> None:
    text = "章江市防汛抗旱指揮部關於啟動防颱風四級應急響應的公告: 請各縣區, 各成員單位落實值班值守."
    assert match(NOTICE, post(text)).decision is Decision.REPOST


def test_a_copy_minutes_before_the_site_was_published_together_with_it() -> None:
    assert match(NOTICE, post(NOTICE.body, after=timedelta(minutes=-40))).decision is Decision.REPOST


words = st.text("台风应急响应通知关于市政府2025年9月12日，。！【】# \n①Ａ１a😀", max_size=120) | st.text(max_size=60)


@settings(deadline=None)
@given(title=words, body=words, text=words, named=st.none() | words)
def test_no_text_breaks_it(title: str, body: str, text: str, named: str | None) -> None:
    found = match(replace(NOTICE, title=title, body=body), post(text, title=named))
    assert 0 <= found.score <= 1


@settings(deadline=None)
@given(
    before=st.sampled_from(["", "【转发】", "#章江防汛# ", "扩散周知！"]),
    after=st.sampled_from(["", "（来源：章江应急）", " http://t.cn/A6x", "😀"]),
)
def test_a_whole_copy_is_a_repost_whatever_is_put_around_it(before: str, after: str) -> None:
    assert match(NOTICE, post(f"{before}{NOTICE.title}\n{NOTICE.body}{after}")).decision is Decision.REPOST


@pytest.mark.skipif(not SHARED.is_dir(), reason="the development pairs are not here")
@pytest.mark.parametrize(
    ("name", "precision", "recall", "uncertain"), [("dev", 0.995, 0.99, 0.02), ("dev-natural", 0.98, 0.93, 0.05)]
)
def test_the_development_pairs_stay_as_good_as_they_were(
    name: str, precision: float, recall: float, uncertain: float
) -> None:
    """The model was made from these very pairs: docs/matching.md has the cross-validated figures."""
    pairs = [json.loads(line) for line in (SHARED / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    counts = Counter(
        (match(announcement_of(p["announcement"]), post_of(p["post"])).decision, p["label"]) for p in pairs
    )
    said = counts[Decision.REPOST, 1] + counts[Decision.REPOST, 0]
    assert counts[Decision.REPOST, 1] / said >= precision
    assert counts[Decision.REPOST, 1] / sum(p["label"] for p in pairs) >= recall
    assert (counts[Decision.UNCERTAIN, 0] + counts[Decision.UNCERTAIN, 1]) / len(pairs) <= uncertain


BEGINNING = Announcement(
    id="a",
    title="章江市新增供水户数通报",
    body="10月8日0时至24时，全市新增供水用户31户，其中东城区3户、西城区1户、海河区19户。截至10月8日24时，累计供水用户5570户…",
)


def test_a_post_that_tells_more_in_the_same_words_does_not_contradict_the_announcement() -> None:
    whole = BEGINNING.body.removesuffix("…") + (
        "。新增停水用户2户，其中东城区1户、西城区1户、海河区0户。截至10月8日24时，累计停水用户116户，东城区40户、西城区36户、海河区40户。"
    )
    found = match(BEGINNING, post(whole))
    assert found.decision is Decision.REPOST
    assert not any("不符" in why for why in found.why)


def test_the_same_form_on_another_day_is_no_repost() -> None:
    other = "10月9日0时至24时，全市新增供水用户28户，西城区有1户。下午召开供水工作发布会，现场直播。"
    assert match(BEGINNING, post(other)).decision is Decision.NO


def test_where_to_watch_is_no_repost_of_what_was_said_but_a_list_with_a_broadcast_in_it_may_be() -> None:
    told = BEGINNING.body.removesuffix("…")
    watch = "【正在直播：供水工作发布会】10月8日0时至24时，全市新增供水用户31户。今天下午召开供水工作发布会，现场直播。"
    assert match(BEGINNING, post(watch)).decision is Decision.NO
    assert match(BEGINNING, post(f"【正在直播：供水工作发布会】{told}")).decision is not Decision.NO
    assert (
        match(BEGINNING, post(f"【今日要闻】{told}\n【正在直播：供水工作发布会】下午3时开始。")).decision
        is Decision.REPOST
    )


def test_the_name_of_something_that_both_put_in_quotation_marks_is_no_quotation() -> None:
    told = Announcement(
        id="a",
        title="全市已有172家单位接入应急广播平台",
        body="市应急管理局8月24日通报，全市已有172家单位接入“获得应急广播信息的加速工具”平台，其中9家完成评估，年底前再接入20家。",
    )
    other = "4月24日，市应急管理局宣布启动“获得应急广播信息的加速工具”平台建设，加快预警信息的采集、编发和传播。"
    assert "引用原文" not in "、".join(match(told, post(other)).why)
    assert match(told, post(other)).decision is not Decision.REPOST
    quoted = "值得一看：“全市已有172家单位接入“获得应急广播信息的加速工具”平台，其中9家完成评估”，点赞！"
    assert match(told, post(quoted)).decision is not Decision.NO
