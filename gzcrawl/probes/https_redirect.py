"""Whether who asks over HTTP is led to HTTPS."""

from __future__ import annotations

from gzcrawl.probes.fetched import Fetched, Missed, Result, Why, error, failed, not_tested, ok, unanswered

CHECK = "https_redirect"

SHORT = 4096
"""Bytes; a page that only leads elsewhere by script is no longer."""


def probe(fetched: Fetched) -> Result:
    last = fetched.http[-1] if fetched.http else None
    if isinstance(last, Missed) and last.why is Why.REFUSED and len(fetched.http) == 1:
        return ok("http_closed")
    if last is None or isinstance(last, Missed):
        return unanswered(last)
    if last.url.startswith("https:"):
        return ok()
    if last.status >= 400:
        return error("status", f"HTTP {last.status}")
    if last.status >= 300:
        return error("redirect_loop")
    if len(last.body) < SHORT and b"location" in last.body:
        return not_tested("script_redirect")
    return failed("http_stays", url=last.url)
