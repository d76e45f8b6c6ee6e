"""The rows of `reposts` as charts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from pymongo.database import Database

from gzcrawl.registry import Registry
from gzcrawl.store import read
from gzcrawl.store import reposts as store
from scheduler.calendar import Calendar
from scheduler.notify.language import ZH, Language
from scheduler.notify.pictures import Picture
from scheduler.notify.statuses import STATUSES

Db = Database[dict[str, Any]]


def heat_map(
    db: Db,
    registry: Registry,
    since: datetime,
    covers: Callable[[str], bool] = lambda _department: True,
    say: Language = ZH,
) -> Picture | None:
    """Departments x announcements published since then; None when there are none. `covers`: which departments are shown."""
    from scheduler.notify import charts

    items = [a for a in reversed(read.announcements(db, since)) if a.published_at]
    cells: dict[str, dict[str, dict[str, Any]]] = {}
    for row in store.rows(db, [item.id for item in items]):
        if covers(row["department"]):
            by_announcement = cells.setdefault(row["department"], {})
            before = by_announcement.get(row["announcement_id"])
            by_announcement[row["announcement_id"]] = _worse(before, row)
    judged = {id for of_it in cells.values() for id in of_it}
    items = [item for item in items if item.id in judged]
    names = registry.department_names
    rows = [
        charts.Row(names.get(department, department), tuple(_cell(of_it.get(item.id)) for item in items))
        for department, of_it in sorted(cells.items())
    ]
    return charts.heat_map([item.title for item in items], rows, say) if items else None


def spread_curve(db: Db, announcement_id: str, calendar: Calendar) -> Picture | None:
    """One announcement over working time; None when nothing is recorded of it."""
    from scheduler.notify import charts

    rows = [row for row in store.rows(db, [announcement_id]) if row["status"] != "exempt"]
    item = store.announcement(db, announcement_id)
    if not rows or item is None or item.published_at is None:
        return None
    due = rows[0]["due"]
    return charts.spread_curve(
        charts.Spread(
            title=item.title,
            lags=tuple(
                r["lag_hours"]
                for r in rows
                if r["lag_hours"] is not None and r["status"] in ("in_time", "late", "deleted")
            ),
            obliged=len(rows),
            due=calendar.working_time(item.published_at, due).total_seconds() / 3600 if due else None,
        )
    )


def _worse(before: dict[str, Any] | None, row: dict[str, Any]) -> dict[str, Any]:
    """Where each platform is judged by itself, the worse one stands for the department."""
    order = list(STATUSES)
    return row if before is None or order.index(row["status"]) < order.index(before["status"]) else before


def _cell(row: dict[str, Any] | None) -> Any:
    from scheduler.notify import charts

    return charts.Cell(row["status"], row["lag_hours"]) if row else None
