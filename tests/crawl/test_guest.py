"""Weibo asks a stranger who he is: the public page is opened once in a browser, its cookies are kept, renewed once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fixtures.city.response import COOKIES, Response, redirect
from gzcrawl.browser import launch_options
from gzcrawl.store import cookies
from tests.crawl.conftest import Crawls, WatchedCity, at

VISITOR = "https://visitor.passport.weibo.cn/visitor/visitor?entry=sinawap"

pytestmark = [pytest.mark.browser, pytest.mark.skipif(launch_options() is None, reason="no Chromium here")]


class AskingCity(WatchedCity):
    """Answers visitors only: `guest` is the cookie that counts, "" for none that would."""

    def __init__(self, guest: str, **city: Any) -> None:
        super().__init__(**city)
        self.guest = guest

    def knows(self, host: str) -> bool:
        return host == "visitor.passport.weibo.cn" or super().knows(host)

    def answer(self, scheme: str, host: str, path: str, query: str = "") -> Response:
        if host == "visitor.passport.weibo.cn":
            self.asked.append((host, path, query))
            return Response(body=b"<html><head><title>Sina Visitor System</title></head><body></body></html>")
        if host == "m.weibo.cn" and path.startswith("/api") and (not self.guest or self.guest not in COOKIES.get()):
            self.asked.append((host, path, query))
            return redirect(VISITOR)
        return super().answer(scheme, host, path, query)


def observed(crawls: Crawls, round_id: str) -> int:
    return crawls.db.polls.count_documents({"round_id": round_id, "outcome": "ok"})


def test_the_cookies_of_a_visitor_open_what_was_refused_and_are_kept(crawls: Crawls) -> None:
    city = AskingCity("SUB=_2AkMguest", now=at("13T09:00"))
    round_id = crawls.crawl(city, "weibo", browser=True)
    assert observed(crawls, round_id) > 20
    assert cookies.find(crawls.db, "weibo", since=city.now - timedelta(hours=1)) == {"SUB": "_2AkMguest"}
    later = AskingCity("SUB=_2AkMguest", now=at("13T13:00"))
    round_id = crawls.crawl(later, "weibo", browser=True)
    assert observed(crawls, round_id) > 10
    assert "visitor.passport.weibo.cn" not in {host for host, _path, _query in later.asked}  # nobody was sent there


def test_who_is_refused_with_new_cookies_too_is_asked_no_more(crawls: Crawls) -> None:
    city = AskingCity("", now=at("13T09:00"))
    round_id = crawls.crawl(city, "weibo", browser=True)
    assert observed(crawls, round_id) == 0
    assert crawls.db.polls.distinct("outcome", {"round_id": round_id}) == ["blocked"]
    # What was on its way when the page of a guest was opened, and once more as a new guest.
    assert max(city.per_account().values()) <= 2
