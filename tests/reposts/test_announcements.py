"""Announcements from accounts, versions of one another, and texts that many carry without being told to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gzcrawl.items import Announcement, Post
from gzcrawl.registry import Registry
from gzcrawl.store import suggestions as kept
from scheduler import reposts, suggestions
from scheduler.profile import load_profile
from scheduler.versions import superseded
from tests.reposts.conftest import JYJ_WEIBO, REGISTRY, SINCE, Crawls, article, copy
from tests.rules.units import ANNOUNCEMENT, JYJ, JYJ_WECHAT, NOW, WECHAT, WEIBO, WJW, at, post

DESIGNATED = replace(JYJ_WEIBO, announcement_group="all", announcement_words=("公告", "通知"))
BY_ACCOUNT = Registry((JYJ, WJW), (JYJ_WECHAT, DESIGNATED, WECHAT, WEIBO), REGISTRY.sites)


def test_posts_of_a_designated_account_with_a_marking_word_are_announcements(crawls: Crawls) -> None:
    text = "【关于城区停水的公告】因管网检修，10月11日8时至20时城西片区停水，请市民提前储水。"
    own = post(at("2025-10-10 09:00:00"), native_id="71", account_id="jyj-weibo", text=text)
    chat = post(at("2025-10-10 10:00:00"), native_id="72", account_id="jyj-weibo", text="早安，章江。")
    repost = post(at("2025-10-10 11:00:00"), native_id="73", text=f"转：{text}")
    crawls.bring(own, chat, repost)
    reposts.refresh(crawls.db, BY_ACCOUNT, SINCE)
    (item,) = crawls.known()
    assert (item.id, item.title, item.publisher, item.origin) == (own.key, "关于城区停水的公告", "jyj", "account")
    assert crawls.matches()[item.id, repost.key] == "repost"


def test_a_designated_accounts_version_of_an_article_is_no_second_announcement(crawls: Crawls) -> None:
    crawls.bring(article(), copy("2025-09-27 08:00:00", native_id="71", account_id="jyj-weibo"))
    reposts.refresh(crawls.db, BY_ACCOUNT, SINCE)
    assert [item.id for item in crawls.known()] == [ANNOUNCEMENT.id]


def version(**changes: object) -> Announcement:
    values = {"id": "website:b", "url": "https://jyj.zhangjiang.example/b", "published_at": at("2025-09-28 10:00:00")}
    return replace(ANNOUNCEMENT, **(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "links", "linked"),
    [
        ({}, [], True),
        ({"title": f"{ANNOUNCEMENT.title}（更正）", "body": "原通知中“9月29日”应为“9月30日”。"}, [], True),
        ({"title": "关于《校园防控通知》的更正说明", "body": "时间有误。"}, [ANNOUNCEMENT.url], True),
        ({"title": "关于《校园防控通知》的更正说明", "body": "时间有误。"}, [], False),
        ({"title": "关于食堂检查的通知", "body": "依据前述通知开展检查。"}, [ANNOUNCEMENT.url], False),
        ({"publisher": "wjw"}, [], False),
        ({"published_at": at("2025-10-06 10:00:00")}, [], False),
        ({"body": "各学校：请于10月20日前报送食堂检查情况，并附本月台账、照片和整改说明。"}, [], False),
    ],
    ids=[
        "again",
        "corrected",
        "links to it",
        "says nothing",
        "refers to it",
        "another's",
        "weeks later",
        "another text",
    ],
)
def test_what_corrects_or_repeats_an_announcement_is_linked_to_the_first(
    changes: dict[str, object], links: list[str], linked: bool
) -> None:
    later = version(**changes)
    assert superseded([later, ANNOUNCEMENT], {later.id: links}) == ({later.id: ANNOUNCEMENT.id} if linked else {})


NAMES = "教育局 公安局 民政局 财政局 水利局 林业局 统计局 气象局".split()
TEXT = "为迎接市运会开幕，十月十八日全天环城南路实行交通管制，请广大市民提前绕行并合理安排出行时间。"


def carriers(count: int, hours: float = 1.0) -> tuple[list[Post], dict[str, str]]:
    posts = [
        post(
            NOW - timedelta(hours=20) + timedelta(hours=hours * n),
            native_id=str(n),
            account_id=f"a{n}",
            text=f"【{NAMES[n]}提醒】{TEXT}",
        )
        for n in range(count)
    ]
    return posts, {f"a{n}": f"d{n}" for n in range(count)}


def test_a_text_that_many_departments_carry_within_hours_is_suggested() -> None:
    posts, departments = carriers(6)
    (one,) = suggestions.suggest(posts, departments, least=5, within=timedelta(hours=24))
    assert (one.first, len(one.departments), len(one.posts)) == (posts[0], 6, 6)
    assert suggestions.suggest(posts[:4], departments, least=5, within=timedelta(hours=24)) == []
    spread, departments = carriers(6, hours=12)
    assert suggestions.suggest(spread, departments, least=5, within=timedelta(hours=24)) == []
    of_one = dict.fromkeys(departments, "d")
    assert suggestions.suggest(posts, of_one, least=5, within=timedelta(hours=24)) == []


def test_a_suggestion_is_kept_once_and_what_was_dismissed_is_not_suggested_again(crawls: Crawls) -> None:
    posts, departments = carriers(7)
    accounts = tuple(replace(WEIBO, id=id, department=of) for id, of in departments.items())
    registry = Registry(tuple(replace(WJW, id=of) for of in departments.values()), accounts, ())
    crawls.bring(*posts[:6])
    reposts.refresh(crawls.db, registry, SINCE)
    profile = load_profile()
    suggestions.refresh(crawls.db, registry, profile, NOW)
    (one,) = kept.listed(crawls.db)
    kept.settle(crawls.db, one["_id"], "dismissed", by="张三", at=NOW)
    crawls.bring(posts[6])
    reposts.refresh(crawls.db, registry, SINCE)
    suggestions.refresh(crawls.db, registry, profile, NOW)
    assert kept.listed(crawls.db) == []
    assert len(kept.listed(crawls.db, None)[0]["posts"]) == 7
    assert crawls.known() == []
