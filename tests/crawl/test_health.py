"""A source that shows nothing, or something else than it used to, does not pass for quiet days."""

from __future__ import annotations

import pytest

from fixtures.city.response import Response, as_json
from gzcrawl.mongod import ENV_URI
from gzcrawl.store import health
from scheduler.cli import main
from scheduler.sandbox import environment
from tests.crawl.conftest import Crawls, WatchedCity, at


def say(crawls: Crawls, capsys: pytest.CaptureFixture[str], now: str, *arguments: str) -> tuple[int, str]:
    capsys.readouterr()
    with environment({ENV_URI: crawls.uri, "GZCRAWL_NOW": at(now).isoformat()}):
        code = main(["health", *arguments])
    return code, capsys.readouterr().out


def test_a_source_that_changed_its_pages_is_told_to_the_administrator(
    crawls: Crawls, capsys: pytest.CaptureFixture[str]
) -> None:
    crawls.crawl(WatchedCity(now=at("13T09:00")), "weibo")
    code, said = say(crawls, capsys, "13T09:00")
    assert code == 0
    assert "微博" in said
    assert "异常" not in said

    changed = WatchedCity(now=at("14T10:00"))
    changed.instead["m.weibo.cn"] = as_json({"ok": 1, "data": {"feed": {"v": 2}}})
    crawls.crawl(changed, "weibo")
    code, said = say(crawls, capsys, "14T10:00", "--hours", "12")
    assert code == 1
    assert "0% 看到内容" in said
    assert "最近一次看到 10-13 09:00（25 小时前）" in said
    assert "十分之一以上的网页格式无法识别，可能已改版" in said


def test_a_host_that_refuses_is_named_with_the_time_it_is_asked_again(
    crawls: Crawls, capsys: pytest.CaptureFixture[str]
) -> None:
    city = WatchedCity(now=at("13T09:00"))
    city.instead["m.weibo.cn"] = Response(status=418)
    crawls.crawl(city, "weibo")
    _code, said = say(crawls, capsys, "13T09:05")
    assert "拒绝访问的主机 m.weibo.cn：连续 3 次" in said
    assert "10-13 09:10 前不再访问" in said


def test_the_figures_say_how_many_posts_have_each_field(crawls: Crawls) -> None:
    crawls.crawl(WatchedCity(now=at("13T09:00")), "weibo")
    (told,) = health.last_figures(crawls.db).values()
    assert told["coverage"]["published_at"] == 1.0
    assert told["coverage"]["native_id"] == 1.0
    assert told["problems"] == []
