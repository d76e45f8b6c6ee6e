"""One server and one way of auditing its pages for all tests of the rendered look."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

import pytest
from playwright.async_api import async_playwright

from fixtures.qr.pages import UID, WECHAT
from fixtures.qr.server import PageServer
from gzcrawl.audit import Audit, close, visit
from gzcrawl.browser import launch_options
from gzcrawl.egress import Egress
from gzcrawl.items import Platform
from gzcrawl.qr.verdict import Expectation

AT_ONCE = 8
PATIENCE = 60.0
"""Seconds for a page: machines that run tests are busy."""
EXPECTED = (Expectation(platform=Platform.WEIBO, value=UID), Expectation(platform=Platform.WECHAT, value=WECHAT))

Wanted = tuple[str, Sequence[Expectation]]


@pytest.fixture(scope="module")
def pages() -> Iterator[PageServer]:
    if launch_options() is None:
        pytest.skip("no browser")
    with PageServer() as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("http_proxy", server.origin)
        patch.setenv("https_proxy", server.origin)
        yield server


def audit_all(
    server: PageServer, wanted: Sequence[Wanted], seconds: float = PATIENCE, at_once: int = AT_ONCE
) -> list[Audit]:
    """Audit pages of the server, some at once, each in a context of its own; only that server is reached."""
    return asyncio.run(asyncio.wait_for(_audit_all(server, wanted, seconds, at_once), 400))


async def _audit_all(server: PageServer, wanted: Sequence[Wanted], seconds: float, at_once: int) -> list[Audit]:
    turn = asyncio.Semaphore(at_once)
    port = int(server.origin.rpartition(":")[2])
    async with Egress({("127.0.0.1", port)}) as egress, async_playwright() as playwright:
        options = launch_options()
        assert options is not None
        browser = await playwright.chromium.launch(**options)

        async def one(url: str, expectations: Sequence[Expectation]) -> Audit:
            async with turn:
                return await visit(browser, url, expectations, egress.url, seconds=seconds)

        try:
            return await asyncio.gather(*(one(url, expectations) for url, expectations in wanted))
        finally:
            await close(browser, options)
