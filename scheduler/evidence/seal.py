"""The evidence log in the audit chain, checked, and cleared when its time is over."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gzcrawl.capture import CaptureError
from gzcrawl.evidence import SHOWN, EvidenceStore
from gzcrawl.store import alerts as store
from gzcrawl.store import captures, qr
from gzcrawl.store.alerts import Db
from gzcrawl.store.chain import broken

SEALED, PICTURED, PRUNED = "evidence_sealed", "evidence_pictured", "evidence_pruned"
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Checked:
    """What `verify` found; `problems` are Chinese sentences."""

    entries: int
    head: str
    rounds: int
    files: int
    problems: tuple[str, ...]


def seal(db: Db, files: EvidenceStore, round_id: str, now: datetime) -> None:
    """Put the hashes of a round's captures and screenshots into the audit chain. Again only when something was added."""
    count, digest = captures.manifest(db, round_id)
    pictures = [[name, hashed(body)] for name in qr.pictures_of_round(db, round_id) if (body := files.picture(name))]
    what = hashed("|".join([digest, *(sha256 for _name, sha256 in pictures)]).encode())
    entry = {
        "_id": f"evidence|{round_id}|{what[:16]}",
        "change": SEALED,
        "sealed_round": round_id,
        "captures": count,
        "manifest": digest,
        "pictures": pictures,
        "at": now,
    }
    store.transaction(db, lambda session: store.record(db, [entry], session))


def hashed(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def verify(db: Db, files: EvidenceStore, head: str | None = None) -> Checked:
    """Recompute everything. `head`: a hash of the audit chain noted earlier (each digest tells it)."""
    entries, last, problem = broken(store.audit_trail(db))
    problems = [f"审计链：{problem}"] if problem else []
    stored = store.audit_head(db)
    if not problem and (stored["seq"], stored["hash"]) != (entries, last):
        problems.append(f"审计链：末尾缺失，应有 {stored['seq']} 条，实有 {entries} 条")
    seals: dict[str, dict[str, Any]] = {}
    pictures: dict[str, str] = {}  # as they were sealed first
    hashes: set[str] = set()
    for entry in store.audit_trail(db):
        hashes.add(str(entry.get("hash")))
        if entry["change"] == SEALED:
            seals[entry["sealed_round"]] = entry
        if entry["change"] in (SEALED, PICTURED):
            for name, sha256 in entry.get("pictures", ()):
                pictures.setdefault(name, sha256)
        elif entry["change"] == PRUNED:
            for round_id in entry["rounds"]:
                seals.pop(round_id, None)
            for name in entry.get("pictures", ()):
                pictures.pop(name, None)
    if head and head not in hashes:
        problems.append(f"审计链中没有 {head}：此后整条链被重写过，或这个哈希抄错了")
    for round_id, entry in seals.items():
        count, digest = captures.manifest(db, round_id)
        if digest != entry["manifest"]:
            problems.append(f"第 {round_id} 轮的证据记录与封存时不符（封存 {entry['captures']} 条，现有 {count} 条）")
    wanted = referenced(db)
    problems += [f"预警所依据的原件不在了：{sha256}" for sha256 in sorted(wanted) if not files.path(sha256).exists()]
    count = 0
    for sha256, _path in files.kept():
        count += 1
        try:
            files.first(sha256)
        except (CaptureError, OSError) as error:
            problems.append(f"原件被改动或损坏：{error}")
    problems += _pictures(files, pictures)
    return Checked(entries, last, len(seals), count + len(pictures), tuple(problems))


def _pictures(files: EvidenceStore, sealed: Mapping[str, str]) -> Iterator[str]:
    for name, sha256 in sealed.items():
        body = files.picture(name)
        if body is None:
            yield f"截图不在了：{name}"
        elif hashed(body) != sha256:
            yield f"截图与封存时不符：{name}"


def references(db: Db) -> Iterator[tuple[str, str, datetime | None]]:
    """(kind, ref, time) of everything that an alert rests on or rested on when it changed."""
    seen: set[tuple[str, str, datetime | None]] = set()
    for source in (store.find_alerts(db, {}), store.audit_trail(db)):
        for document in source:
            for one in document.get("evidence", ()):
                reference = (one["kind"], one["ref"], one["at"])
                if reference not in seen:
                    seen.add(reference)
                    yield reference


def referenced(db: Db) -> set[str]:
    """The hashes of the answers behind all alerts."""
    return {capture["sha256"] for reference in references(db) for capture in captures.behind(db, *reference)}


def prune(
    db: Db, files: EvidenceStore, now: datetime, *, unreferenced: timedelta, longest: timedelta
) -> tuple[int, int]:
    """(rounds, files) cleared: what no alert rests on after `unreferenced`, everything after `longest`."""
    needed: dict[str, set[str]] = {}
    shown = {name for name, _path in files.pictures() if name.startswith(f"{SHOWN}/")}  # made for an alert
    for kind, ref, at in references(db):
        shown.update(qr.pictures_behind(db, kind, ref))
        for capture in captures.behind(db, kind, ref, at):
            if capture["at"] > now - longest:
                needed.setdefault(capture["round_id"], set()).add(capture["sha256"])
    over = [id for id, at in captures.rounds(db) if at < now - unreferenced and id not in needed]
    old = {name: path for name, path in files.pictures() if _is_over(name, path, shown, now, unreferenced, longest)}
    if over or old:
        entry = {
            "_id": f"pruned|{now.isoformat()}", "change": PRUNED, "rounds": over, "pictures": sorted(old), "at": now,
        }  # fmt: skip
        store.transaction(db, lambda session: store.record(db, [entry], session))
        for round_id in over:
            captures.forget_round(db, round_id)
        for path in old.values():
            path.unlink(missing_ok=True)
    return len(over), len(old) + _clear_answers(db, files, set().union(*needed.values()), now - unreferenced)


def _is_over(
    name: str, path: Path, shown: set[str], now: datetime, unreferenced: timedelta, longest: timedelta
) -> bool:
    age = now - datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return age > (longest if name in shown else unreferenced)


def _clear_answers(db: Db, files: EvidenceStore, kept: set[str], before: datetime) -> int:
    candidates = [sha256 for sha256, _path in files.kept() if sha256 not in kept]
    removed = 0
    for start in range(0, len(candidates), BATCH):
        batch = candidates[start : start + BATCH]
        recent = captures.since(db, batch, before)
        for sha256 in batch:
            if sha256 not in recent and files.written(sha256) < before:
                files.path(sha256).unlink(missing_ok=True)
                removed += 1
    return removed
