"""Whether the home page is HTML5. No standard defines a pass; the doctype, in any case and spacing, is what is asked.

Parse errors and obsolete elements are not judged: raw `&` in addresses is an "error" to some parsers and fine to others.
"""

from __future__ import annotations

import re

from gzcrawl.probes.fetched import Fetched, Result, failed, not_tested, ok
from gzcrawl.sources.encoding import decode

CHECK = "html5"
_BEFORE = re.compile(r"(?:\ufeff|\s|<!--.*?-->|<\?xml[^>]*>)*", re.S)
_DOCTYPE = re.compile(r"<!doctype\s+html\b([^>]*)>", re.I)
_LEGACY = re.compile(r"""\s*(?:system\s+["']about:legacy-compat["'])?\s*""", re.I)
HEAD = 64 * 1024
"""Characters among which the doctype must stand; more than that is no comment before it."""


def probe(fetched: Fetched) -> Result:
    if fetched.page is None:
        return not_tested("unread", fetched.unread)
    text = decode(fetched.page)[:HEAD]
    before = _BEFORE.match(text)
    found = _DOCTYPE.match(text, before.end() if before else 0)
    if found is None:
        return failed("no_doctype")
    return ok() if _LEGACY.fullmatch(found[1]) else failed("old_doctype", doctype=" ".join(found[0].split())[:60])
