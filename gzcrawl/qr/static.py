"""From a fetched picture to what is recorded of it."""

from __future__ import annotations

import hashlib
from datetime import datetime

from gzcrawl.items import QrSighting
from gzcrawl.qr.candidates import Candidate
from gzcrawl.qr.decode import decode
from gzcrawl.qr.payload import classify


def sightings(
    image: Candidate, data: bytes, *, round_id: str, site_id: str, page_url: str, at: datetime
) -> list[QrSighting]:
    """One sighting for each code in the picture. `ImageError` when it cannot be looked at."""
    digest = hashlib.sha256(data).hexdigest()
    return [
        QrSighting(
            round_id=round_id,
            site_id=site_id,
            page_url=page_url,
            image_url=image.url or f"data:{digest[:16]}",
            image_sha256=digest,
            at=at,
            payload=code.payload,
            meaning=str(classify(code.payload)),
            context=image.context,
            place=image.place,
            box=code.box,
        )
        for code in decode(data)
    ]
