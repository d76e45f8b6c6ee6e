"""What happens in the city: the same for one seed, nothing from the future, readable, and nobody real in it."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from urllib.parse import urlsplit

import pytest

from fixtures.city import NOW, City
from fixtures.city.addresses import article_url
from fixtures.city.story import load
from fixtures.city.world import HORIZON, World
from gzcrawl.items import SHANGHAI, Platform
from gzcrawl.registry import Account, Site


def everything(city: City) -> dict[str, bytes]:
    """The answers a patrol would get first: homes, lists, timelines, albums, searches."""
    urls = [url for site in city.registry.sites for url in (site.home, *site.lists, *site.announcement_lists)]
    for account in city.registry.accounts:
        if account.platform is Platform.WEIBO:
            base = f"https://m.weibo.cn/api/container/getIndex?type=uid&value={account.uid}"
            urls += [base, f"{base}&containerid=107603{account.uid}"]
        else:
            urls += [f"https://weixin.sogou.com/weixin?type={kind}&query={account.wechat_id}" for kind in (1, 2)]
            urls += [
                f"https://mp.weixin.qq.com/mp/appmsgalbum?__biz={account.biz}&album_id={a}"
                for a in account.watch.albums
            ]
    answers = {}
    for url in urls:
        parts = urlsplit(url)
        answers[url] = city.answer(parts.scheme, parts.hostname or "", parts.path, parts.query).body
    return answers


def test_one_seed_makes_one_city_and_another_seed_another(city: City) -> None:
    again, other = everything(City()), everything(City(seed=2))
    assert again == everything(city)
    changed = [url for url, body in other.items() if body != again[url]]
    assert len(changed) > len(again) / 2


def test_another_seed_changes_nothing_that_was_planted(city: City) -> None:
    other = City(seed=7)
    for target, pieces in city.world.pieces.items():
        planted = [
            (p.at, p.title, p.announcement) for p in pieces if not p.ordinary and not p.pinned and p.via != "quick"
        ]
        assert planted == [
            (p.at, p.title, p.announcement)
            for p in other.world.pieces[target]
            if not p.ordinary and not p.pinned and p.via != "quick"
        ]
    assert {id: p.number for id, p in city.world.announcements.items()} == {
        id: p.number for id, p in other.world.announcements.items()
    }


@pytest.mark.parametrize("days", [0, -3, -14])
def test_nothing_published_later_is_shown_anywhere(days: int) -> None:
    now = NOW + timedelta(days=days)
    city = City(now=now)
    later = {p.title for pieces in city.world.pieces.values() for p in pieces if p.at > now}
    later -= {p.title for pieces in city.world.pieces.values() for p in pieces if p.at <= now}
    text = "\n".join(body.decode("utf-8", "replace") for body in everything(city).values())
    assert later
    assert not [title for title in later if title in text]


def test_the_clock_moves_the_city_on(city: City) -> None:
    tomorrow = City(now=NOW + timedelta(days=1, hours=2))
    assert len(tomorrow.world.shown("sthj-weibo", tomorrow.now)) == len(city.world.shown("sthj-weibo", city.now)) + 1
    assert tomorrow.now.astimezone(UTC) > city.now.astimezone(UTC)


def test_a_clock_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="没有时区"):
        City(now=datetime(2025, 10, 13, 9))


def test_the_city_is_as_large_as_a_city(city: City) -> None:
    registry = city.registry
    assert len(registry.departments) >= 16
    assert len(registry.accounts) >= 34
    assert len(registry.sites) >= 16
    assert {d.level for d in registry.departments} == {"city", "county", "public_institution"}
    busy = [a for a in registry.accounts if len(city.world.shown(a.id, city.now)) > 20]
    assert len(busy) > 30


def test_an_account_that_is_not_said_to_be_silent_never_is(city: City) -> None:
    for account in city.registry.accounts:
        told = city.world.story.account(account.id)
        if told.last is None and told.per_week >= 2:
            times = sorted(p.at for p in city.world.pieces[account.id] if not p.pinned)
            assert max(b - a for a, b in pairwise(times)) < timedelta(days=8), account.id
            assert times[-1] > HORIZON - timedelta(days=8)


def test_posts_read_like_posts(city: City) -> None:
    for target, pieces in city.world.pieces.items():
        for piece in pieces:
            assert not re.search(r"[{}]|None", piece.title + piece.body), target
            assert piece.title or piece.body
        titles = Counter((p.title, p.at.date(), p.column) for p in pieces if p.title and p.ordinary)
        assert max(titles.values(), default=1) == 1, target


def test_ids_and_addresses_are_unique_and_rise_with_time(city: City) -> None:
    pieces = [piece for found in city.world.pieces.values() for piece in found]
    assert len({piece.number for piece in pieces}) == len(pieces)
    for found in city.world.pieces.values():
        assert [p.number for p in found] == sorted((p.number for p in found), reverse=True)
    for site in city.registry.sites:
        cms = city.world.story.sites[site.id].cms
        urls = [article_url(site, cms, piece) for piece in city.world.pieces[site.id]]
        assert len(set(urls)) == len(urls)


def test_all_hosts_are_fictional_or_the_platforms_own(city: City) -> None:
    for site in city.registry.sites:
        assert (urlsplit(site.home).hostname or "").endswith(".zhangjiang.example")
    assert all((d.email or "").endswith("@zhangjiang.example") for d in city.registry.departments)


def test_the_story_speaks_only_of_what_the_registry_knows() -> None:
    city = City()
    known = {*(a.id for a in city.registry.accounts), *(s.id for s in city.registry.sites)}
    story = load()
    named = {*story.accounts, *story.sites, *(r.by for a in story.announcements for r in a.reposts)}
    assert named <= known
    assert set(story.themes) == {d.id for d in city.registry.departments}
    assert set(story.sites) == {s.id for s in city.registry.sites}


def test_every_announcement_stands_where_the_registry_designates_it(city: City) -> None:
    for piece in city.world.announcements.values():
        whose = city.registry.by_id[piece.target]
        if isinstance(whose, Site):
            assert piece.column in whose.announcement_lists
        else:
            assert isinstance(whose, Account)
            assert any(word in piece.title for word in whose.announcement_words)
        assert piece.at.tzinfo is SHANGHAI


def test_a_world_needs_no_clock() -> None:
    city = City()
    assert World(city.registry, city.world.story, 1).pieces == city.world.pieces
