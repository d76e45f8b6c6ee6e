"""The browser's part of the site spider: how requests go through scrapy-playwright, and what a look becomes."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from playwright.async_api import Error
from playwright.async_api import Page as Tab
from scrapy import Request

from gzcrawl import probes
from gzcrawl.browser import launch_options
from gzcrawl.egress import Egress
from gzcrawl.evidence import PICTURES, EvidenceStore
from gzcrawl.items import Outcome, QrSighting, SiteProbe
from gzcrawl.probes.fetched import Fetched
from gzcrawl.qr.picture import OTHER, change_name, webp
from gzcrawl.qr.remembered import Links, facts
from gzcrawl.qr.render import CONTEXT, Enough, Look, Spot, best, look
from gzcrawl.qr.watch import Watch
from gzcrawl.registry import Site
from gzcrawl.sources import Page, Parsed
from gzcrawl.store.connect import data_dir

CLOSE_SECONDS = 10.0
OPEN_SECONDS = 15
PAGES_AT_ONCE = 3
HANDLER = "gzcrawl.guarded.Handler"


def browser_settings() -> dict[str, Any]:
    """Scrapy settings with which single requests can go through a browser; none where there is no browser."""
    options = launch_options()
    if options is None:
        return {}
    return {
        "DOWNLOAD_HANDLERS": {"http": HANDLER, "https": HANDLER},
        "PLAYWRIGHT_LAUNCH_OPTIONS": options,
        "PLAYWRIGHT_BROWSER_PROVIDER": "gzcrawl.guarded.GuardedBrowsers",
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": PAGES_AT_ONCE,
    }


def rendered_result(seen: Look, unread: Iterable[str] = (), *, ended: bool = False) -> Parsed:
    """Only a page seen whole proves that a code is not there. `ended`: every expected code was found, and no more looked for.

    `unread`: addresses of its pictures that could not be read before; the browser must have got them, because what
    loads them late may never have run.
    """
    if ended:
        return Parsed(outcome=Outcome.OK, reason="rendered_found")
    seen.unseen += [f"{url[:150]}（图片未读到）" for url in unread if url not in seen.settled]
    reason = "rendered_partly" if seen.unseen else "rendered"
    return Parsed(outcome=Outcome.OK, reason=reason, detail="；".join(seen.unseen[:3])[:300])


def checks(site: Site, url: str, seen: Look, round_id: str, at: datetime) -> Iterable[SiteProbe]:
    """The technical checks that ask what scripts wrote and how a phone shows it."""
    page = Page(url=url, body=seen.html.encode(), headers={"content-type": "text/html; charset=utf-8"})
    fetched = Fetched(
        site=site,
        at=at,
        page=page if seen.whole else None,
        unread="rendered_partly",
        rendered=True,
        phone_width=seen.phone_width,
    )
    return probes.run(fetched, round_id)


class Browser:
    """Looks at pages; its way out is a guarded proxy. One per spider."""

    def __init__(self, egress: Egress | None = None) -> None:
        self._egress = egress or Egress()
        self._turn = asyncio.Lock()

    async def start(self) -> Self:
        await self._egress.start()
        return self

    def close(self) -> None:
        self._egress.close()

    def meta(self, state: dict[str, Any]) -> dict[str, Any]:
        """Request meta for scrapy-playwright; `state` will hold the page."""

        async def opened(page: Tab, _request: Request) -> None:
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
        return await look(page, watch, enough, turn=self._turn)

    async def leave(self, state: dict[str, Any]) -> None:
        """Close the page, if there is one: scrapy-playwright waits for it before it opens more."""
        page, _watch = state.pop("browser", (None, None))
        if page is not None:
            # Crashed, gone, or wedged by its page: not even closing may come back.
            with contextlib.suppress(Error, TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await page.close()

    async def keep(self, seen: Look, site_id: str) -> Kept:
        return await asyncio.to_thread(_keep, seen, site_id)

    def sightings(
        self, kept: Kept, links: Links, round_id: str, site_id: str, url: str, at: datetime
    ) -> list[QrSighting]:
        """One sighting for each payload, at its most prominent place, with its pictures as evidence."""
        return [
            QrSighting(
                round_id=round_id,
                site_id=site_id,
                page_url=url,
                image_url=url,
                image_sha256=digest,
                at=at,
                place="rendered",
                box=spot.box,
                extra={"prominence": spot.facts.document(), "picture": kept.picture, "crop": name},
                **facts(links, spot.payload),
            )
            for spot, name, digest in kept.codes
        ]


@dataclass(frozen=True, slots=True)
class Kept:
    """Files in the data directory that show what was seen: the page with the boxes drawn, and each code with its hash."""

    picture: str | None = None
    codes: tuple[tuple[Spot, str, str], ...] = ()


def _keep(seen: Look, site_id: str) -> Kept:
    """Written once per change of the codes."""
    if seen.shot is None:
        return Kept()
    spots = [spot for payload in sorted(seen.payloads) if (spot := best(seen.spots, payload))]
    files = EvidenceStore(data_dir())
    name = f"{PICTURES}/{change_name(site_id, ((spot.payload, spot.box) for spot in spots))}"
    whole = f"{name}.webp"
    if files.picture(whole) is None and (page := seen.drawn(lambda _spot: OTHER)):
        files.keep_picture(whole, webp(page))
    codes = []
    for number, spot in enumerate(spots, start=1):
        crop = f"{name}-{number}.webp"
        body = files.picture(crop)
        if body is None:
            body = webp(spot.seen.picture)
            files.keep_picture(crop, body)
        codes.append((spot, crop, hashlib.sha256(body).hexdigest()))
    return Kept(whole, tuple(codes))
