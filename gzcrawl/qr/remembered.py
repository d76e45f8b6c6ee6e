"""What earlier rounds learned of pictures and links. No I/O: the spider loads it and stores what is new."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from gzcrawl.items import QrLink, QrPicture
from gzcrawl.qr.decode import decode
from gzcrawl.qr.payload import Meaning, classify

FRESH = timedelta(days=7)
"""A link's end is taken from memory for so long; a link that was not there is asked again in every round."""

TWICE = timedelta(hours=20)
"""A link is dead when it was not there at two looks so far apart: once may be a wall's answer or a bad moment."""


class Pictures:
    """Pictures that were decoded, by the hash of their bytes."""

    def __init__(self, known: Mapping[str, QrPicture]) -> None:
        self._known = dict(known)

    async def read(self, data: bytes, at: datetime) -> QrPicture:
        """The codes of the picture, decoded if it is new. `ImageError` when it cannot be looked at."""
        digest = hashlib.sha256(data).hexdigest()
        if digest not in self._known:
            found = await asyncio.to_thread(decode, data)
            codes = [{"payload": code.payload, "box": list(code.box)} for code in found]
            self._known[digest] = QrPicture(sha256=digest, codes=codes, at=at)
        self._known[digest].at = at
        return self._known[digest]


class Links:
    """Links of codes, and where they lead."""

    def __init__(self, known: Mapping[str, QrLink]) -> None:
        self._by_url = dict(known)

    def wanted(self, payload: str, at: datetime) -> bool:
        """Whether the link says nothing by itself and what is known of it is not fresh."""
        if classify(payload) not in (Meaning.SHORT_LINK, Meaning.WEB_LINK):
            return False
        known = self._by_url.get(payload)
        return known is None or known.dead_since is not None or at - known.at >= FRESH

    def learn(self, payload: str, leads_to: str, at: datetime, *, dead: bool, said: str = "") -> QrLink:
        before = self._by_url.get(payload)
        since = (before.dead_since if before and before.dead_since else at) if dead else None
        self._by_url[payload] = QrLink(url=payload, leads_to=leads_to, at=at, dead_since=since, said=said)
        return self._by_url[payload]

    def end(self, payload: str) -> str | None:
        """Where the link leads, if it is known and not dead."""
        known = self._by_url.get(payload)
        return known.leads_to if known and known.dead_since is None else None

    def dead_since(self, url: str) -> datetime | None:
        """Since when it has not been there, if that was seen twice."""
        known = self._by_url.get(url)
        twice = known and known.dead_since and known.at - known.dead_since >= TWICE
        return known.dead_since if known and twice else None

    def suspect(self, url: str) -> bool:
        """Whether it was not there when it was looked at last."""
        known = self._by_url.get(url)
        return known is not None and known.dead_since is not None

    def looked_at(self, url: str) -> datetime | None:
        known = self._by_url.get(url)
        return known.at if known else None

    def meaning(self, payload: str) -> Meaning:
        if self.dead_since(payload):
            return Meaning.EXPIRED if self._by_url[payload].said else Meaning.DEAD
        return classify(self.end(payload) or payload)


def facts(links: Links, payload: str) -> dict[str, Any]:
    """What a sighting records of its payload."""
    end = links.end(payload)
    return {"payload": payload, "meaning": str(links.meaning(payload)), "leads_to": end if end != payload else None}
