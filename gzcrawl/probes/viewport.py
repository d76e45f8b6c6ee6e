"""Whether the home page is made for a phone's window: the viewport meta, in any order, case and spacing."""

from __future__ import annotations

import re

from gzcrawl.probes.fetched import Fetched, Result, failed, not_tested, ok
from gzcrawl.sources.govsite.document import Document

CHECK = "viewport"
_PARTS = re.compile(r"([\w-]+)\s*=\s*([^\s,;=]+)")
_MOBILE = re.compile(r"userAgent|mobile-agent|applicable-device|uaredirect|only screen and \(max-width", re.I)


def probe(fetched: Fetched) -> Result:
    if fetched.page is None:
        return not_tested("unread", fetched.unread)
    doc = Document.of(fetched.page)
    told = doc.meta("viewport")
    parts = {name.lower(): value.lower() for name, value in _PARTS.findall(told)}
    if parts.get("width") == "device-width" or (parts.get("initial-scale") and "width" not in parts):
        return ok()
    if has_phone_version(doc):
        return not_tested("phone_version")
    if not fetched.rendered and doc.root.xpath("//script"):
        return not_tested("script_may_write")
    return failed("fixed_viewport", viewport=told[:80]) if told else failed("no_viewport")


def has_phone_version(doc: Document) -> bool:
    """Phones may be led to a version of their own, which we have not seen."""
    return bool(_MOBILE.search(doc.text))
