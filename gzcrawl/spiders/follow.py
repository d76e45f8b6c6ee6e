"""Where a link leads: over a few redirects, until there is an answer or an address that says enough by itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urljoin

from gzcrawl.items import Post, QrLink
from gzcrawl.qr.payload import Meaning, classify, unwrapped
from gzcrawl.qr.remembered import Links
from gzcrawl.sources import Page

HOPS = 5
MAX_LINKS = 10
"""Short links of one answer's posts followed at once."""
RECENT = timedelta(days=31)

GONE = (404, 410)
"""Of all refusals these alone say that a page is not there."""


class End(NamedTuple):
    """Where a link leads. `status` is None when nobody answered there; `answer` is the last there was on the way."""

    url: str
    status: int | None
    answer: Page | None


async def end_of(url: str, fetch: Callable[[str], Awaitable[Page | None]]) -> End:
    """`fetch` follows no redirects; None: there was no answer."""
    status, answer = None, None
    for _hop in range(HOPS):
        page = await fetch(url)
        status, answer = page.status if page else None, page or answer
        location = page.headers.get("location") if page else None
        if page is None or not location or not 300 <= page.status < 400:
            break
        url = unwrapped(urljoin(page.url, location))
        if classify(url) not in (Meaning.SHORT_LINK, Meaning.WEB_LINK):
            break
    return End(url, status, answer)


async def resolve(
    posts: Iterable[Post], links: Links, now: datetime, fetch: Callable[[str], Awaitable[Page | None]]
) -> list[QrLink]:
    """Add to recent posts that have nothing but short links where those lead; what was learned. What did not answer says nothing."""
    learned: list[QrLink] = []
    for post in posts:
        old = post.published_at is not None and post.published_at < now - RECENT
        if old or not all(classify(link) is Meaning.SHORT_LINK for link in post.links):
            continue
        for link in post.links:
            if links.wanted(link, now) and len(learned) < MAX_LINKS:
                end = await end_of(link, fetch)
                if end.status is not None and end.status < 400:
                    learned.append(links.learn(link, end.url, now, dead=False))
        ends = {links.end(link) or link for link in post.links} - {*post.links}
        post.links = [*sorted(ends), *post.links]
    return learned
