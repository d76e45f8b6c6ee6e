"""Technical checks of a website: one question, one module, each a pure function over what was fetched once.

`failed` is said only of what was seen; what this machine, a proxy or the site's manners hide is `not_tested`, and what
went wrong on the way is `error`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from gzcrawl.items import SiteProbe
from gzcrawl.probes import (
    answer_time,
    certificate,
    hsts,
    html5,
    https,
    https_redirect,
    ipv6,
    marks,
    phone_width,
    viewport,
)
from gzcrawl.probes.fetched import Fetched, Result

Check = Callable[[Fetched], Result]

AS_SENT: Mapping[str, Check] = {
    certificate.CHECK: certificate.probe,
    https.CHECK: https.probe,
    https_redirect.CHECK: https_redirect.probe,
    hsts.CHECK: hsts.probe,
    ipv6.CHECK: ipv6.probe,
    answer_time.CHECK: answer_time.probe,
    html5.CHECK: html5.probe,
    viewport.CHECK: viewport.probe,
    "site_code": marks.site_code,
    "icp": marks.icp,
    "police": marks.police,
}
RENDERED: Mapping[str, Check] = {
    viewport.CHECK: viewport.probe,
    phone_width.CHECK: phone_width.probe,
    "site_code": marks.site_code,
    "icp": marks.icp,
    "police": marks.police,
}
"""What a browser settles. Recorded as "rendered.CHECK": the page as sent has its own say."""


def run(fetched: Fetched, round_id: str) -> Iterator[SiteProbe]:
    """What every check says of one look."""
    prefix, checks = ("rendered.", RENDERED) if fetched.rendered else ("", AS_SENT)
    for name, check in checks.items():
        result = check(fetched)
        yield SiteProbe(
            round_id=round_id,
            site_id=fetched.site.id,
            check=prefix + name,
            at=fetched.at,
            status=result.status,
            reason=result.reason,
            detail=result.detail,
            facts=dict(result.facts),
        )
