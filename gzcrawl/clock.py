"""The one clock. Everything else is given the time as an argument.

`GZCRAWL_NOW` (ISO 8601 with an offset) freezes it: the sandbox city lives at a fixed instant.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

ENV = "GZCRAWL_NOW"


class ClockError(ValueError):
    """`GZCRAWL_NOW` is set but is not an instant."""


def now() -> datetime:
    """The present instant, aware, in UTC, cut to milliseconds (what MongoDB keeps)."""
    frozen = os.environ.get(ENV)
    instant = parse_instant(frozen) if frozen else datetime.now(UTC)
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def parse_instant(text: str) -> datetime:
    """ISO 8601 with an offset -> aware UTC; `ClockError` when the offset is missing or the text is no time."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ClockError(f"{text!r} 不是有效的时间，应形如 2025-10-13T09:00:00+08:00") from None
    if instant.tzinfo is None:
        raise ClockError(f"{text!r} 没有时区，应形如 2025-10-13T09:00:00+08:00")
    return instant.astimezone(UTC)
