"""From a picture that was looked at to what is recorded of it."""

from __future__ import annotations

from datetime import datetime

from gzcrawl.items import QrPicture, QrSighting
from gzcrawl.qr.candidates import Candidate
from gzcrawl.qr.remembered import Links, facts


def sightings(
    image: Candidate,
    picture: QrPicture,
    links: Links,
    *,
    round_id: str,
    site_id: str,
    page_url: str,
    page: str,
    at: datetime,
) -> list[QrSighting]:
    """One sighting for each code in the picture; `page`: words of the link that leads to that page, empty for the home page."""
    return [
        QrSighting(
            round_id=round_id,
            site_id=site_id,
            page_url=page_url,
            image_url=image.url or f"data:{picture.sha256[:16]}",
            image_sha256=picture.sha256,
            at=at,
            context=image.context,
            place=image.place,
            box=tuple(code["box"]),
            page=page,
            **facts(links, code["payload"]),
        )
        for code in picture.codes
    ]
