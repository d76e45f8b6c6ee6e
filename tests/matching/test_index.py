"""The index finds whatever may be a repost, and follows what is put in and taken out."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from gzcrawl.items import Announcement, Platform, Post, RepostKind, RepostOf
from scheduler.matching import Decision, match
from scheduler.matching.index import Index

TOWNS = ("章江市", "虎岭县", "梅川区", "石城镇")
DEEDS = (
    "启动防台风四级应急响应",
    "暂停供水六小时",
    "开展秋季征兵工作",
    "调整公交线路",
    "发放一次性补贴",
    "公开征求意见",
)
parts = st.sampled_from(
    [*TOWNS, *DEEDS, "关于", "的通知", "9月26日15时", "请各有关单位认真贯彻执行", "，", "。", "收到请扩散", "3人"]
)
texts = st.lists(parts, max_size=14).map("".join)
urls = st.sampled_from(
    ["http://a.example/t1.html", "https://www.a.example/t1.html?from=timeline", "http://t.cn/A6", ""]
)


@st.composite
def announcements(draw: st.DrawFn) -> list[Announcement]:
    made = draw(st.lists(st.tuples(texts, texts, urls, st.sampled_from(["", "5001", "5002"])), max_size=6))
    return [
        Announcement(id=str(i), title=title, body=body, url=url or None, native_ids=[native] if native else [])
        for i, (title, body, url, native) in enumerate(made)
    ]


@st.composite
def posts(draw: st.DrawFn) -> Post:
    original = draw(st.sampled_from([None, RepostOf(kind=RepostKind.RETWEET, native_id="5001")]))
    return Post(
        platform=Platform.WEIBO, native_id="7", source="weibo.timeline", title=draw(st.none() | texts),
        text=draw(texts), links=[draw(urls)], repost_of=original,
    )  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(known=announcements(), post=posts(), gone=st.sets(st.integers(0, 5)))
def test_it_never_leaves_out_what_would_be_a_repost_or_a_doubt(
    known: list[Announcement], post: Post, gone: set[int]
) -> None:
    index = Index(known)
    for one in gone:
        index.remove(str(one))
    left = [announcement for announcement in known if int(announcement.id) not in gone]
    found = index.candidates(post)
    assert all(announcement in left for announcement in found)
    assert all(a in found for a in left if match(a, post).decision is not Decision.NO)


def test_a_changed_announcement_is_found_by_what_it_says_now() -> None:
    first = Announcement(id="1", title="关于暂停供水六小时的通告", body="因管道抢修，城东片区明日停水。")
    index = Index([first])
    index.add(replace(first, title="章江市公安局关于严禁燃放孔明灯的通告", body=""))
    post = Post(platform=Platform.WEIBO, native_id="7", source="pair", text="章江市公安局关于严禁燃放孔明灯的通告")
    assert [found.title for found in index.candidates(post)] == ["章江市公安局关于严禁燃放孔明灯的通告"]
    assert not index.candidates(replace(post, text=first.title))
    assert len(index) == 1
