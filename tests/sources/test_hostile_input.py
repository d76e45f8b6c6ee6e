"""No bytes make a parser raise, and damage never makes it tell another time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.cases import Case, cases
from fixtures.mutations import MUTATIONS, mutate
from gzcrawl.items import Outcome, Post
from gzcrawl.sources import Page, Parsed
from gzcrawl.sources.registry import PARSERS
from gzcrawl.sources.wechat import parse_article

NOW = datetime(2025, 6, 1, tzinfo=UTC)
CASES = cases("weibo", "sogou", "wechat", "govsite", "feed", "official")
URLS = {
    "weibo": "https://m.weibo.cn/api/x",
    "sogou": "https://weixin.sogou.com/weixin",
    "wechat": "https://mp.weixin.qq.com/s/x",
    "govsite": "https://nyj.zhangjiang.example/zwgk/",
    "feed": "https://rss.office.example/nyj.xml",
    "official": "https://api.weixin.qq.com/x",
}


def check(parsed: Parsed) -> None:
    """What holds for every answer: storable items, no observation without a reason to believe it."""
    assert isinstance(parsed, Parsed)
    for post in parsed.posts:
        assert post.key.encode()
        assert post.text.encode() is not None
        assert post.interval is None or post.published_at is not None
    if parsed.outcome is Outcome.OK:
        assert parsed.items
    if parsed.outcome in (Outcome.EMPTY, Outcome.GONE):
        assert not parsed.items
        assert parsed.reason


@pytest.mark.parametrize("source", PARSERS)
@given(body=st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_random_bytes_never_raise(source: str, body: bytes) -> None:
    check(PARSERS[source](Page(url=URLS[source.partition(".")[0]], body=body), NOW))


@pytest.mark.parametrize("source", PARSERS)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=150, deadline=None)
def test_mutated_answers_never_raise(source: str, seed: int) -> None:
    rng = Random(seed)
    case = rng.choice([case for case in CASES if case.source == source])
    mutant = damaged(case, mutate(case.request["body"], rng))
    check(PARSERS[source](mutant, case.fetched_at))


@given(seed=st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_a_parser_given_the_page_of_another_never_raises(seed: int) -> None:
    rng = Random(seed)
    check(PARSERS[rng.choice(list(PARSERS))](Page(**rng.choice(CASES).request), NOW))


@pytest.mark.parametrize(
    "name", ["weibo/timeline-groups-and-counts", "weibo/desktop-first-page", "weibo/profile-government"]
)
@given(share=st.floats(0, 0.999))
@settings(max_examples=40, deadline=None)
def test_a_cut_json_answer_is_never_an_observation(name: str, share: float) -> None:
    case = named(name)
    body = case.request["body"].rstrip()
    cut = body[: int(len(body) * share)]
    assert not PARSERS[case.source](damaged(case, cut), case.fetched_at).outcome.observed


@pytest.mark.parametrize(
    "name", ["wechat/article-2025", "wechat/article-2018", "wechat/type-8-pictures", "wechat/reprint"]
)
@given(share=st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_a_cut_article_tells_its_own_time_and_author_or_none(name: str, share: float) -> None:
    case = named(name)
    whole = only(parse_article(Page(**case.request), NOW))
    parsed = parse_article(damaged(case, case.request["body"][: int(len(case.request["body"]) * share)]), NOW)
    for post in parsed.posts:
        assert post.interval is not None
        assert whole.published_at is not None
        assert post.interval[0] <= whole.published_at < post.interval[1]
        assert post.author_name in (whole.author_name, None)
        assert post.author_id in (whole.author_id, None)


REPETITIONS = (
    b"<script>var ct = " + b" " * 300_000 + b"</script>",
    b"<script>" + b"var ct=xml?" * 30_000 + b"</script>",
    b"<script>var ct = '1'; window.cgiDataNew = {" + b"a" * 300_000 + b"</script>",
    b"<script>window.cgiDataNew = {" + b"a:[" * 100_000 + b"</script>",
    b"<title" * 50_000,
    b"<pre>{" * 50_000,
    b'{"ok":1,"data":{"cards":[{"card_type":9,"mblog":{"id":1,"created_at":"' + b" " * 300_000 + b'x"}}]}}',
    b'{"ok":1,"data":{"cards":' + b'[{"card_group":' * 400 + b"[]" + b"}]" * 400 + b"}}",
    b"<div class=item-info><div class=item-title>x</div><div class=item-desc>" + "2021年1月1日".encode() * 20_000,
    b"<ul class=news-list>" + b"<li><ul class=news-list>" * 5_000,
    b"<div id=js_article><div id=js_content>" + "来源：".encode() * 50_000,
    b"<title>" + b"a_" * 100_000,
    b"<script>document.write(" + b"a" * 19_000 + b"\n" * 300_000,
)


@pytest.mark.parametrize("number", range(len(REPETITIONS)))
@pytest.mark.parametrize("source", PARSERS)
def test_repetition_does_not_stall_a_parser(source: str, number: int) -> None:
    begin = process_time()
    check(PARSERS[source](Page(url=URLS[source.partition(".")[0]], body=REPETITIONS[number]), NOW))
    assert process_time() - begin < 3


@pytest.mark.parametrize("mutation", dict.fromkeys(MUTATIONS), ids=lambda mutation: mutation.__name__)
def test_every_mutation_does_its_damage_to_any_body(mutation: Callable[[bytes, Random], bytes]) -> None:
    mutants = [
        mutation(body, Random(seed)) for body in (b"", b'{"a": [1, {"b": "c1"}]}', b"<p class=x1>") for seed in range(9)
    ]
    assert all(isinstance(mutant, bytes) for mutant in mutants)


def damaged(case: Case, body: bytes) -> Page:
    return Page(**{**case.request, "body": body})


def named(name: str) -> Case:
    return next(case for case in CASES if case.name == name)


def only(parsed: Parsed) -> Post:
    (post,) = parsed.posts
    return post
