"""One post seen through several sources is one document, in whatever order they are read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gzcrawl.items import Platform, Post, Precision, RepostKind, RepostOf
from gzcrawl.store.merge import RICHNESS, merge

NOW = datetime(2025, 10, 13, 1, 0, tzinfo=UTC)

texts = st.sampled_from(["", "摘要", "正文的开头", "完整的正文"])


@st.composite
def sightings(draw: st.DrawFn) -> list[Post]:
    """One post through some sources, each with what it tells."""
    sources = draw(st.lists(st.sampled_from(RICHNESS), min_size=1, max_size=4, unique=True))
    return [
        Post(
            platform=Platform.WEIBO, native_id="1", source=source, account_id="a", text=draw(texts),
            title=draw(st.none() | st.just(f"题{source}")), long_text=draw(st.booleans()),
            published_at=draw(st.none() | st.just(NOW - timedelta(hours=draw(st.integers(0, 3))))),
            precision=draw(st.sampled_from(Precision)), extra=draw(st.sampled_from([{}, {"reposts": 1}, {"reposts": 2}])),
            column=draw(st.none() | st.sampled_from(["a", "b"])),
        )
        for source in sources
    ]  # fmt: skip


def merged(posts: Any) -> dict[str, Any]:
    document: dict[str, Any] | None = None
    for post in posts:
        document = merge(document, post, NOW)
    assert document is not None
    del document["version"]
    return document


@given(sightings())
def test_the_order_of_the_sources_does_not_matter(posts: list[Post]) -> None:
    for post in posts:
        if post.published_at is None:
            post.precision = Precision.UNKNOWN
    first = merged(posts)
    assert all(merged(order) == first for order in permutations(posts))


@given(sightings())
def test_seeing_the_same_again_changes_nothing(posts: list[Post]) -> None:
    document: dict[str, Any] | None = None
    for post in posts:
        document = merge(document, post, NOW)
    again = document
    for post in posts:
        again = merge(again, post, NOW)
    assert again == document


def test_a_reprint_with_its_text_hides_nothing_where_a_retweet_of_an_unseen_original_does() -> None:
    def marks(kind: RepostKind, text: str) -> list[str]:
        post = Post(
            platform=Platform.WECHAT, native_id="1", source="wechat.article", text=text, repost_of=RepostOf(kind=kind)
        )
        return list(merge(None, post, NOW)["marks"])

    assert marks(RepostKind.REPRINT, "全文") == []
    for kind, text in ((RepostKind.REPRINT, ""), (RepostKind.RETWEET, "转发微博"), (RepostKind.SHARE, "请看")):
        assert marks(kind, text) == ["partial"]
