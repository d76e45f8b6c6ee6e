"""Whether the site is there over IPv6: AAAA records, and an answer from one of them. Records alone are no support."""

from __future__ import annotations

from gzcrawl.probes.address import host_of, is_address
from gzcrawl.probes.fetched import Answer, Fetched, Missed, Result, Why, error, failed, not_tested, ok, unanswered

CHECK = "ipv6"


def probe(fetched: Fetched) -> Result:
    six = fetched.six
    if fetched.proxied:
        return not_tested("proxy")
    if not six.here or is_address(host_of(fetched.site)):
        return not_tested("no_ipv6_here" if not six.here else "no_name")
    if six.addresses is None:
        return error("dns")
    if not six.addresses:
        return failed("no_aaaa")
    if isinstance(six.answer, Answer):
        fine = six.answer.status < 500
        return ok(address=six.addresses[0]) if fine else error("status", f"HTTP {six.answer.status}")
    return _silent(six.answer, six.addresses[0], proven=six.proven)


def _silent(missed: Missed | None, address: str, *, proven: bool) -> Result:
    """A refusal comes from there; silence may be our own line's, unless that was seen to work."""
    theirs = missed is not None and (
        missed.why is Why.REFUSED or (proven and missed.why in (Why.TIMEOUT, Why.NO_ROUTE, Why.CLOSED, Why.TLS))
    )
    return failed("no_answer", address=address) if theirs else unanswered(missed)
