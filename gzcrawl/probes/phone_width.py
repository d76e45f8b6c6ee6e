"""Whether the home page fits a phone's window, as a browser laid it out there, without scrolling sideways."""

from __future__ import annotations

from gzcrawl.probes.fetched import Fetched, Result, failed, not_tested, ok
from gzcrawl.probes.viewport import has_phone_version
from gzcrawl.sources.govsite.document import Document

CHECK = "phone_width"
PHONE = 390
SLACK = 10
"""CSS pixels that nobody notices."""


def probe(fetched: Fetched) -> Result:
    if fetched.page is None or fetched.phone_width is None:
        return not_tested("unread", fetched.unread)
    if fetched.phone_width <= PHONE + SLACK:
        return ok(width=fetched.phone_width)
    if has_phone_version(Document.of(fetched.page)):
        return not_tested("phone_version")
    return failed("too_wide", width=fetched.phone_width, window=PHONE)
