"""The real Weibo answers, with the values their README gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from gzcrawl.items import SHANGHAI, Outcome, Precision, RepostKind
from gzcrawl.sources import Page
from gzcrawl.sources.weibo import parse_desktop, parse_profile, parse_timeline

Real = Callable[..., Page]
JULY_2019 = datetime(2019, 7, 16, 12, tzinfo=SHANGHAI)
MAY_2020 = datetime(2020, 5, 27, 12, tzinfo=SHANGHAI)


def test_the_pinned_post_of_the_2019_timeline_is_not_the_newest(real: Real) -> None:
    parsed = parse_timeline(real("weibo/getindex-timeline-2019.json"), JULY_2019)
    assert parsed.outcome is Outcome.OK
    assert [post.pinned for post in parsed.posts] == [True] + [False] * 10
    newest = max(parsed.posts, key=lambda post: post.published_at or JULY_2019)
    assert newest.native_id == "4394384827138748"
    assert (newest.published_at, newest.precision) == (datetime(2019, 7, 15, 21, tzinfo=SHANGHAI), Precision.HOUR)


def test_the_short_dates_of_the_2019_timeline_are_of_that_summer(real: Real) -> None:
    parsed = parse_timeline(real("weibo/getindex-timeline-2019.json"), JULY_2019)
    days = [post.published_at.astimezone(SHANGHAI).strftime("%Y-%m-%d") for post in parsed.posts if post.published_at]
    assert days[0] == "2019-06-27"
    assert days[2:] == [f"2019-07-{day:02}" for day in (14, 14, 13, 12, 11, 10, 9, 7, 7)]
    assert all(post.precision is Precision.DAY for post in parsed.posts if post is not parsed.posts[1])


def test_the_2019_timeline_goes_on_and_covers_what_follows_its_last_post(real: Real) -> None:
    hints = parse_timeline(real("weibo/getindex-timeline-2019.json"), JULY_2019).hints
    assert hints["page"] == 2
    assert hints["end"] is False
    assert hints["covers_from"] == datetime(2019, 7, 8, tzinfo=SHANGHAI)


def test_the_pinned_retweet_names_its_original(real: Real) -> None:
    post = parse_timeline(real("weibo/getindex-timeline-2019.json"), JULY_2019).posts[0]
    assert post.text == "和平精英超话 暗夜危机7处规避丧尸的位置，记住就再也不用哭着喊妈妈了[doge]"
    assert post.repost_of is not None
    assert post.repost_of.kind is RepostKind.RETWEET
    assert (post.repost_of.native_id, post.repost_of.author_name) == ("4387930325701338", "和平精英游戏攻略")
    assert post.repost_of.text is not None
    assert "\n1.任何水域中，\n2.研究所楼顶，" in post.repost_of.text


def test_a_long_post_of_2019_is_known_to_be_cut(real: Real) -> None:
    posts = parse_timeline(real("weibo/getindex-timeline-2019.json"), JULY_2019).posts
    cut = [post for post in posts if post.long_text]
    assert [post.native_id for post in cut] == ["4393264377139656"]
    assert not cut[0].text.endswith("全文")


def test_a_profile_of_2019_is_read_with_its_timeline(real: Real) -> None:
    parsed = parse_profile(real("weibo/getindex-profile-2019.json"), JULY_2019)
    (profile,) = parsed.profiles
    assert (profile.name, profile.native_id, profile.verified) == ("吃鸡搞笑视频", "6100410734", True)
    assert profile.verification == "知名游戏博主 游戏视频自媒体"
    assert parsed.hints == {"containerid": "1076036100410734", "statuses_count": 2153}


def test_a_government_account_tells_its_sponsor(real: Real) -> None:
    parsed = parse_profile(real("weibo/gov-2539961154-profile-2020.json"), MAY_2020)
    (profile,) = parsed.profiles
    assert (profile.name, profile.verified_type) == ("上海发布", 1)
    assert profile.verification == "上海市政府新闻办公室官方微博"
    assert parsed.hints["containerid"] == "1076032539961154"


def test_the_information_page_lists_sub_accounts_for_discovery(real: Real) -> None:
    parsed = parse_profile(real("weibo/gov-2539961154-info-2020.json"), MAY_2020)
    (profile,) = parsed.profiles
    assert (profile.name, profile.native_id, profile.verified_type) == ("上海发布", "2539961154", 1)
    assert profile.verification == "上海市政府新闻办公室官方微博"
    assert len(parsed.hints["candidates"]) == 6
    assert parsed.hints["candidates"][0] == {
        "uid": "3535242221",
        "name": "廉洁上海",
        "verification": "上海市纪委市监察委员会官方微博",
        "verified_type": 1,
        "group": "市级委办局",
    }


def test_the_home_page_tells_how_much_was_posted_yesterday(real: Real) -> None:
    (profile,) = parse_profile(real("weibo/gov-2539961154-mainpage-2020.json"), MAY_2020).profiles
    assert profile.native_id == "2539961154"
    assert profile.extra["yesterday"] == {"昨日发博数": 24, "昨日阅读数": 1_000_000, "昨日互动数": 8341}


def test_media_and_schools_are_told_from_governments(real: Real) -> None:
    kinds = {
        profile.name: profile.verified_type
        for name in ("media-2803301701", "school-1663414103")
        for profile in parse_profile(real(f"weibo/{name}-profile-2020.json"), MAY_2020).profiles
    }
    assert kinds == {"人民日报": 3, "华中科技大学": 4}


def test_a_single_desktop_status_is_a_repost_with_its_time_to_the_second(real: Real) -> None:
    (post,) = parse_desktop(real("weibo/desktop-status-repost.json"), datetime(2023, 6, 25, tzinfo=SHANGHAI)).posts
    assert post.published_at == datetime(2023, 6, 24, 12, 0, 59, tzinfo=SHANGHAI)
    assert post.precision is Precision.SECOND
    assert (post.author_id, post.extra["mblogid"]) == ("7618923072", "N6LvOxbPU")
    assert post.text == "想补这个好久了喵👀到时候一块玩喵"
    assert post.repost_of is not None
    assert (post.repost_of.native_id, post.repost_of.author_name) == ("4916085272348339", "每日荐游君")
