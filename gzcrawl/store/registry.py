"""The registry in MongoDB: saved whole in one transaction, loaded whole, as it is or as it was at a past instant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database

from gzcrawl import clock
from gzcrawl.items import Platform
from gzcrawl.registry import Account, Department, Registry, Site, State, Watch
from gzcrawl.registry.fields import SHEETS
from gzcrawl.store import evaluations, names
from gzcrawl.store.bulk import put

Db = Database[dict[str, Any]]

COLLECTIONS = {"departments": names.DEPARTMENTS, "accounts": names.ACCOUNTS, "sites": names.SITES}
DAYS = (
    "opened_on", "filed_on", "changed_on", "change_filed_on", "closed_on", "paused_from", "paused_until",
    "passwords_on", "roster_on", "plan_on", "training_on",
)  # fmt: skip


def save_registry(db: Db, registry: Registry) -> dict[str, int]:
    """Make the stored registry equal to this one, all or nothing. Counts of added, changed and removed records."""
    with db.client.start_session() as session:
        return session.with_transaction(lambda s: _save(db, registry, s))


def _save(db: Db, registry: Registry, session: ClientSession) -> dict[str, int]:
    counts = {"added": 0, "changed": 0, "removed": 0}
    at = clock.now()
    at_once = {state["_id"] for state in db[names.REGISTRY_HISTORY].find({"at": at}, ["_id"], session=session)}
    for sheet in SHEETS:
        collection = db[COLLECTIONS[sheet.key]]
        before = {document["_id"]: document for document in collection.find(session=session)}
        after = {record.id: _document(record) for record in getattr(registry, sheet.key)}
        added = {id: document for id, document in after.items() if id not in before}
        changed = {id: document for id, document in after.items() if before.get(id, document) != document}
        removed = sorted(before.keys() - after.keys())
        if added or changed or removed:
            put(collection, added, changed, removed, session)
            states = [_state(sheet.key, id, after.get(id), at) for id in (*added, *changed, *removed)]
            fresh = {state["_id"]: state for state in states}
            again = {id: fresh.pop(id) for id in at_once & fresh.keys()}
            put(db[names.REGISTRY_HISTORY], fresh, again, session=session)
        counts["added"] += len(added)
        counts["changed"] += len(changed)
        counts["removed"] += len(removed)
    if any(counts.values()):
        evaluations.mark(db, [evaluations.EVERYTHING], session)  # rules see the whole registry
    return counts


def load_registry(db: Db, at: datetime | None = None) -> Registry:
    """The stored registry, in the order of ids; with `at`, as it was then (empty before the first import)."""
    found = {
        key: tuple(map(_record, db[name].find().sort("_id", 1) if at is None else _as_of(db, key, at)))
        for key, name in COLLECTIONS.items()
    }
    return Registry(**found)  # type: ignore[arg-type]


def history(db: Db) -> list[dict[str, Any]]:
    """Every change of the registry, newest first: `at`, and how many records were `set` and `removed`."""
    removed = {"$cond": [{"$eq": ["$document", None]}, 1, 0]}
    pipeline: list[dict[str, Any]] = [
        {"$group": {"_id": "$at", "set": {"$sum": {"$subtract": [1, removed]}}, "removed": {"$sum": removed}}},
        {"$sort": {"_id": -1}},
    ]
    return [{"at": row["_id"], **row} for row in db[names.REGISTRY_HISTORY].aggregate(pipeline)]


def _state(kind: str, id: str, document: dict[str, Any] | None, at: datetime) -> dict[str, Any]:
    """From `at` on the record was so; None: it was not there."""
    key = f"{kind}|{id}|{at:%Y%m%dT%H%M%S%f}"
    return {"_id": key, "kind": kind, "record": id, "at": at, "document": document}


def _as_of(db: Db, kind: str, at: datetime) -> Iterator[dict[str, Any]]:
    pipeline: list[dict[str, Any]] = [
        {"$match": {"kind": kind, "at": {"$lte": at}}},
        {"$sort": {"record": 1, "at": -1}},
        {"$group": {"_id": "$record", "document": {"$first": "$document"}}},
        {"$match": {"document": {"$ne": None}}},
        {"$sort": {"_id": 1}},
    ]
    for row in db[names.REGISTRY_HISTORY].aggregate(pipeline):
        yield row["document"]


def _document(record: Department | Account | Site) -> dict[str, Any]:
    document: dict[str, Any] = {name: getattr(record, name) for name in record.__dataclass_fields__}
    document["_id"] = document.pop("id")
    if isinstance(record, Account):
        document["watch"] = {n: _plain(getattr(record.watch, n)) for n in Watch.__dataclass_fields__}
    return {name: _plain(value) for name, value in document.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)  # BSON has no calendar day
    return str(value) if isinstance(value, State | Platform) else value


def _record(document: dict[str, Any]) -> Department | Account | Site:
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in document.items()
    }
    values["id"] = values.pop("_id")
    values["state"] = State(values["state"])
    for name in DAYS:
        if values.get(name):
            values[name] = values[name].date()
    if "platform" in values:
        watch: dict[str, Any] = {
            name: tuple(v) if isinstance(v, list) else v for name, v in values.pop("watch").items()
        }
        return Account(**{**values, "platform": Platform(values["platform"]), "watch": Watch(**watch)})
    return Site(**values) if "home" in values else Department(**values)
