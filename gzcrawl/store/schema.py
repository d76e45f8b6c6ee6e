"""Collections, indexes and JSON-Schema validators; created idempotently by `gzcrawl db init` and on first use.

The validators state what analysts may rely on (docs/data-model.md); fields beyond them are allowed.
"""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.database import Database
from pymongo.errors import OperationFailure

from gzcrawl.items import Outcome, Platform, Precision, ProbeStatus
from gzcrawl.store import names
from gzcrawl.store.merge import found_by

NAMESPACE_EXISTS = 48

STATUSES = ("in_time", "late", "missing", "deleted", "pending", "unknown", "uncertain", "exempt")
"""Of a department towards an announcement."""

DATE: dict[str, Any] = {"bsonType": "date"}
OPT_DATE: dict[str, Any] = {"bsonType": ["date", "null"]}
TEXT: dict[str, Any] = {"bsonType": "string"}
OPT_TEXT: dict[str, Any] = {"bsonType": ["string", "null"]}
BOOL: dict[str, Any] = {"bsonType": "bool"}
INT: dict[str, Any] = {"bsonType": ["int", "long"]}
NUMBER: dict[str, Any] = {"bsonType": ["double", "int", "long"]}
LIST: dict[str, Any] = {"bsonType": "array"}
MAP: dict[str, Any] = {"bsonType": "object"}


def one_of(enum: type[Platform] | type[Outcome] | type[Precision] | type[ProbeStatus]) -> dict[str, Any]:
    return {"enum": [str(member) for member in enum]}


def required(**fields: dict[str, Any]) -> dict[str, Any]:
    return {"bsonType": "object", "required": ["_id", *fields], "properties": {"_id": TEXT, **fields}}


VALIDATORS: dict[str, dict[str, Any]] = {
    names.DEPARTMENTS: required(name=TEXT, level=TEXT, state=TEXT, aliases=LIST),
    names.ACCOUNTS: required(department=TEXT, platform=one_of(Platform), name=TEXT, state=TEXT),
    names.SITES: required(department=TEXT, name=TEXT, home=TEXT, lists=LIST, announcement_lists=LIST),
    names.REGISTRY_HISTORY: required(kind=TEXT, record=TEXT, at=DATE),
    names.POLLS: required(
        round_id=TEXT, target_id=TEXT, channel=TEXT, url=TEXT, at=DATE, outcome=one_of(Outcome), reason=TEXT, seen=INT,
        complete=BOOL, covers_from=OPT_DATE, covers_to=OPT_DATE,
    ),
    names.POSTS: required(
        platform=one_of(Platform), native_id=TEXT, account_id=OPT_TEXT, text=TEXT, published_at=OPT_DATE,
        precision=one_of(Precision), first_seen_at=DATE, last_seen_at=DATE, pinned=BOOL, sources=LIST, edits=LIST,
    ),
    names.PROFILES: required(
        account_id=TEXT, platform=one_of(Platform), name=OPT_TEXT, first_seen_at=DATE, last_seen_at=DATE,
    ),
    names.QR_SIGHTINGS: required(site_id=TEXT, page_url=TEXT, payload=TEXT, meaning=TEXT, at=DATE, round_id=TEXT),
    names.QR_PICTURES: required(codes=LIST, at=DATE),
    names.QR_LINKS: required(leads_to=TEXT, at=DATE, dead_since=OPT_DATE),
    names.COMMENT_CHECKS: required(account_id=TEXT, url=TEXT, at=DATE, complete=BOOL, questions=LIST),
    names.LINK_CHECKS: required(target_id=TEXT, place=TEXT, at=DATE, shown=INT, known=INT, notable=LIST),
    names.CANDIDATES: required(
        platform=one_of(Platform), address=TEXT, name=TEXT, state=TEXT, first_seen_at=DATE, last_seen_at=DATE,
    ),
    names.SITE_PROBES: required(
        round_id=TEXT, site_id=TEXT, check=TEXT, status=one_of(ProbeStatus), reason=TEXT, at=DATE, facts=MAP
    ),
    names.CAPTURES: required(round_id=TEXT, target_id=TEXT, channel=TEXT, url=TEXT, at=DATE, sha256=TEXT, size=INT),
    names.ANNOUNCEMENTS: required(title=TEXT, published_at=OPT_DATE, obligated=TEXT, origin=TEXT),
    names.TALLIES: required(account_id=TEXT, quarter=DATE, state=TEXT),
    names.EVENTS: required(title=TEXT, starts_at=DATE, ends_at=DATE, keywords=LIST, obligated=LIST, min_posts=INT),
    names.MATCHES: required(
        announcement_id=TEXT, post_key=TEXT, account_id=TEXT, decision=TEXT, score=NUMBER, why=LIST, made_by=TEXT,
    ),
    names.REPOSTS: required(
        announcement_id=TEXT, department=TEXT, scope=TEXT, status={"enum": [*STATUSES]}, due=OPT_DATE, posted_at=OPT_DATE,
        why=LIST,
    ),
    names.SUGGESTIONS: required(title=TEXT, published_at=DATE, departments=LIST, posts=LIST, state=TEXT),
    names.DECISIONS: required(announcement_id=TEXT, post_key=TEXT, is_repost=BOOL, by=TEXT, at=DATE),
    names.KEPT_PAGES: required(at=DATE, validators=MAP, content_type=TEXT),
    names.COOKIES: required(cookies=MAP, at=DATE),
    names.HOSTS: required(name=TEXT, refusals=INT, until=OPT_DATE, reason=TEXT, at=DATE),
    names.ROUNDS: required(started_at=DATE, state=TEXT),
    names.EVALUATIONS: required(findings=LIST),
    names.STALE: required(marks=INT),
    names.FINDINGS: required(rule=TEXT, subject=TEXT, department=TEXT, verdict=TEXT, reason=TEXT),
    names.ALERTS: required(rule=TEXT, subject=TEXT, department=TEXT, state=TEXT),
    names.OUTBOX: required(state=TEXT),
    names.AUDIT: {},
    names.SILENCES: required(reason=TEXT, by=TEXT, starts_at=DATE, ends_at=DATE),
    names.NOTICES: required(alert_id=TEXT, change=TEXT, at=DATE, told_to=LIST),
    names.CHAINS: {},
    names.LOCKS: required(host=TEXT, until=DATE),
}  # fmt: skip


def index(*fields: str, **options: Any) -> IndexModel:
    """`-field` is descending."""
    keys = [(f.lstrip("-"), DESCENDING if f.startswith("-") else ASCENDING) for f in fields]
    return IndexModel(keys, **options)


INDEXES: dict[str, list[IndexModel]] = {
    names.ACCOUNTS: [index("department")],
    names.SITES: [index("department")],
    names.REGISTRY_HISTORY: [index("kind", "record", "-at")],
    names.POLLS: [index("target_id", "-at"), index("round_id"), index("channel", "-at")],
    names.POSTS: [
        index("account_id", "-published_at"),
        index("account_id", "-latest_at", "_id"),
        index("account_id", "latest_at", name=names.MARKED, partialFilterExpression={"marks.0": {"$exists": True}}),
        index("-published_at"),
        index("columns", "-published_at"),
        index("compared", "-published_at"),
        index("words", "-published_at"),
    ],
    names.TALLIES: [index("account_id", "quarter"), index("state")],
    names.PROFILES: [index("account_id", "-first_seen_at")],
    names.QR_SIGHTINGS: [index("site_id", "-at")],
    names.COMMENT_CHECKS: [index("account_id")],
    names.LINK_CHECKS: [index("target_id")],
    names.SITE_PROBES: [index("site_id", "-at")],
    names.CAPTURES: [index("round_id", "target_id"), index("target_id", "-at"), index("sha256")],
    names.ANNOUNCEMENTS: [index("-published_at")],
    names.MATCHES: [index("account_id"), index("post_key"), index("announcement_id", "decision")],
    names.SUGGESTIONS: [index("posts"), index("state")],
    names.REPOSTS: [index("announcement_id", "status"), index("department", "-published_at")],
    names.ROUNDS: [index("-started_at")],
    names.FINDINGS: [index("rule", "verdict")],
    names.EVALUATIONS: [index("recheck_at")],
    names.ALERTS: [index("state", "rule"), index("department", "state")],
    names.OUTBOX: [index("state", "next_attempt_at")],
    names.AUDIT: [index("round_id"), index("alert_id", "at"), index("at"), index("seq")],
    names.NOTICES: [index("at")],
}


def ensure_schema(db: Database[dict[str, Any]]) -> None:
    """Create what is missing and bring validators up to date. Safe to run at any time and by several at once."""
    existing = {c["name"]: c.get("options", {}).get("validator") for c in db.list_collections()}
    for name, schema in VALIDATORS.items():
        validator = {"$jsonSchema": schema} if schema else {}
        if name not in existing:
            _create(db, name)
        if (existing.get(name) or {}) != validator:
            db.command("collMod", name, validator=validator)
    unmarked = names.MARKED not in db[names.POSTS].index_information()
    for name, models in INDEXES.items():
        db[name].create_indexes(models)
    if unmarked:
        _mark_posts(db)


def _mark_posts(db: Database[dict[str, Any]]) -> None:
    """Posts stored by an earlier version are found as new ones are."""
    posts = db[names.POSTS]
    for post in posts.find({"marks": {"$exists": False}}):
        posts.update_one({"_id": post["_id"]}, {"$set": found_by({"wording": [], **post})})


def _create(db: Database[dict[str, Any]], name: str) -> None:
    try:
        db.create_collection(name, check_exists=False)
    except OperationFailure as error:
        if error.code != NAMESPACE_EXISTS:  # else another process was quicker
            raise
