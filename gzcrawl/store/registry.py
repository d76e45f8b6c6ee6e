"""The registry in MongoDB: saved whole in one transaction, loaded whole."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from pymongo import DeleteOne, ReplaceOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

from gzcrawl.items import Platform
from gzcrawl.registry import Account, Department, Registry, Site, State, Watch
from gzcrawl.registry.fields import SHEETS
from gzcrawl.store import evaluations, names

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
    for sheet in SHEETS:
        collection = db[COLLECTIONS[sheet.key]]
        before = {document["_id"]: document for document in collection.find(session=session)}
        after = {record.id: _document(record) for record in getattr(registry, sheet.key)}
        changed = [id for id, document in after.items() if before.get(id) != document]
        removed = before.keys() - after.keys()
        writes: list[Any] = [ReplaceOne({"_id": id}, after[id], upsert=True) for id in changed]
        writes += [DeleteOne({"_id": id}) for id in sorted(removed)]
        if writes:
            collection.bulk_write(writes, ordered=False, session=session)
        counts["added"] += len(after.keys() - before.keys())
        counts["changed"] += len(set(changed) & before.keys())
        counts["removed"] += len(removed)
    if any(counts.values()):
        evaluations.mark(db, [evaluations.EVERYTHING], session)  # rules see the whole registry
    return counts


def load_registry(db: Db) -> Registry:
    """The stored registry, in the order of ids."""
    found = {key: tuple(map(_record, db[name].find().sort("_id", 1))) for key, name in COLLECTIONS.items()}
    return Registry(**found)  # type: ignore[arg-type]


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
