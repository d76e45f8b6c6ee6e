"""Sogou's pages, recorded and constructed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fixtures.cases import Case, cases
from gzcrawl.items import Outcome
from gzcrawl.sources import Page, Parser
from gzcrawl.sources.sogou import parse_accounts, parse_articles

NOW = datetime(2025, 11, 20, tzinfo=UTC)
URL = "https://weixin.sogou.com/weixin?type=2&query=x"
PARSERS = {"sogou.accounts": parse_accounts, "sogou.articles": parse_articles}


def articles(*rows: str) -> Page:
    return Page(url=URL, body=f"<html><ul class='news-list'>{''.join(rows)}</ul></html>".encode())


@pytest.mark.parametrize("case", cases("sogou"), ids=lambda case: case.name)
def test_a_recorded_page_gives_what_stands_beside_it(case: Case) -> None:
    assert case.differences(PARSERS[case.source](Page(**case.request), case.fetched_at)) == []


def test_the_header_of_the_page_is_never_taken_for_an_account() -> None:
    row = "<li><h3><a href='/link?url=1'>标题</a></h3><div class='s-p' t='1762747210'></div></li>"
    named = row.replace("></div>", "><span class='all-time-y2'>健康虔州</span></div>")
    page = articles(row, named)
    header = b"<html><div class='all-time-y2'>\xe4\xbb\xa5\xe4\xb8\x8b</div>"
    parsed = parse_articles(Page(url=URL, body=page.body.replace(b"<html>", header)), NOW)
    assert [post.author_name for post in parsed.posts] == [None, "健康虔州"]


def test_an_empty_list_element_is_a_changed_layout_not_an_empty_search() -> None:
    assert parse_articles(articles(), NOW).outcome is Outcome.LAYOUT_CHANGED


@pytest.mark.parametrize("parse", PARSERS.values(), ids=PARSERS)
@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"[]", b"<html></html>", b"\x00", b'{"items": [1, null]}'])
def test_a_page_without_cards_is_no_observation(parse: Parser, body: bytes) -> None:
    parsed = parse(Page(url=URL, body=body), NOW)
    assert not parsed.outcome.observed
    assert parsed.items == []


def test_posts_of_account_cards_carry_the_name_of_their_card() -> None:
    (case,) = (case for case in cases("sogou") if case.name == "sogou/accounts")
    parsed = parse_accounts(Page(**case.request), NOW)
    assert {post.author_name for post in parsed.posts} <= {profile.name for profile in parsed.profiles}
