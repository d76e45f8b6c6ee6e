"""Whatever a page does, the audit ends in time with an outcome, the other pages are seen, and nothing private is reached."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator

import pytest
from playwright.async_api import Error, async_playwright

from fixtures.qr.hostile import BROKEN_SVG, animation, bomb, crowd, deep, heavy
from fixtures.qr.pages import WECHAT, WEIBO
from fixtures.qr.server import PageServer
from gzcrawl.audit import Audit
from gzcrawl.browser import launch_options
from gzcrawl.egress import Egress
from gzcrawl.qr.render import CONTEXT, Look, look
from gzcrawl.qr.watch import Watch
from tests.qr.conftest import EXPECTED, audit_all

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HTML = "text/html; charset=utf-8"
CODES = '<img src="/img/wb.png"><img src="/img/wx.png">'
SECONDS = 8.0


PAGES = {
    "dialogs": f"{CODES}<script>for (var n = 0; n < 20; n++) {{ alert(n); confirm(n); prompt(n); }}</script>",
    "beforeunload": f"{CODES}<script>onbeforeunload = function () {{ return 'stay'; }};</script>",
    "popups": f"{CODES}<script>for (var n = 0; n < 9; n++) open('/img/');</script>",
    "never_idle": f"{CODES}<img src='/endless'><script>setInterval(function () {{ fetch('/endless'); }}, 50);</script>",
    "busy": f"{CODES}<script>setTimeout(function () {{ while (true) {{}} }}, 50);</script>",
    "heavy": f"{CODES}<img src='/heavy.bmp' width='100'>",
    "animated": "<img src='/img/wb.png'><img src='/animated.gif'>",
    "broken_svg": f"{CODES}<img src='/broken.svg'>{BROKEN_SVG.decode()}",
    "crowd": CODES + crowd(),
    "deep": CODES + deep(),
    "picture_loop": f"{CODES}<img src='/loop/'>",
    "bomb": f"{CODES}<img src='/bomb.png' width='100'>",
    "growing": f"{CODES}<script>setInterval(function () {{ document.body.appendChild(document.createElement('p')).style.height"
    " = '3000px'; }, 30);</script>",
    "leaves": f"{CODES}<script>setTimeout(function () {{ location.href = '/leaves/'; }}, 700);</script>",
    "fine": CODES,
}
BROKEN = {"/download/", "/loop/", "/gone/", "/endless-page"}


@pytest.fixture(scope="module")
def audits(pages: PageServer) -> Iterator[dict[str, Audit]]:
    for name, body in PAGES.items():
        pages.answers[f"/{name}/"] = (200, HTML, f"<!doctype html><title>局</title>{body}".encode())
    pages.answers["/bomb.png"] = (200, "image/png", bomb())
    pages.answers["/heavy.bmp"] = (200, "image/bmp", heavy())
    pages.answers["/animated.gif"] = (200, "image/gif", animation(WECHAT))
    pages.answers["/broken.svg"] = (200, "image/svg+xml", BROKEN_SVG)
    pages.answers["/download/"] = (200, "application/octet-stream", b"MZ" * 1000)
    pages.redirects |= {"/loop/": "/loop/"}
    pages.endless |= {"/endless", "/endless-page"}
    paths = [*(f"/{name}/" for name in PAGES), *sorted(BROKEN)]
    started = time.monotonic()
    done = audit_all(pages, [(f"{pages.origin}{path}", EXPECTED) for path in paths], SECONDS, at_once=4)
    assert time.monotonic() - started < 90
    yield dict(zip(paths, done, strict=True))


def verdicts(done: Audit) -> list[str]:
    return [answer["verdict"] for answer in done.report()["expectations"]]


SEEN = [name for name in PAGES if name not in ("busy", "leaves", "animated", "crowd")]


@pytest.mark.parametrize("name", SEEN)
def test_codes_are_seen_all_the_same(audits: dict[str, Audit], name: str) -> None:
    assert verdicts(audits[f"/{name}/"]) == ["present", "present"], audits[f"/{name}/"].look.unseen


@pytest.mark.parametrize("path", ["/busy/", "/leaves/", "/animated/", "/crowd/", *sorted(BROKEN)])
def test_what_cannot_be_seen_is_unknown_or_seen_but_never_missing(audits: dict[str, Audit], path: str) -> None:
    assert set(verdicts(audits[path])) <= {"present", "unknown"}


@pytest.mark.parametrize("path", sorted(BROKEN))
def test_a_page_that_does_not_open_says_why(audits: dict[str, Audit], path: str) -> None:
    assert verdicts(audits[path]) == ["unknown", "unknown"]
    assert audits[path].look.unseen


def test_a_page_reaches_nothing_else_on_this_machine(pages: PageServer) -> None:
    with PageServer() as private:
        target = private.origin
        host = target.removeprefix("http://")
        pages.redirects["/to-private.png"] = f"{target}/redirected"
        body = (
            f"<img src='{target}/img'><iframe src='{target}/frame'></iframe><img src='/to-private.png'>"
            f"<script>fetch('{target}/fetch', {{mode: 'no-cors'}}); new WebSocket('ws://{host}/ws');"
            f"new Worker(URL.createObjectURL(new Blob([\"fetch('{target}/worker', {{mode: 'no-cors'}})\"])));"
            f"fetch('http://localhost:{host.rpartition(':')[2]}/name', {{mode: 'no-cors'}});</script>"
            "<iframe src='file:///etc/passwd'></iframe>"
        )
        pages.answers["/private/"] = (200, HTML, body.encode())
        (done,) = audit_all(pages, [(f"{pages.origin}/private/", EXPECTED)], SECONDS)
        assert not private.asked
        assert set(verdicts(done)) == {"unknown"}


def test_a_crashed_page_is_an_outcome_and_the_next_page_is_seen(pages: PageServer) -> None:
    crashed, after = asyncio.run(_crash_then_look(pages))
    assert crashed.unseen
    assert after.payloads == {WEIBO, WECHAT}


async def _crash_then_look(pages: PageServer) -> tuple[Look, Look]:
    port = int(pages.origin.rpartition(":")[2])
    options = launch_options()
    assert options is not None
    async with Egress({("127.0.0.1", port)}) as egress, async_playwright() as playwright:
        browser = await playwright.chromium.launch(**options)
        context = await browser.new_context(**CONTEXT, proxy={"server": egress.url, "bypass": "<-loopback>"})
        page = await context.new_page()
        watch = Watch(page)
        await page.goto(pages.url("img"))
        session = await context.new_cdp_session(page)
        crash = asyncio.ensure_future(session.send("Page.crash"))
        crashed = await look(page, watch, lambda _payloads: False, seconds=SECONDS)
        crash.cancel()
        await asyncio.gather(crash, return_exceptions=True)
        fresh = await context.new_page()
        watching = Watch(fresh)
        await fresh.goto(pages.url("img"))
        after = await look(fresh, watching, lambda payloads: len(payloads) == 2)
        with contextlib.suppress(Error):
            await browser.close()
        return crashed, after
