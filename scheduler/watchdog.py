"""The dead-man's switch: what is wrong with the monitor itself, and what of it the administrator has not heard yet.

What was told is remembered in a file, and nothing here goes through the outbox: the database may be what is wrong.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from gzcrawl.items import SHANGHAI
from gzcrawl.store import alerts as store
from gzcrawl.store import health, rounds
from gzcrawl.store.alerts import Db
from scheduler.notify.texts import SOURCES

DATABASE = "database"
AGAIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Trouble:
    """`key` stays the same as long as the trouble lasts; `text` is a Chinese sentence that says what to look at."""

    key: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long each may last before it is told."""

    patrol: timedelta
    blind: timedelta
    outbox: timedelta


@dataclass(frozen=True, slots=True)
class Known:
    """A trouble as it was last told."""

    text: str
    since: datetime
    told_at: datetime


@dataclass(frozen=True, slots=True)
class News:
    fresh: tuple[Trouble, ...]
    standing: tuple[Trouble, ...]
    over: tuple[Known, ...]
    due: bool  # whether the administrator is to be told: something began, ended, or was last told a day ago

    @property
    def subject(self) -> str:
        count = len(self.fresh) + len(self.standing)
        return f"【政务新媒体巡查】看门狗：{f'{count} 项异常' if count else '已恢复正常'}"

    @property
    def text(self) -> str:
        parts = (
            ("新出现", [t.text for t in self.fresh]),
            ("仍然存在", [t.text for t in self.standing]),
            ("已恢复", [f"{k.text}（{_when(k.since)} 起）" for k in self.over]),
        )
        return "\n".join(f"{title}：{line}" for title, lines in parts for line in lines)


def troubles(db: Db, now: datetime, limits: Limits) -> Iterator[Trouble]:
    """What is wrong now, as far as the database tells."""
    last = rounds.last_finished(db)
    if last is None or now - last > limits.patrol:
        ended = f"最近一轮完成于 {_when(last)}" if last else "还没有完成过一轮"
        yield Trouble("patrol", f"巡查已停止：{ended}，请查看常驻进程或 cron 及其日志")
    for source in health.sources(db, now):
        tried = source.last_tried is not None and source.last_tried != source.last_seen
        since = source.last_seen or source.first_tried
        if tried and since and now - since > limits.blind:
            name = SOURCES.get(source.name, source.name)
            yield Trouble(
                f"blind:{source.name}",
                f"来源“{name}”自 {_when(since)} 起什么也看不到，期间的研判均为“未能核实”，请运行 gzcrawl health",
            )
    waiting = store.outbox_counts(db)
    stuck = [oldest for state, (_count, oldest) in waiting.items() if state != "dead" and now - oldest > limits.outbox]
    if stuck:
        yield Trouble("outbox", f"通知自 {_when(min(stuck))} 起发不出去，请运行 gzcrawl mail test")
    if "dead" in waiting:
        count, _oldest = waiting["dead"]
        yield Trouble("dead", f"有 {count} 封通知没有送达、已放弃重试，请运行 gzcrawl mail outbox 查看原因")


def news(known: Mapping[str, Known], found: Sequence[Trouble], now: datetime) -> News:
    """What began, stands and ended since the administrator was last told."""
    fresh = tuple(t for t in found if t.key not in known)
    standing = tuple(t for t in found if t.key in known)
    over = tuple(k for key, k in known.items() if key not in _lasting(known, found))
    old = any(now - known[t.key].told_at >= AGAIN for t in standing)
    return News(fresh, standing, over, due=bool(fresh or over or old))


def told(known: Mapping[str, Known], found: Sequence[Trouble], now: datetime) -> dict[str, Known]:
    """What is known once the news of `now` has been told."""
    texts = {key: known[key].text for key in _lasting(known, found) if key in known} | {t.key: t.text for t in found}
    return {key: Known(text, known[key].since if key in known else now, now) for key, text in texts.items()}


def _lasting(known: Iterable[str], found: Sequence[Trouble]) -> set[str]:
    """While the database is away nothing can be seen to be over."""
    keys = {t.key for t in found}
    return keys | set(known) if DATABASE in keys else keys


def load(path: Path) -> dict[str, Known]:
    """What was told. A file that is missing or broken stands for nothing: rather told twice than never."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        document = json.loads(path.read_text(encoding="utf-8"))
        return {
            key: Known(str(k["text"]), datetime.fromisoformat(k["since"]), datetime.fromisoformat(k["told_at"]))
            for key, k in document.items()
        }
    return {}


def save(path: Path, known: Mapping[str, Known]) -> None:
    """Whole or not at all."""
    document = {
        key: {"text": k.text, "since": k.since.isoformat(), "told_at": k.told_at.isoformat()}
        for key, k in known.items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_suffix(".new")
    made.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    made.replace(path)


def _when(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%m-%d %H:%M}"
