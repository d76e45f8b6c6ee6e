"""Pictures of the stored answers that an alert about an account rests on: made once, kept beside the screenshots, and sealed.

`evidence/shown/ALERT-KIND-HASH.webp`: ALERT stands for the alert's id, HASH for the answer and the posts marked in it; KIND is
`post` where a post is marked, else `page`.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from PIL import Image

from gzcrawl.capture import CaptureError
from gzcrawl.evidence import SHOWN, EvidenceStore
from gzcrawl.store import alerts as store
from gzcrawl.store.alerts import Db
from scheduler.alerts.life import Alert, Change
from scheduler.evidence.bundle import Answer, Bundle, Sight
from scheduler.evidence.camera import photograph
from scheduler.evidence.seal import PICTURED, hashed
from scheduler.evidence.sheet import Sheet, can_be_shown, is_article, sheet
from scheduler.findings import Verdict

MOST = 8
"""Pictures of one alert: with a marked post first, and what it rests on now before what it rested on when it was opened."""

SPANS = ("repost_lag", "event_silence")
"""Rules that say what is missing over a time: no single answer shows that."""

OPENING = (Change.OPENED, Change.REOPENED, Change.RAISED)


@dataclass(frozen=True, slots=True)
class Shown:
    """One answer to be shown, and the posts in it that the alert rests on."""

    answer: Answer
    marked: tuple[str, ...]
    name: str


def wanted(bundle: Bundle) -> list[Shown]:
    """The answers of which there should be a picture; the same bytes once. Only a violation accuses anybody."""
    if bundle.alert.verdict is not Verdict.VIOLATION or bundle.alert.rule in SPANS:
        return []
    opened = [sight for step in reversed(bundle.steps) if step.change in OPENING for sight in step.sights]
    marks: dict[str, list[str]] = {}
    answers: dict[str, Answer] = {}
    for sight, answer in _seen([*bundle.now, *opened]):
        answers.setdefault(answer.sha256, answer)
        marks.setdefault(answer.sha256, []).extend([sight.ref] if sight.kind == "post" else [])
    found = [(answer, tuple(sorted(set(marks[sha256])))) for sha256, answer in answers.items()]
    found.sort(key=lambda one: (not one[1], not is_article(one[0].channel)))
    return [Shown(answer, marked, _name(bundle.alert.id, answer, marked)) for answer, marked in found[:MOST]]


def _seen(sights: Sequence[Sight]) -> Iterator[tuple[Sight, Answer]]:
    for sight in sights:
        for answer in sight.answers if sight.kind != "announcement" else ():
            if can_be_shown(answer.channel):
                yield sight, answer


def _name(alert_id: str, answer: Answer, marked: Sequence[str]) -> str:
    what = hashed("|".join((answer.id, *marked)).encode())[:16]
    return f"{SHOWN}/{_prefix(alert_id)}-{'post' if marked else 'page'}-{what}.webp"


def _prefix(alert_id: str) -> str:
    return hashed(alert_id.encode())[:16]


def there(files: EvidenceStore, bundle: Bundle) -> list[Shown]:
    """Those of the wanted pictures that are there."""
    return [one for one in wanted(bundle) if files.picture(one.name) is not None]


def make(db: Db, files: EvidenceStore, bundles: Sequence[Bundle], now: datetime, *, most: int = MOST) -> None:
    """Make what is missing, the first `most` of each alert, and seal it. `CameraError` when the browser fails: what was made
    before is kept and sealed."""
    sheets = [(one, made) for bundle in bundles for one, made in islice(_sheets(bundle, files), most) if made]
    try:
        if sheets:
            for (one, _made), picture in zip(sheets, photograph(made for _one, made in sheets), strict=True):
                files.keep_picture(one.name, _webp(picture))
    finally:
        for bundle in bundles:
            _seal(db, files, bundle, now)


def _sheets(bundle: Bundle, files: EvidenceStore) -> Iterator[tuple[Shown, Sheet | None]]:
    """What is wanted and can be shown; without a sheet where the picture is there already."""
    for one in wanted(bundle):
        if files.picture(one.name) is not None:
            yield one, None
        elif made := _sheet(one, files):
            yield one, made


def _sheet(one: Shown, files: EvidenceStore) -> Sheet | None:
    """None where the answer is no longer kept, or says nothing by itself."""
    answer = one.answer
    with contextlib.suppress(FileNotFoundError, CaptureError):
        page, _at = files.first(answer.sha256)
        return sheet(
            page, answer.at, channel=answer.channel, target=answer.target, sha256=answer.sha256, marked=one.marked
        )
    return None


def _webp(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=70, method=4)
    return buffer.getvalue()


def _seal(db: Db, files: EvidenceStore, bundle: Bundle, now: datetime) -> None:
    pictures = [[one.name, hashed(body)] for one in wanted(bundle) if (body := files.picture(one.name))]
    if pictures:
        what = hashed("|".join(sha256 for _name, sha256 in pictures).encode())[:16]
        entry = {"_id": f"pictured|{bundle.alert.id}|{what}", "change": PICTURED, "pictures": pictures, "at": now}
        store.transaction(db, lambda session: store.record(db, [entry], session))


def of_alert(data_dir: Path, alert: Alert) -> list[Path]:
    """The pictures there are of an alert, the one to show first in front: a marked post, then the newest."""
    found = list((data_dir / SHOWN).glob(f"{_prefix(alert.id)}-*.webp"))
    return sorted(found, key=lambda path: ("-post-" not in path.name, -path.stat().st_mtime, path.name))
