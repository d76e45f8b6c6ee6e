"""The decision, strongest signal first: original, link, declared source, then title and text with their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from gzcrawl.items import Announcement, Post, interval
from scheduler.matching.features import features
from scheduler.matching.model import probability
from scheduler.matching.signals import names_in_post, names_of_announcement, related, said, spoken, traces

SURE = 0.8
"""Likelihood from which on it is a repost."""
DOUBTFUL = 0.2
"""Likelihood from which on a person has to say: a wrong "no" accuses a department that reposted."""

LATE_DAYS = 3

TOGETHER = timedelta(hours=6)
"""A copy that is so little earlier was published together with it: sites are later than the accounts of their own house."""


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
    plain = settled(announcement, post)
    if plain:
        return plain
    measured = features(announcement, post)
    likely = probability(measured)
    score = 0.0 if is_another(measured) else likely if likely is not None else by_rules(measured)
    if score >= SURE:
        decision = Decision.REPOST
    elif score < DOUBTFUL:
        decision = Decision.NO
    else:
        decision = Decision.UNCERTAIN
    return Match(decision, score, explain(measured))


def settled(announcement: Announcement, post: Post) -> Match | None:
    """What is decided before the texts are compared; None if they have to be."""
    if _earlier(announcement, post):
        return Match(Decision.NO, 0.0, ("早于公告发布",))
    declared = _declared(announcement, post)
    if declared:
        return Match(Decision.REPOST, 1.0, (declared,))
    if not related(traces(announcement.title, announcement.body), spoken(said(post))):
        return Match(Decision.NO, 0.0, ("内容无关",))
    return None


def is_another(f: Mapping[str, float]) -> bool:
    """The same words about other figures, another day or another place, or a notice that says what became of the first.

    A post that has more than the announcement has more figures in the same words too (新增出院病例…): they contradict it only if
    its own figures are not there.
    """
    return (
        (f["conf"] >= 2 and f["crate"] >= 0.5 and f["bcrate"] >= 0.3)
        or (f["dates"] >= 2 and f["drate"] >= 0.6 and f["bdrate"] >= 0.3)
        or (f["day"] < 0 and f["cf"] < 0.75 and f["run"] < 28 and f["acov"] < 0.5 and f["lead"] < 0.6)
        or (f["sf2"] >= 3 and f["rate"] >= 0.7 and f["same"] <= 1)
        or (f["sf2"] >= 2 and f["rate"] == 1 and f["same"] == 0)
        or f["places"] >= 2
        or f["tplace"] > 0
        or (f["tconf"] >= 1 and f["tsim"] >= 0.6 and f["titled"] == 0 and f["acov"] < 0.6)
        or (f["status"] > 0 and f["acov"] < 0.6 and f["lead"] < 0.6)
    )


def by_rules(f: Mapping[str, float]) -> float:
    """The decision without the model, from thresholds a person can follow: 1 repost, 0.5 uncertain, 0 no."""
    contradicted = (
        min(f["conf"], f["bconf"]) + f["tconf"] + (f["day"] < 0) + f["places"] + f["tplace"] + (f["document"] < 0)
    )
    doubt = 0.5 if contradicted or f["status"] or f["gap"] > LATE_DAYS or (f["rate"] > 0.5 and f["sf2"] >= 2) else 1.0
    if (f["cf"] >= 0.75 and f["len"] >= 12) or (f["cf"] >= 0.5 and f["run"] >= 28) or f["acov"] >= 0.6:
        return doubt
    if f["titled"] == 1 and not f["cited"]:
        return doubt if f["rest"] <= 25 or f["restc"] > 0.3 else 0.5
    if f["titled"] == 1:
        return doubt if f["restc"] > 0.5 else 0.0
    if f["run"] >= 36:
        return doubt
    return 0.5 if (f["mseg"] >= 16 and f["run"] >= 16) or (f["tsim"] >= 0.6 and f["rest"] <= 60) else 0.0


def explain(f: Mapping[str, float]) -> tuple[str, ...]:
    """The parts of the decision as a person reads them."""
    parts = []
    if f["titled"]:
        parts.append(
            "只引用标题" if f["cited"] and f["restc"] < 0.2 else "标题相同" if f["titled"] == 1 else "标题主要部分相同"
        )
    if f["document"]:
        parts.append("文号一致" if f["document"] > 0 else "文号不符")
    parts.append(f"正文包含 {f['cf']:.0%}")
    if f["run"] >= 12:
        parts.append(f"连续相同 {f['run']:.0f} 字")
    if f["acov"] >= 0.5:
        parts.append(f"公告内容的 {f['acov']:.0%} 在其中")
    if f["quoted"] >= 12:
        parts.append(f"引用原文 {f['quoted']:.0f} 字")
    contradicted = max(min(f["conf"], f["bconf"]), f["tconf"])
    if contradicted >= 1:
        parts.append(f"数字或日期不符 {contradicted:.0f} 处")
    elif f["day"] < 0:
        parts.append("所写日期不是公告的")
    elif f["same"] >= 2:
        parts.append(f"数字、日期一致 {f['same']:.0f} 处")
    elif f["sf2"] >= 2 and f["rate"] > 0.5:
        parts.append("所附数字不是公告的")
    if f["places"] or f["tplace"]:
        parts.append("地名或单位不符")
    if f["status"]:
        parts.append("标题表明是后续、更正或解读")
    if f["gap"] > LATE_DAYS:
        parts.append(f"相隔 {f['gap']:.0f} 天")
    return tuple(parts)


def _earlier(announcement: Announcement, post: Post) -> bool:
    if announcement.published_at is None or post.interval is None:
        return False
    return post.interval[1] + TOGETHER <= interval(announcement.published_at, announcement.precision)[0]


def _declared(announcement: Announcement, post: Post) -> str | None:
    """What the platform or a link says outright."""
    known, named = names_of_announcement(announcement), names_in_post(post)
    how = {named[name] for name in known & named.keys()}
    return max(how) if how else None
