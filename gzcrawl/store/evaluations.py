"""What must be judged again: what was marked since the last evaluation, and what time alone changes.

Whoever stores something that rules look at marks what it is about. An evaluation reads the marks first and takes away only
those that were not made again meanwhile: whatever is killed, and in whatever order clocks run, nothing stays unjudged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pymongo import DeleteOne, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

from gzcrawl.store import names
from gzcrawl.store.bulk import Written, put

Db = Database[dict[str, Any]]

EVERYTHING = "*"
"""Marks the whole city: a change of the registry, an announcement."""


def marking(ids: Iterable[str | None]) -> list[UpdateOne]:
    """The writes that mark departments, accounts or sites, for whoever writes more at once."""
    return [UpdateOne({"_id": id}, {"$inc": {"marks": 1}}, upsert=True) for id in sorted({id for id in ids if id})]


def mark(db: Db, ids: Iterable[str | None], session: ClientSession | None = None) -> None:
    if writes := marking(ids):
        db[names.STALE].bulk_write(writes, ordered=False, session=session)


def marked(db: Db) -> dict[str, int]:
    """Id -> how often it was marked."""
    return {document["_id"]: document["marks"] for document in db[names.STALE].find()}


def unmark(db: Db, marks: Mapping[str, int]) -> None:
    """Take away the marks of an evaluation that is done; what was marked again since it read them stays."""
    writes = [DeleteOne({"_id": id, "marks": count}) for id, count in marks.items()]
    if writes:
        db[names.STALE].bulk_write(writes, ordered=False)


@dataclass(frozen=True, slots=True)
class Known:
    """What the last evaluation of a department came to: a number for each finding that changes with it."""

    findings: Mapping[str, int] = field(default_factory=dict)
    recheck_at: datetime | None = None


def known(db: Db, departments: Sequence[str]) -> dict[str, Known]:
    """By department; those never evaluated are left out."""
    found = db[names.EVALUATIONS].find({"_id": {"$in": list(departments)}})
    return {d["_id"]: Known(dict(d["findings"]), d.get("recheck_at")) for d in found}


def remember(db: Db, evaluated: Mapping[str, Known], before: Collection[str]) -> None:
    """`before`: the departments that were evaluated before."""
    fresh: dict[str, Written] = {}
    changed: dict[str, Written] = {}
    for department, told in evaluated.items():
        findings = [list(pair) for pair in told.findings.items()]
        document = {"_id": department, "findings": findings, "recheck_at": told.recheck_at}
        (changed if department in before else fresh)[department] = document
    put(db[names.EVALUATIONS], fresh, changed)


def departments(db: Db) -> set[str]:
    """All that were ever evaluated."""
    return {d["_id"] for d in db[names.EVALUATIONS].find({"_id": {"$ne": EVERYTHING}}, ["_id"])}


def forget(db: Db, departments: Iterable[str]) -> None:
    db[names.EVALUATIONS].delete_many({"_id": {"$in": list(departments)}})


def due(db: Db, now: datetime) -> set[str]:
    """The departments of which time alone may have changed what is said."""
    return {d["_id"] for d in db[names.EVALUATIONS].find({"recheck_at": {"$lte": now}}, ["_id"])}


def last(db: Db) -> tuple[str, datetime] | None:
    """(by what the last finished evaluation judged, when); None: there was none."""
    found = db[names.EVALUATIONS].find_one({"_id": EVERYTHING})
    return (found["basis"], found["at"]) if found else None


def finish(db: Db, basis: str, at: datetime) -> None:
    document = {"findings": [], "basis": basis, "at": at}
    db[names.EVALUATIONS].replace_one({"_id": EVERYTHING}, document, upsert=True)
