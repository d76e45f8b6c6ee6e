"""Pages of our own making or keeping, photographed in Chromium: no script runs, nothing is asked of any network."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

from PIL import Image
from playwright.sync_api import Error, Page, Route, sync_playwright

from gzcrawl.browser import launch_options
from scheduler.evidence.sheet import Sheet

WIDTH, TALLEST = 480, 2400
"""CSS pixels of a picture; what is below is cut off."""
SECONDS = 15

ADDRESS = "https://evidence.invalid/"
# `sandbox` also stops a page that would lead itself elsewhere.
POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-src 'none'"


class CameraError(RuntimeError):
    """There is no browser, or it did not do its work; the message says so in Chinese."""


def photograph(sheets: Iterable[Sheet]) -> Iterator[Image.Image]:
    """A picture of each, as long as the browser works. `CameraError` when there is none, or it fails."""
    options = launch_options()
    if options is None:
        raise CameraError("没有浏览器，不能生成截图")
    try:
        with sync_playwright() as playwright, playwright.chromium.launch(**options) as browser:
            page = browser.new_page(
                viewport={"width": WIDTH, "height": 80},
                java_script_enabled=False,
                offline=True,
                service_workers="block",
                accept_downloads=False,
            )
            page.set_default_timeout(SECONDS * 1000)
            for one in sheets:
                yield _below(*(_photograph(page, html) for html in (one.label, one.content)))
    except Error as error:
        raise CameraError(f"浏览器没有完成截图：{error.message.splitlines()[0]}") from error


def _photograph(page: Page, html: str) -> Image.Image:
    def answer(route: Route) -> None:
        if route.request.url == ADDRESS:
            headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": POLICY}
            route.fulfill(body=html.encode("utf-8", "replace"), headers=headers)
        else:
            route.abort()

    page.unroute_all()
    page.route("**/*", answer)
    page.goto(ADDRESS, wait_until="domcontentloaded")
    height = page.evaluate("Math.max(document.documentElement.scrollHeight, document.body.scrollHeight)")
    shot = page.screenshot(
        full_page=True, clip={"x": 0, "y": 0, "width": WIDTH, "height": max(1, min(height, TALLEST))}
    )
    with Image.open(io.BytesIO(shot)) as image:
        return image.convert("RGB")


def _below(first: Image.Image, second: Image.Image) -> Image.Image:
    joined = Image.new("RGB", (WIDTH, first.height + second.height), "white")
    joined.paste(first, (0, 0))
    joined.paste(second, (0, first.height))
    return joined
