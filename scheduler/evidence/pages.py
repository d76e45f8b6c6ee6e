"""How pages of evidence are written: escaped, times in Beijing to the second."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from gzcrawl.items import SHANGHAI


def page(template: str, context: dict[str, Any], shown: Callable[[str], str], **filters: Callable[..., str]) -> str:
    """`shown` is what becomes of others' texts before they are escaped."""
    environment = Environment(
        loader=PackageLoader("scheduler.evidence"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"when": _when, "shown": shown, **filters}
    return environment.get_template(template).render(context)


def _when(at: datetime | None) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}" if at else ""
