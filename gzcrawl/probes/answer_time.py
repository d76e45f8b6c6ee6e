"""How long the home page took to answer. How long is too long is the profile's affair (国办发〔2017〕47号: 3 s)."""

from __future__ import annotations

from gzcrawl.probes.fetched import Fetched, Result, error, ok

CHECK = "answer_time"


def probe(fetched: Fetched) -> Result:
    if fetched.seconds is None:
        return error("unread", fetched.unread)
    return ok(seconds=round(fetched.seconds, 1))
