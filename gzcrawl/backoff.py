"""Hosts that refuse us are left alone for a while, over restarts too."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from gzcrawl.items import Host, Outcome

PATIENCE = int(os.environ.get("GZCRAWL_PATIENCE", "3"))
"""So many refusals in a row, and the host is left alone."""
FIRST, LONGEST = timedelta(minutes=10), timedelta(hours=6)
"""For how long, doubled with each further refusal; a `Retry-After` is obeyed up to a day."""
LONGEST_ASKED = timedelta(days=1)

NO_SIGN = frozenset({"weibo_maybe_throttled", "weibo_login", "left_alone"})
"""Reasons of blocked polls that say nothing about the host: an empty list, an account shown to members only, our own restraint."""


class Backoff:
    """What is known of hosts that refused us. `known`: the states stored by earlier crawls."""

    def __init__(self, known: Iterable[Host] = ()) -> None:
        self._hosts = {host.name: host for host in known}

    def until(self, name: str, now: datetime) -> datetime | None:
        """When the host may be asked again, if not now."""
        host = self._hosts.get(name)
        return host.until if host and host.until and host.until > now else None

    def note(
        self, name: str, outcome: Outcome, reason: str, now: datetime, wait: timedelta | None = None
    ) -> Host | None:
        """Take in how a request to a host ended, and the wait it asked for; the host's new state where it changed."""
        before = self._hosts.get(name)
        if reason in NO_SIGN or not (outcome is Outcome.BLOCKED or outcome.observed or wait):
            return None
        if outcome.observed:
            if before is None or not before.refusals:
                return None
            state = replace(before, refusals=0, until=None, reason="")
        elif wait is None and self.until(name, now):
            return None  # it was on its way when the host was given up: no new refusal
        else:
            refusals = (before.refusals if before else 0) + 1
            if wait is None and refusals >= PATIENCE:
                wait = min(FIRST * 2 ** (refusals - PATIENCE), LONGEST)
            until = now + wait if wait else None
            state = Host(name=name, refusals=refusals, until=until, reason=reason, at=now)
        self._hosts[name] = state
        return state


def asked_wait(value: str | None, now: datetime) -> timedelta | None:
    """What a `Retry-After` header asks for (RFC 9110, 10.2.3: seconds or a date), at most LONGEST_ASKED."""
    value = (value or "").strip()
    if re.fullmatch(r"\d{1,9}", value):
        wait = timedelta(seconds=int(value))
    else:
        try:
            at = parsedate_to_datetime(value)
        except (TypeError, ValueError):
            return None
        wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return min(wait, LONGEST_ASKED) if wait > timedelta() else None
