"""Findings, alerts, their audit trail and the outbox, as documents. What they mean is the scheduler's business."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

from pymongo import ReplaceOne, ReturnDocument, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

from gzcrawl.store import names
from gzcrawl.store.bulk import Written, put
from gzcrawl.store.chain import GENESIS, link

Db = Database[dict[str, Any]]
Document = dict[str, Any]
T = TypeVar("T")


def transaction(db: Db, work: Callable[[ClientSession], T]) -> T:
    """All of `work`'s writes or none of them; retried when the server asks for it."""
    with db.client.start_session() as session:
        return session.with_transaction(work)


def alerts_by_id(db: Db, ids: Iterable[str], session: ClientSession | None = None) -> dict[str, Document]:
    return {a["_id"]: a for a in db[names.ALERTS].find({"_id": {"$in": list(ids)}}, session=session)}


def active_alerts(db: Db, session: ClientSession | None = None, without: Iterable[str] = ()) -> list[Document]:
    """Every alert that is not resolved, worst and oldest first. `without`: fields that are not read."""
    found = db[names.ALERTS].find({"state": {"$ne": "resolved"}}, dict.fromkeys(without, 0) or None, session=session)
    return list(found.sort([("severity", -1), ("opened_at", 1), ("_id", 1)]))


def find_alerts(db: Db, query: Mapping[str, Any]) -> list[Document]:
    return list(db[names.ALERTS].find(dict(query)).sort([("severity", -1), ("opened_at", 1)]))


def save_alerts(db: Db, alerts: Iterable[Document], session: ClientSession) -> None:
    writes = [ReplaceOne({"_id": alert["_id"]}, alert, upsert=True) for alert in alerts]
    if writes:
        db[names.ALERTS].bulk_write(writes, ordered=False, session=session)


def mute_alerts(db: Db, covers: Mapping[str, str | None], at: datetime, session: ClientSession) -> None:
    """Alert id -> what covers it from now on; None: nothing any more."""
    writes = [UpdateOne({"_id": id}, {"$set": {"muted": cover, "changed_at": at}}) for id, cover in covers.items()]
    if writes:
        db[names.ALERTS].bulk_write(writes, ordered=False, session=session)


def save_findings(db: Db, fresh: Mapping[str, Written], changed: Mapping[str, Written], gone: Iterable[str]) -> None:
    """Store what the rules say now, by `_id`."""
    put(db[names.FINDINGS], fresh, changed, gone)


def forget_findings(db: Db, departments: Iterable[str]) -> None:
    """Of departments that have left. It reads all findings: an index for this alone would cost every evaluation more."""
    db[names.FINDINGS].delete_many({"department": {"$in": list(departments)}})


def findings(db: Db, verdicts: Iterable[str]) -> Iterator[Document]:
    """What the rules say now with one of these verdicts."""
    return iter(db[names.FINDINGS].find({"verdict": {"$in": list(verdicts)}}).sort("_id", 1))


def finding_counts(db: Db) -> dict[tuple[str, str, str], int]:
    """(department, rule, verdict) -> findings."""
    by = {name: f"${name}" for name in ("department", "rule", "verdict")}
    rows = db[names.FINDINGS].aggregate([{"$group": {"_id": by, "count": {"$sum": 1}}}])
    return {(row["_id"]["department"], row["_id"]["rule"], row["_id"]["verdict"]): row["count"] for row in rows}


def record(db: Db, entries: Iterable[Document], session: ClientSession) -> list[Document]:
    """Append to the audit trail and its hash chain; an entry that is there already stays as it is. Those appended."""
    wanted = {entry["_id"]: entry for entry in entries}
    for found in db[names.AUDIT].find({"_id": {"$in": list(wanted)}}, ["_id"], session=session):
        del wanted[found["_id"]]
    if not wanted:
        return []
    # Two writers at once conflict on the head, and the server makes one of them try again.
    head = db[names.CHAINS].find_one({"_id": names.AUDIT}, session=session) or {"seq": 0, "hash": GENESIS}
    linked: list[Document] = []
    for entry in wanted.values():
        head = link(entry, head["seq"] + 1, head["hash"])
        linked.append(head)
    db[names.AUDIT].insert_many(linked, session=session)
    chain = {"_id": names.AUDIT, "seq": head["seq"], "hash": head["hash"]}
    db[names.CHAINS].replace_one({"_id": names.AUDIT}, chain, upsert=True, session=session)
    return linked


def audit_trail(db: Db) -> Iterator[Document]:
    """Every entry, in the order of the chain."""
    return iter(db[names.AUDIT].find().sort("seq", 1))


def audit_head(db: Db) -> Document:
    """`seq` and `hash` of the last entry."""
    return db[names.CHAINS].find_one({"_id": names.AUDIT}) or {"seq": 0, "hash": GENESIS}


def changes_between(db: Db, after: datetime, upto: datetime) -> list[Document]:
    """The audit entries of alerts in (after, upto], in order."""
    query = {"at": {"$gt": after, "$lte": upto}, "alert_id": {"$exists": True}}
    return list(db[names.AUDIT].find(query).sort("seq", 1))


def silences(db: Db, session: ClientSession | None = None) -> list[Document]:
    """Every silence, the newest first."""
    return list(db[names.SILENCES].find(session=session).sort([("starts_at", -1), ("_id", 1)]))


def save_silence(db: Db, silence: Document, session: ClientSession) -> None:
    db[names.SILENCES].replace_one({"_id": silence["_id"]}, silence, upsert=True, session=session)


def note(db: Db, notices: Iterable[Document], session: ClientSession) -> None:
    """What people are to be told of, written with the change itself."""
    writes = [UpdateOne({"_id": n["_id"]}, {"$setOnInsert": n}, upsert=True) for n in notices]
    if writes:
        db[names.NOTICES].bulk_write(writes, ordered=False, session=session)


def notices(db: Db, since: datetime) -> list[Document]:
    return list(db[names.NOTICES].find({"at": {"$gte": since}}).sort([("at", 1), ("_id", 1)]))


def noted(db: Db, ids: Iterable[str], recipient: str, session: ClientSession) -> None:
    """This recipient has been told of them, or never will be."""
    db[names.NOTICES].update_many({"_id": {"$in": list(ids)}}, {"$addToSet": {"told_to": recipient}}, session=session)


def forget_notices(db: Db, before: datetime) -> None:
    db[names.NOTICES].delete_many({"at": {"$lt": before}})


def round_changes(db: Db, round_id: str, session: ClientSession | None = None) -> list[Document]:
    """The audit entries of one round, in order."""
    return list(db[names.AUDIT].find({"round_id": round_id}, session=session).sort("seq", 1))


def history(db: Db, alert_id: str) -> list[Document]:
    return list(db[names.AUDIT].find({"alert_id": alert_id}).sort("seq", 1))


def enqueue(db: Db, entry: Document, session: ClientSession | None = None) -> bool:
    """Put a message into the outbox under its key; False when it is there already."""
    done = db[names.OUTBOX].update_one({"_id": entry["_id"]}, {"$setOnInsert": entry}, upsert=True, session=session)
    return done.upserted_id is not None


def last_sent(db: Db, kind: str, recipient: str, before: datetime) -> datetime | None:
    """When the newest message of a kind (the first part of its key) before that instant was made for a recipient."""
    query = {"_id": {"$regex": rf"^{re.escape(kind)}\|"}, "recipient": recipient, "created_at": {"$lt": before}}
    found = db[names.OUTBOX].find_one(query, ["created_at"], sort=[("created_at", -1)])
    return found["created_at"] if found else None


def claim(db: Db, now: datetime, *, mail: bool = True, without: Iterable[str] = ()) -> Document | None:
    """Take the next message that is due. One sender at a time (store.lease): what a killed one left is taken too.

    `mail`: also mails, not only notes to channels; `without`: not those for these recipients.
    """
    due: Document = {"$or": [{"state": "pending", "next_attempt_at": {"$lte": now}}, {"state": "sending"}]}
    due["recipient"] = {"$nin": list(without)}
    if not mail:
        due["note"] = {"$exists": True}
    return db[names.OUTBOX].find_one_and_update(
        due,
        {"$set": {"state": "sending"}, "$inc": {"attempts": 1}},
        sort=[("next_attempt_at", 1)],
        return_document=ReturnDocument.AFTER,
    )


def settle(db: Db, id: str, state: str, session: ClientSession | None = None, **facts: Any) -> None:
    """Record how a delivery ended: sent, pending (again), or dead."""
    db[names.OUTBOX].update_one({"_id": id}, {"$set": {"state": state, **facts}}, session=session)


def outbox(db: Db, states: Iterable[str] = ("pending", "sending", "dead")) -> list[Document]:
    return list(db[names.OUTBOX].find({"state": {"$in": list(states)}}).sort("next_attempt_at", 1))


def outbox_counts(db: Db) -> dict[str, tuple[int, datetime]]:
    """(messages, when the oldest was made) of each state in which they are not delivered."""
    wanted = {"state": {"$in": ["pending", "sending", "dead"]}}
    grouped = {"_id": "$state", "count": {"$sum": 1}, "oldest": {"$min": "$created_at"}}
    rows = db[names.OUTBOX].aggregate([{"$match": wanted}, {"$group": grouped}])
    return {row["_id"]: (row["count"], row["oldest"]) for row in rows}


def retry_dead(db: Db, now: datetime) -> int:
    """Give dead letters another chance; how many."""
    done = db[names.OUTBOX].update_many({"state": "dead"}, {"$set": {"state": "pending", "next_attempt_at": now}})
    return done.modified_count
