"""Where a link leads: over a few redirects, until there is an answer or an address that says enough by itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urljoin

from gzcrawl.qr.payload import Meaning, classify, unwrapped
from gzcrawl.sources import Page

HOPS = 5

GONE = (404, 410)
"""Of all refusals these alone say that a page is not there."""


async def end_of(url: str, fetch: Callable[[str], Awaitable[Page | None]]) -> tuple[str, int | None]:
    """(where the link ends, the last status). `fetch` follows no redirects; None: there was no answer."""
    status = None
    for _hop in range(HOPS):
        page = await fetch(url)
        status = page.status if page else None
        location = page.headers.get("location") if page else None
        if page is None or not location or not 300 <= page.status < 400:
            break
        url = unwrapped(urljoin(page.url, location))
        if classify(url) not in (Meaning.SHORT_LINK, Meaning.WEB_LINK):
            break
    return url, status
