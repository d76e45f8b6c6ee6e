"""What a person decides about alerts: acknowledge, waive, silence. Each is a record in the audit trail."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession

from gzcrawl.store import alerts as store
from gzcrawl.store.alerts import Db
from scheduler.alerts.apply import entry
from scheduler.alerts.documents import alert_document, alert_from
from scheduler.alerts.life import Alert, Change, acknowledge, waive
from scheduler.alerts.mute import Silence, silence_document, silence_from


class NoSuchAlert(LookupError):
    """There is no active alert of that id."""


class NoSuchSilence(LookupError):
    """There is no silence of that id that has not ended."""


def acknowledge_alert(db: Db, id: str, *, by: str, note: str, now: datetime) -> Alert:
    return _move(db, id, lambda alert: acknowledge(alert, now, by, note), Change.ACKNOWLEDGED, by, now)


def waive_alert(db: Db, id: str, *, by: str, reason: str, until: datetime | None, now: datetime) -> Alert:
    return _move(db, id, lambda alert: waive(alert, now, by, reason, until), Change.WAIVED, by, now)


def add_silence(db: Db, silence: Silence, now: datetime) -> Silence:
    """Store it under an id of its own; which alerts it covers is settled by the next `refresh_mutes`."""
    seed = f"{now.isoformat()}|{silence}"
    made = replace(silence, id=hashlib.sha256(seed.encode()).hexdigest()[:8])

    def work(session: ClientSession) -> Silence:
        store.save_silence(db, silence_document(made), session)
        store.record(db, [_silence_entry("silence_added", made, made.by, now)], session)
        return made

    return store.transaction(db, work)


def end_silence(db: Db, id: str, *, by: str, now: datetime) -> Silence:
    def work(session: ClientSession) -> Silence:
        found = next((s for s in map(silence_from, store.silences(db, session)) if s.id == id), None)
        if found is None or found.ends_at <= now:
            raise NoSuchSilence(id)
        ended = replace(found, ends_at=now)
        store.save_silence(db, silence_document(ended), session)
        store.record(db, [_silence_entry("silence_ended", ended, by, now)], session)
        return ended

    return store.transaction(db, work)


def _silence_entry(change: str, silence: Silence, by: str, now: datetime) -> dict[str, Any]:
    return {
        "_id": f"{change}|{silence.id}|{now.isoformat()}",
        "change": change,
        "silence_id": silence.id,
        "department": silence.department,
        "rule": silence.rule,
        "starts_at": silence.starts_at,
        "ends_at": silence.ends_at,
        "reason": silence.reason,
        "by": by,
        "at": now,
    }


def _move(db: Db, id: str, move: Callable[[Alert], Alert], change: Change, by: str, now: datetime) -> Alert:
    def work(session: ClientSession) -> Alert:
        found = store.alerts_by_id(db, [id], session).get(id)
        if found is None or found["state"] == "resolved":
            raise NoSuchAlert(id)
        after = move(alert_from(found))
        store.save_alerts(db, [alert_document(after)], session)
        moment = now.strftime("%Y%m%dT%H%M%S%f")
        store.record(db, [entry(f"by-{moment}", after, change, now, by=by, note=after.note)], session)
        return after

    return store.transaction(db, work)
