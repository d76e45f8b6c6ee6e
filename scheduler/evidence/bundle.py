"""One alert's evidence, gathered: what was seen at each change, and the answers it was seen in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gzcrawl.store import alerts as store
from gzcrawl.store import captures, qr
from gzcrawl.store.alerts import Db
from scheduler.alerts.documents import alert_from
from scheduler.alerts.life import Alert, Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One kept answer. `number` is how the pages and files of the bundle call it."""

    number: int
    id: str
    url: str
    target: str  # registry id of the account or site that was asked for
    channel: str
    at: datetime
    status: int
    headers: tuple[tuple[str, str], ...]
    sha256: str
    size: int

    @property
    def media(self) -> str:
        return dict(self.headers).get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One thing that was seen, and the answers it was seen in (none where they are not kept)."""

    kind: str
    ref: str
    at: datetime | None
    url: str | None
    quote: str
    answers: tuple[Answer, ...]
    pictures: tuple[str, ...] = ()  # names of screenshots, relative to the data directory


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change of the alert."""

    seq: int
    hash: str
    change: Change
    at: datetime
    reason: str
    by: str | None
    note: str | None
    sights: tuple[Sight, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    alert: Alert
    steps: tuple[Step, ...]
    now: tuple[Sight, ...]  # what it rests on at present
    answers: tuple[Answer, ...]  # all of them, each once

    @property
    def pictures(self) -> tuple[str, ...]:
        """All screenshots, each once."""
        seen = [s for step in self.steps for s in step.sights] + list(self.now)
        return tuple(dict.fromkeys(name for sight in seen for name in sight.pictures))


@dataclass
class _Gathering:
    db: Db
    answers: dict[str, Answer] = field(default_factory=dict)

    def sights(self, evidence: Sequence[Mapping[str, Any]]) -> tuple[Sight, ...]:
        return tuple(
            Sight(
                kind=one["kind"],
                ref=one["ref"],
                at=one["at"],
                url=one["url"],
                quote=one["quote"],
                answers=tuple(self._answer(c) for c in captures.behind(self.db, one["kind"], one["ref"], one["at"])),
                pictures=tuple(qr.pictures_behind(self.db, one["kind"], one["ref"])),
            )
            for one in evidence
        )

    def _answer(self, capture: Mapping[str, Any]) -> Answer:
        if capture["_id"] not in self.answers:
            self.answers[capture["_id"]] = Answer(
                number=len(self.answers) + 1,
                id=capture["_id"],
                target=capture["target_id"],
                headers=tuple((name, value) for name, value in capture["headers"]),
                **{name: capture[name] for name in ("url", "channel", "at", "status", "sha256", "size")},
            )
        return self.answers[capture["_id"]]


def gather(db: Db, alert_id: str) -> Bundle | None:
    """Everything about one alert; None when there is none of that id."""
    found = store.alerts_by_id(db, [alert_id]).get(alert_id)
    if found is None:
        return None
    gathering = _Gathering(db)
    steps = tuple(
        Step(
            seq=entry["seq"],
            hash=entry["hash"],
            change=Change(entry["change"]),
            at=entry["at"],
            reason=entry["reason"],
            by=entry.get("by"),
            note=entry.get("note"),
            sights=gathering.sights(entry.get("evidence", ())),
        )
        for entry in store.history(db, alert_id)
    )
    return Bundle(
        alert=alert_from(found),
        steps=steps,
        now=gathering.sights(found["evidence"]),
        answers=tuple(gathering.answers.values()),
    )
