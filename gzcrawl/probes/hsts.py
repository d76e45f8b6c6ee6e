"""Strict-Transport-Security on the answer over HTTPS (RFC 6797)."""

from __future__ import annotations

import re

from gzcrawl.probes.fetched import Fetched, Missed, Result, error, failed, ok, unanswered

CHECK = "hsts"
_MAX_AGE = re.compile(r"""(?:^|;)\s*max-age\s*=\s*"?(\d{1,18})""", re.I)


def probe(fetched: Fetched) -> Result:
    if isinstance(fetched.tls, Missed):
        return unanswered(fetched.tls)
    first = fetched.https[0] if fetched.https else None
    if first is None or isinstance(first, Missed):
        return unanswered(first)
    if first.status >= 400:  # of a firewall, say, that stands before the site
        return error("status", f"HTTP {first.status}")
    found = _MAX_AGE.search(first.headers.get("strict-transport-security", ""))
    seconds = int(found[1]) if found else 0
    return ok(seconds=seconds) if seconds else failed("no_hsts")
