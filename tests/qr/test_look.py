"""The site spider's look for codes, whole: real downloader, real database, sites behind a proxy on loopback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from fixtures.qr.codes import code, png
from fixtures.qr.pages import UID, WECHAT, WEIBO, svg
from fixtures.qr.server import PageServer
from gzcrawl.browser import ENV as BROWSER
from gzcrawl.browser import launch_options
from gzcrawl.items import Platform
from gzcrawl.mongod import ENV_URI
from gzcrawl.registry import Account, Department, Registry, Site
from gzcrawl.store import qr
from gzcrawl.store.connect import connect
from gzcrawl.store.registry import save_registry
from gzcrawl.store.schema import ensure_schema
from scheduler.calendar import Calendar
from scheduler.evaluation import Basis, judge_departments
from scheduler.findings import Finding, Verdict
from scheduler.profile import load_profile

Db = Database[dict[str, Any]]

FIRST, NEXT_DAY = "2025-10-13T09:00:00+08:00", "2025-10-14T09:00:00+08:00"
STRANGER = "https://weibo.com/u/7654321098"

PAGES = {
    "sheet": '<link rel="stylesheet" href="/s.css"><div class="gzh"></div><img src="/wb.png">',
    "import": '<link rel="stylesheet" href="/first.css"><div class="gzh"></div><img src="/wb.png">',
    "drawing": f'{svg(WECHAT)}<img src="/wb.png">',
    "drawingfile": '<img src="/wx.svg"><img src="/wb.png">',
    "about": '<img src="/wb.png"><a href="/contact.html">联系我们</a>',
    "short": '<img src="/wx.png"><img src="/short.png">',
    "shortelsewhere": '<img src="/wx.png"><img src="/other.png">',
    "wrapped": '<img src="/wx.png"><img src="/wrapped.png">',
    "rotten": '<img src="/wx.png"><img src="/gone.png">',
    "unsure": '<img src="/wx.png"><img src="/unsure.png">',
    "none": "<p>没有二维码</p>",
    "torn": '<div style="width: 140px; height: 140px; background: url(/torn.png)"></div><img src="/wx.png">',
    "foreign": '<link rel="stylesheet" href="http://cdn.example/s.css"><img src="/wb.png">',
    "stranger": f'<img src="/wx.png"><img src="/wb.png"><img src="/stranger.png"><a href="{STRANGER}">微博</a>'
    '<a href="https://weibo.com/login">登录</a><a href="https://mp.weixin.qq.com/s?__biz=MzA&mid=1">文章</a>',
    "over": '<img src="/wx.png"><img src="/over.png">',
    "hidden": '<img src="/wb.png"><img src="/wx.png" style="display:none">',
    "drawnelsewhere": '<img src="/wb.png"><a href="/drawn.html">联系我们</a>',
    "many": "".join(f'<img src="/p{n}.png">' for n in range(60)),
}
PICTURES = {
    "wb.png": WEIBO,
    "wx.png": WECHAT,
    "short.png": "http://t.cn/A6own",
    "other.png": "http://t.cn/A6other",
    "wrapped.png": "http://t.cn/A6wrapped",
    "gone.png": "http://t.cn/A6gone",
    "unsure.png": "http://t.cn/A6unsure",
    "over.png": "http://qr61.cn/oABcd/qEFgh",
    "stranger.png": STRANGER,
}


def page(body: str) -> bytes:
    links = "".join(f'<a href="/c{n}/index.html">政务公开{n}</a>' for n in range(4))
    return (
        f"<!doctype html><html><head><meta charset='utf-8'><title>章江市某局</title></head><body><h1>章江市某局</h1>{links}"
        f"<p>章江市某局主办 版权所有 赣ICP备05000000号 网站标识码3607000000</p>{body}</body></html>"
    ).encode()


@pytest.fixture(scope="module")
def sites() -> Iterator[PageServer]:
    with PageServer() as server:
        for name, body in PAGES.items():
            home = f"http://{name}.zj.example"
            server.answers[f"{home}/"] = (200, "text/html; charset=utf-8", page(body))
            server.answers |= {f"{home}/{f}": (200, "image/png", png(code(p, 120))) for f, p in PICTURES.items()}
            server.answers[f"{home}/torn.png"] = (200, "image/png", png(code(WEIBO, 120))[:-400])
            server.answers[f"{home}/s.css"] = (200, "text/css", b".gzh { background: url('wx.png') }")
            server.answers[f"{home}/first.css"] = (200, "text/css", b"@import url(s.css);")
            server.answers[f"{home}/wx.svg"] = (200, "image/svg+xml", svg(WECHAT).encode())
            contact = page('<img src="wx.png" alt="官方微信">')
            server.answers[f"{home}/contact.html"] = (200, "text/html; charset=utf-8", contact)
            drawn = page("<script>document.body.appendChild(new Image()).src = 'wx.p' + 'ng';</script>")
            server.answers[f"{home}/drawn.html"] = (200, "text/html; charset=utf-8", drawn)
        over = "<!doctype html><title>提示</title><p>抱歉，该二维码已过期".encode()
        server.answers["http://qr61.cn/oABcd/qEFgh"] = (200, "text/html; charset=utf-8", over)
        server.redirects["http://t.cn/A6wrapped"] = f"https://weibo.cn/sinaurl?u=https%3A%2F%2Fweibo.com%2Fu%2F{UID}"
        server.answers["http://t.cn/A6unsure"] = (403, "text/html", b"")
        yield server


def registry_of(names: Iterable[str]) -> Registry:
    departments, accounts, home_pages = [], [], []
    for name in names:
        departments.append(Department(id=name, name=f"章江市{name}局"))
        accounts.append(Account(id=f"{name}-wb", department=name, platform=Platform.WEIBO, name="章江", uid=UID))
        accounts.append(
            Account(id=f"{name}-wx", department=name, platform=Platform.WECHAT, name="章江", qr_payloads=(WECHAT,))
        )
        home_pages.append(Site(id=f"{name}-site", department=name, name=name, home=f"http://{name}.zj.example/"))
    return Registry(tuple(departments), tuple(accounts), tuple(home_pages))


@pytest.fixture(scope="module")
def city(mongo_uri: str) -> Iterator[tuple[str, Registry]]:
    uri = mongo_uri.replace("/?", "/test_look?")
    registry = registry_of(PAGES)
    with connect(uri) as db:
        ensure_schema(db)
        save_registry(db, registry)
        yield uri, registry
        db.client.drop_database("test_look")


def crawl(uri: str, server: PageServer, now: str, **environment: str) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GZCRAWL_")}
    proxied = {"http_proxy": server.origin, "https_proxy": server.origin, "GZCRAWL_NOW": now, "GZCRAWL_DELAY": "0"}
    command = [sys.executable, "-m", "gzcrawl.crawl", "--round", now[:10], "govsite"]
    environment = {**kept, ENV_URI: uri, **proxied, **environment}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE) as process:  # it ends when its input does
        assert process.wait(120) == 0


def judged(db: Db, registry: Registry, now: str) -> dict[str, Finding]:
    at = datetime.fromisoformat(now)
    basis = Basis(calendar=Calendar(), profile=load_profile("ganzhou"))
    found = (f for judged in judge_departments(db, registry, registry.departments, at, basis) for f in judged.findings)
    return {f.subject.partition("@")[0]: f for f in found if f.rule == "qr_code"}


@pytest.fixture(scope="module")
def first(city: tuple[str, Registry], sites: PageServer) -> tuple[dict[str, Finding], set[str]]:
    """What is said after the first round, and the candidates of then; no browser."""
    uri, registry = city
    crawl(uri, sites, FIRST, **{BROWSER: "none"})
    with connect(uri) as db:
        return judged(db, registry, FIRST), {candidate["_id"] for candidate in qr.candidates(db)}


@pytest.mark.parametrize(
    "account",
    ["sheet-wx", "import-wx", "drawing-wx", "drawingfile-wx", "short-wb", "wrapped-wb", "about-wb", "stranger-wb"],
)
def test_a_code_is_found_wherever_it_stands(first: Any, account: str) -> None:
    assert first[0][account].verdict is Verdict.OK


def test_a_code_only_on_the_contact_page_is_there_but_not_prominent(first: Any) -> None:
    finding = first[0]["about-wx"]
    assert finding.verdict is Verdict.WARNING
    assert "联系我们" in finding.reason


def test_a_short_link_to_somebody_else_is_a_wrong_account(first: Any) -> None:
    assert first[0]["shortelsewhere-wb"].verdict is Verdict.VIOLATION
    assert "另一个账号" in first[0]["shortelsewhere-wb"].reason


@pytest.mark.parametrize("account", ["rotten-wb", "over-wb", "unsure-wb", "foreign-wx", "many-wb"])
def test_what_was_not_seen_for_certain_is_unknown(first: Any, account: str) -> None:
    """A link that is gone once, a page once over, a link that is refused, a style sheet of another host, too many pictures."""
    assert first[0][account].verdict is Verdict.UNKNOWN, first[0][account]


def test_a_page_seen_whole_without_the_code_is_a_violation(first: Any) -> None:
    assert first[0]["none-wb"].verdict is Verdict.VIOLATION


def test_an_account_nobody_registered_is_a_candidate_and_not_an_alert(first: Any) -> None:
    findings, found = first
    assert found == {"weibo:7654321098", "weibo:1987654321"}  # the second: where the short link to somebody else leads
    assert findings["stranger-wx"].verdict is Verdict.OK


@pytest.fixture(scope="module")
def second(first: Any, city: tuple[str, Registry], sites: PageServer) -> dict[str, Finding]:
    """The next day, with a dismissed candidate."""
    uri, registry = city
    with connect(uri) as db:
        qr.settle(db, "weibo:7654321098", "dismissed")
    sites.asked.clear()
    crawl(uri, sites, NEXT_DAY, **{BROWSER: "none"})
    with connect(uri) as db:
        return judged(db, registry, NEXT_DAY)


def test_a_link_that_is_gone_on_two_days_is_dead(second: dict[str, Finding]) -> None:
    assert second["rotten-wb"].verdict is Verdict.VIOLATION
    assert "已失效" in second["rotten-wb"].reason


def test_a_code_whose_page_says_on_two_days_that_it_is_over_is_named(second: dict[str, Finding]) -> None:
    assert second["over-wb"].verdict is Verdict.VIOLATION
    assert "http://qr61.cn/oABcd/qEFgh" in second["over-wb"].reason
    assert "过期" in second["over-wb"].reason


def test_a_link_that_leads_somewhere_is_not_followed_again_the_next_day(second: Any, sites: PageServer) -> None:
    assert second["short-wb"].verdict is Verdict.OK
    assert not sites.asked["http://t.cn/A6own"]
    assert sites.asked["http://t.cn/A6gone"]


def test_what_the_operator_said_of_a_candidate_stays(second: Any, city: tuple[str, Registry]) -> None:
    with connect(city[0]) as db:
        states = {c["_id"]: c["state"] for c in qr.candidates(db, state=None)}
    assert states["weibo:7654321098"] == "dismissed"


@pytest.mark.browser
@pytest.mark.slow
def test_a_browser_looks_by_interval_though_all_was_found_and_says_how_prominent_the_code_is(
    db: Db, db_uri: str, sites: PageServer, tmp_path: Path
) -> None:
    if launch_options() is None:
        pytest.skip("no browser")
    save_registry(db, registry_of(["short"]))
    for day, expected in ((13, 1), (14, 1), (20, 2)):
        crawl(db_uri, sites, f"2025-10-{day}T09:00:00+08:00", GZCRAWL_DATA=str(tmp_path))
        looks = list(db.polls.find({"channel": "qr.rendered", "outcome": "ok"}))
        assert len(looks) == expected
    (code,) = db.qr_sightings.find({"place": "rendered", "payload": WECHAT})
    assert code["extra"]["prominence"]["shown"] == "visible"
    files = {path.name for path in (tmp_path / "evidence" / "qr").iterdir()}
    assert len(files) == 3  # nothing changed: the page and two codes, once
    for name in (looks[0]["picture"], code["extra"]["picture"], code["extra"]["crop"]):
        assert 0 < (tmp_path / name).stat().st_size < 40_000


@pytest.mark.browser
@pytest.mark.slow
def test_what_only_a_browser_can_tell_is_told(db: Db, db_uri: str, sites: PageServer, tmp_path: Path) -> None:
    """A code that nobody is shown is a reminder; one that a script draws on 联系我们 is there, but not prominent;
    half a picture shows nothing, but may be the code."""
    if launch_options() is None:
        pytest.skip("no browser")
    registry = registry_of(["hidden", "drawnelsewhere", "torn", "none"])
    save_registry(db, registry)
    crawl(db_uri, sites, FIRST, GZCRAWL_DATA=str(tmp_path))
    found = judged(db, registry, FIRST)
    assert found["hidden-wx"].verdict is Verdict.WARNING
    assert "看不到" in found["hidden-wx"].reason
    assert found["drawnelsewhere-wx"].verdict is Verdict.WARNING
    assert "联系我们" in found["drawnelsewhere-wx"].reason
    assert found["torn-wb"].verdict is Verdict.UNKNOWN
    assert "torn.png" in found["torn-wb"].reason
    assert found["none-wx"].verdict is Verdict.VIOLATION
    assert {found[f"{name}-wb"].verdict for name in ("hidden", "drawnelsewhere")} == {Verdict.OK}
