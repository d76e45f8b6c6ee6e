"""The browser's part of the site spider: how requests go through scrapy-playwright, and what a look becomes."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from playwright.async_api import Error, Page
from scrapy import Request

from gzcrawl.browser import launch_options
from gzcrawl.egress import Egress
from gzcrawl.items import Outcome, QrSighting
from gzcrawl.qr.payload import classify
from gzcrawl.qr.picture import OTHER, annotated, change_name, keep
from gzcrawl.qr.render import CONTEXT, Enough, Look, Spot, Watch, best, look
from gzcrawl.sources import Parsed
from gzcrawl.store.connect import data_dir

CLOSE_SECONDS = 10.0
OPEN_SECONDS = 15
PAGES_AT_ONCE = 3
HANDLER = "scrapy_playwright.handler.ScrapyPlaywrightDownloadHandler"


def browser_settings() -> dict[str, Any]:
    """Scrapy settings with which single requests can go through a browser; none where there is no browser."""
    options = launch_options()
    if options is None:
        return {}
    return {
        "DOWNLOAD_HANDLERS": {"http": HANDLER, "https": HANDLER},
        "PLAYWRIGHT_LAUNCH_OPTIONS": options,
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": PAGES_AT_ONCE,
    }


def rendered_result(seen: Look, unread: Iterable[str] = ()) -> Parsed:
    """Only a page seen whole proves that a code is not there.

    `unread`: addresses of its pictures that could not be read before; the browser must have got them, because what
    loads them late may never have run.
    """
    seen.unseen += [f"{url[:150]}（图片未读到）" for url in unread if url not in seen.settled]
    reason = "rendered_partly" if seen.unseen else "rendered"
    return Parsed(outcome=Outcome.OK, reason=reason, detail="；".join(seen.unseen[:3])[:300])


class Browser:
    """Looks at pages; its way out is a guarded proxy. One per spider."""

    def __init__(self) -> None:
        self._egress = Egress()

    async def start(self) -> Self:
        await self._egress.start()
        return self

    def close(self) -> None:
        self._egress.close()

    def meta(self, state: dict[str, Any]) -> dict[str, Any]:
        """Request meta for scrapy-playwright; `state` will hold the page."""

        async def opened(page: Page, _request: Request) -> None:
            state["browser"] = page, Watch(page)

        return {
            "playwright": True,
            "playwright_include_page": True,
            "playwright_context": "qr",
            "playwright_context_kwargs": {**CONTEXT, "proxy": {"server": self._egress.url, "bypass": "<-loopback>"}},
            "playwright_page_goto_kwargs": {"wait_until": "domcontentloaded", "timeout": OPEN_SECONDS * 1000},
            "playwright_page_init_callback": opened,
        }

    async def look(self, state: dict[str, Any], enough: Enough) -> Look:
        page, watch = state["browser"]
        try:
            return await look(page, watch, enough)
        finally:
            await self.leave(state)

    async def leave(self, state: dict[str, Any]) -> None:
        """Close the page, if there is one: scrapy-playwright waits for it before it opens more."""
        page, _watch = state.pop("browser", (None, None))
        if page is not None:
            # Crashed, gone, or wedged by its page: not even closing may come back.
            with contextlib.suppress(Error, TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await page.close()

    async def sightings(self, seen: Look, round_id: str, site_id: str, url: str, at: datetime) -> list[QrSighting]:
        """One sighting for each payload, at its most prominent place, with its pictures kept as evidence."""
        found = [best(seen.spots, payload) for payload in sorted(seen.payloads)]
        spots = [spot for spot in found if spot is not None]
        folder = data_dir() / "evidence" / "qr"
        kept = await asyncio.to_thread(_keep, seen, spots, folder, site_id)
        return [
            QrSighting(
                round_id=round_id,
                site_id=site_id,
                page_url=url,
                image_url=url,
                image_sha256=hashlib.sha256(cropped.read_bytes()).hexdigest(),
                at=at,
                payload=spot.payload,
                meaning=str(classify(spot.payload)),
                place="rendered",
                box=spot.box,
                extra={
                    "prominence": spot.facts.document(),
                    "picture": f"evidence/qr/{whole.name}",
                    "crop": f"evidence/qr/{cropped.name}",
                },
            )
            for spot, whole, cropped in kept
        ]


def _keep(seen: Look, spots: list[Spot], folder: Path, site_id: str) -> list[tuple[Spot, Path, Path]]:
    """The page with the boxes drawn and a crop of each code, written once per change of the codes."""
    if seen.picture is None:
        return []
    name = change_name(site_id, ((spot.payload, spot.box) for spot in spots))
    whole = keep(annotated(seen.picture, [(spot.box, OTHER) for spot in spots]), folder, name)
    return [(spot, whole, keep(spot.picture, folder, f"{name}-{number}")) for number, spot in enumerate(spots, start=1)]
