"""What the footer must carry (国办发〔2017〕47号): 网站标识码, ICP备案号, 公安备案号.

Footers are often written by scripts, so only a page without them, or one that a browser has shown, proves an absence.
"""

from __future__ import annotations

from typing import Any

from gzcrawl.probes.fetched import Fetched, Result, failed, not_tested, ok
from gzcrawl.sources.govsite import parse_home
from gzcrawl.sources.govsite.document import Document


def site_code(fetched: Fetched) -> Result:
    """Present, and the one the registry knows."""
    registered, page = (fetched.site.site_id_code or "").lower(), fetched.page
    if page is not None and registered and registered in Document.of(page).text.lower():
        return ok(code=registered)
    found = _marks(fetched).get("site_code")
    if found and registered:
        return failed("other_code", code=found, registered=registered)
    return ok(code=found) if found else _absent(fetched, "no_site_code")


def icp(fetched: Fetched) -> Result:
    found = _marks(fetched).get("icp")
    return ok(number=found) if found else _absent(fetched, "no_icp")


def police(fetched: Fetched) -> Result:
    found = _marks(fetched).get("police_record")
    return ok(number=found) if found else _absent(fetched, "no_police")


def _marks(fetched: Fetched) -> dict[str, Any]:
    profiles = parse_home(fetched.page, fetched.at).profiles if fetched.page else []
    return profiles[0].extra if profiles else {}


def _absent(fetched: Fetched, reason: str) -> Result:
    if fetched.page is None:
        return not_tested("unread", fetched.unread)
    written = not fetched.rendered and Document.of(fetched.page).root.xpath("//script | //iframe")
    return not_tested("script_may_write") if written else failed(reason)
