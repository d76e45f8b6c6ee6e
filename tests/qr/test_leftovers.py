"""A browser that hangs or that a killed process left behind is ended; another's is not. Real Chromium."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Error, async_playwright
from scrapy.settings import Settings
from scrapy_playwright.handler import Config

from gzcrawl import guarded, leftovers
from gzcrawl.audit import Audit, AuditError, audit, close, visit
from gzcrawl.browser import ENV, launch_options
from gzcrawl.spiders.rendered import browser_settings

pytestmark = [pytest.mark.browser, pytest.mark.skipif(launch_options() is None, reason="no browser")]

ENDS = 20  # seconds in which a process that was killed is gone

START = """
import asyncio, sys
from playwright.async_api import async_playwright
from gzcrawl.browser import launch_options
async def main():
    async with async_playwright() as playwright:
        options = launch_options()
        await playwright.chromium.launch(**options)
        print(next(one for one in options["args"] if "owner" in one), flush=True)
        await asyncio.sleep(600)
asyncio.run(main())
"""


def browsers(mark: str) -> list[int]:
    """Process ids of the browsers with that mark, whatever has become of their owner."""
    return [pid for pid, command in leftovers._browsers() if mark.encode() in command]


async def until_gone(mark: str) -> None:
    async with asyncio.timeout(ENDS):
        while browsers(mark):
            await asyncio.sleep(0.05)


@pytest.fixture
def orphan() -> Iterator[str]:
    """The mark of a stopped browser whose owner and driver were killed; stopped, it does not see that they are gone."""
    with subprocess.Popen([sys.executable, "-c", START], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        mark = owner.stdout.readline().strip()
        (pid,) = browsers(mark)
        os.killpg(pid, signal.SIGSTOP)
        (driver,) = map(int, Path(f"/proc/{owner.pid}/task/{owner.pid}/children").read_text().split())
        os.kill(owner.pid, signal.SIGKILL)
        os.kill(driver, signal.SIGKILL)
    yield mark
    leftovers.end(mark)


def test_a_browser_whose_owner_was_killed_is_ended_at_the_next_start_with_its_profile(orphan: str) -> None:
    (pid,) = browsers(orphan)
    command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    profile = Path(next(os.fsdecode(one) for one in command if one.startswith(b"--user-data-dir=")).partition("=")[2])
    assert profile.is_dir()
    assert leftovers.end_orphans() >= 1
    asyncio.run(until_gone(orphan))
    assert not profile.exists()


def test_a_browser_in_use_is_left_alone(orphan: str) -> None:
    async def used() -> None:
        options = launch_options()
        assert options is not None
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(**options)
            leftovers.end_orphans()
            assert browser.is_connected()
            assert await (await browser.new_page()).evaluate("1 + 1") == 2
            await browser.close()

    asyncio.run(used())


def test_a_crawls_browser_that_does_not_answer_is_ended_and_the_next_one_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded, "ANSWER_SECONDS", 1.0)
    monkeypatch.setattr(guarded, "BEAT_SECONDS", 0.1)
    asyncio.run(_wedged_then_well())


async def _wedged_then_well() -> None:
    settings = Settings(browser_settings())
    provider = guarded.GuardedBrowsers(Config.from_settings(settings))
    await provider.start()
    browser = await provider.launch_browser()
    stop(settings["PLAYWRIGHT_LAUNCH_OPTIONS"])
    with pytest.raises(Error):
        async with asyncio.timeout(ENDS):
            await browser.new_context()
    fresh = await provider.launch_browser()
    assert await (await fresh.new_page()).evaluate("1 + 1") == 2
    await provider.close()
    await until_gone(mark_of(settings["PLAYWRIGHT_LAUNCH_OPTIONS"]))


def test_a_browser_that_hangs_at_the_end_of_a_crawl_does_not_keep_it_from_ending() -> None:
    async def crawl() -> None:
        settings = Settings(browser_settings())
        provider = guarded.GuardedBrowsers(Config.from_settings(settings))
        await provider.start()
        await provider.launch_browser()
        stop(settings["PLAYWRIGHT_LAUNCH_OPTIONS"])
        async with asyncio.timeout(ENDS):
            await provider.close()
        await until_gone(mark_of(settings["PLAYWRIGHT_LAUNCH_OPTIONS"]))

    asyncio.run(crawl())


def test_an_audit_whose_browser_hangs_ends_with_an_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPEN_SECONDS", "CLOSE_SECONDS"):
        monkeypatch.setattr(f"gzcrawl.audit.{name}", 1.0)
    done = asyncio.run(asyncio.wait_for(_wedged_audit(), ENDS))
    assert done.look.unseen == ["浏览器没有响应"]


async def _wedged_audit() -> Audit:
    options = launch_options()
    assert options is not None
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**options)
        stop(options)
        done = await visit(browser, "http://site.example/", (), "http://127.0.0.1:9", seconds=1)
        await close(browser, options)
        await until_gone(mark_of(options))
    return done


def test_a_browser_that_does_not_start_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(ENV, "/bin/true")
    (tmp_path / "page.html").write_text("<!doctype html>")
    with pytest.raises(AuditError, match="浏览器启动失败"):
        asyncio.run(asyncio.wait_for(audit(str(tmp_path / "page.html"), ()), ENDS))


def mark_of(options: dict[str, Any]) -> str:
    return leftovers.mark_in(options["args"])


def stop(options: dict[str, Any]) -> None:
    """As a wedged browser is: there, and not answering."""
    for pid in browsers(mark_of(options)):
        os.killpg(pid, signal.SIGSTOP)
