"""Whether the home page can be had over HTTPS. What its certificate is worth is another question."""

from __future__ import annotations

from gzcrawl.probes.fetched import Answer, Fetched, Missed, Result, Why, error, failed, ok, unanswered

CHECK = "https"


def probe(fetched: Fetched) -> Result:
    if isinstance(fetched.tls, Missed):
        # Only beside an answer over HTTP: else the site, or our own line, is down.
        nobody = fetched.tls.why in (Why.REFUSED, Why.PLAIN)
        return failed("no_https") if nobody and answered(fetched.http) else unanswered(fetched.tls)
    last = fetched.https[-1] if fetched.https else None
    if last is None or isinstance(last, Missed):
        return unanswered(last)
    if last.status >= 300:
        return error("status", f"HTTP {last.status}")
    return ok() if last.url.startswith("https:") else failed("downgraded", url=last.url)


def answered(hops: tuple[Answer | Missed, ...]) -> bool:
    """Whether the site itself said something that is no refusal."""
    return bool(hops) and isinstance(hops[0], Answer) and hops[0].status < 400
