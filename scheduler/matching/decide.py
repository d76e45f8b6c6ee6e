"""The decision, strongest signal first: original, link, declared source, then title and text with their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gzcrawl.items import Announcement, Post, interval
from scheduler.matching.features import features
from scheduler.matching.model import probability
from scheduler.matching.signals import names_in_post, names_of_announcement, related, said, spoken, traces

SURE = 0.8
"""Likelihood from which on it is a repost."""
DOUBTFUL = 0.2
"""Likelihood from which on a person has to say: a wrong "no" accuses a department that reposted."""

LATE_DAYS = 2.5
DISTINCTIVE_TITLE = 18


class Decision(StrEnum):
    REPOST = "repost"
    NO = "no"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Match:
    decision: Decision
    score: float  # 0 … 1
    why: tuple[str, ...]


def match(announcement: Announcement, post: Post) -> Match:
    """Whether `post` reposts `announcement`, how surely, and why in Chinese."""
    if _earlier(announcement, post):
        return Match(Decision.NO, 0.0, ("早于公告发布",))
    declared = _declared(announcement, post)
    if declared:
        return Match(Decision.REPOST, 1.0, (declared,))
    if not related(traces(announcement.title, announcement.body), spoken(said(post))):
        return Match(Decision.NO, 0.0, ("内容无关",))
    measured = features(announcement, post)
    likely = probability(_forgiving(announcement, measured))
    score = likely if likely is not None else by_rules(measured)
    if score >= SURE:
        decision = Decision.REPOST
    elif score < DOUBTFUL or _another_issue(measured):
        decision = Decision.NO
    else:
        decision = Decision.UNCERTAIN
    return Match(decision, score, explain(measured))


def _forgiving(announcement: Announcement, measured: Mapping[str, float]) -> Mapping[str, float]:
    """A repost may come weeks late; what is plainly this announcement's is not held to be another for that.

    The pairs the model was made from have no reposts later than three days, so beyond that it takes every same text
    for the next issue of a series. Plainly means: no other figures, and the body or a title nobody uses twice.
    """
    distinctive = measured["titled"] and len(announcement.title) >= DISTINCTIVE_TITLE
    copied = measured["cf"] >= 0.6 and measured["run"] >= 30
    if measured["gap"] > LATE_DAYS and not measured["sf2"] and (distinctive or copied):
        return {**measured, "gap": LATE_DAYS}
    return measured


def _another_issue(f: Mapping[str, float]) -> bool:
    """The same words around other figures, most of them: last week's bulletin."""
    return f["sf2"] >= 3 and f["rate"] > 0.5 and f["foreign"] > 0.4


def by_rules(f: Mapping[str, float]) -> float:
    """The decision without the model, from thresholds a person can follow: 1 repost, 0.5 uncertain, 0 no."""
    strange = f["sf2"] >= 1
    if strange and f["rate"] > 0.34:
        return 0.0  # the same words with other figures: another issue of the series
    if f["hasgap"] and f["gap"] > 3:
        return 1.0 if f["cf"] >= 0.85 and not strange and f["run"] >= 40 else 0.0
    if (f["cf"] >= 0.75 and f["len"] >= 12) or (f["cf"] >= 0.5 and f["run"] >= 28):
        return 0.5 if strange and f["rate"] > 0.15 and f["run"] < 60 else 1.0
    if f["acov"] >= 0.6 and f["alen"] >= 40:
        return 0.5 if strange else 1.0
    if f["titled"]:
        if f["rest"] <= 25:
            return 1.0
        return 0.0 if f["cite"] or f["restc"] < 0.08 else 1.0 if f["restc"] > 0.3 else 0.5
    if f["run"] >= 36 and f["restc"] >= 0.1:
        return 0.5 if strange else 1.0
    return 0.5 if f["mseg"] >= 16 and f["run"] >= 16 else 0.0


def explain(f: Mapping[str, float]) -> tuple[str, ...]:
    """The parts of the decision as a person reads them."""
    parts = []
    if f["titled"]:
        parts.append("只引用标题" if f["cite"] and f["restc"] < 0.2 else "标题相同")
    parts.append(f"正文包含 {f['cf']:.0%}")
    if f["run"] >= 12:
        parts.append(f"连续相同 {f['run']:.0f} 字")
    if f["acov"] >= 0.5:
        parts.append(f"公告内容的 {f['acov']:.0%} 在其中")
    if f["sf2"]:
        parts.append("数字或日期不符")
    if f["hasgap"] and f["gap"] > 3:
        parts.append(f"相隔 {f['gap']:.0f} 天")
    return tuple(parts)


def _earlier(announcement: Announcement, post: Post) -> bool:
    if announcement.published_at is None or post.interval is None:
        return False
    return post.interval[1] <= interval(announcement.published_at, announcement.precision)[0]


def _declared(announcement: Announcement, post: Post) -> str | None:
    """What the platform or a link says outright."""
    known, named = names_of_announcement(announcement), names_in_post(post)
    how = {named[name] for name in known & named.keys()}
    return max(how) if how else None
