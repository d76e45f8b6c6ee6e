"""Hash chains: each entry carries the hash of itself and of the one before, so that a change anywhere shows.

It shows tampering, and does not prevent it: who can rewrite the whole chain can forge it. The last hash is therefore
told outside (it stands in every digest), and `verify` takes it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64
FIELDS = ("seq", "prev", "hash")


def link(entry: Mapping[str, Any], seq: int, prev: str) -> dict[str, Any]:
    """The entry as number `seq` of its chain, after the one whose hash is `prev`."""
    return {**entry, "seq": seq, "prev": prev, "hash": digest(entry, seq, prev)}


def digest(entry: Mapping[str, Any], seq: int, prev: str) -> str:
    """SHA-256 over the number, the hash before and the entry as JSON with sorted keys; times in UTC milliseconds."""
    content = {name: value for name, value in entry.items() if name not in FIELDS}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=_json)
    return hashlib.sha256(f"{seq}|{prev}|{text}".encode()).hexdigest()


def broken(entries: Iterable[Mapping[str, Any]]) -> tuple[int, str, str | None]:
    """(entries that hold, hash of the last of them, what is wrong with the next or None), in the order of `seq`."""
    count, prev = 0, GENESIS
    for entry in entries:
        if entry.get("seq") != count + 1:
            return count, prev, f"第 {count + 1} 条缺失，其后是第 {entry.get('seq')} 条"
        if entry.get("prev") != prev or entry.get("hash") != digest(entry, count + 1, prev):
            return count, prev, f"第 {count + 1} 条（{entry.get('_id', '')}）被改动过"
        count, prev = count + 1, str(entry["hash"])
    return count, prev, None


def _json(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds")
    return str(value)
