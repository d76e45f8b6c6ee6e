"""What is measured of an announcement and a post. Pure; docs/matching.md explains each."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from gzcrawl.items import Announcement, Post
from scheduler.matching.signals import said
from scheduler.matching.text import grams, normalise, numbers, sentences, stock

DAY = 86_400

NAMES = (
    "cf", "c2", "c1", "run", "matched", "rest", "restc", "rate", "sf2", "mseg", "lead", "acov", "titled", "t", "cite",
    "gap", "hasgap", "foreign", "len", "alen", "ptitle",
)  # fmt: skip
"""In the order in which the model takes them."""

# A title that a text only refers to: 落实《…》, 根据《…》.
_CITED = re.compile(r"(?:落实|贯彻|根据|按照|依据|执行|依照|学习|围绕|结合|针对)(?:了|好|的)?《")


@dataclass(frozen=True, slots=True)
class Source:
    """What is needed of an announcement, computed once for all posts."""

    title: str
    length: int
    characters: frozenset[str]
    pairs: frozenset[str]
    fours: frozenset[str]
    lead: frozenset[str]  # of the first 80 characters
    title_threes: frozenset[str]
    numbers: frozenset[str]


@lru_cache(maxsize=4096)
def source(title: str, body: str) -> Source:
    whole = f"{title}\n{body}"
    text = normalise(whole)
    named = normalise(title)
    return Source(
        title=named,
        length=len(text),
        characters=frozenset(text),
        pairs=frozenset(grams(text, 2)),
        fours=frozenset(grams(text)),
        lead=frozenset(grams(normalise(body)[:80])),
        title_threes=frozenset(grams(named, 3)),
        numbers=frozenset(numbers(whole)),
    )


def features(announcement: Announcement, post: Post) -> dict[str, float]:
    """By name: shares in 0…1, lengths in characters, `gap` in days (negative: the post is earlier)."""
    known, spoken = source(announcement.title, announcement.body), said(post)
    text = normalise(spoken)
    fours = grams(text)
    titled = len(known.title) >= 6 and known.title in text
    rest = text.replace(known.title, "") if titled else text
    rest_fours = grams(rest)
    figures = numbers(spoken)
    gap = _gap(announcement, post)
    title = grams(normalise(post.title or ""), 2)
    return {
        **_cover(text, known),
        **_sentences(spoken, known),
        "c2": _share(len(text) - 1, lambda i: text[i : i + 2] in known.pairs),
        "c1": _share(len(text), lambda i: text[i] in known.characters),
        "rest": min(len(rest), 300),
        "restc": len(rest_fours & known.fours) / len(rest_fours) if rest_fours else 1.0,
        "lead": len(known.lead & fours) / len(known.lead) if known.lead else 0.0,
        "acov": len(known.fours & fours) / max(1, len(known.fours)),
        "titled": float(titled),
        "t": len(known.title_threes & grams(text, 3)) / len(known.title_threes) if known.title_threes else -1.0,
        "cite": float(titled and bool(_CITED.search(unicodedata.normalize("NFKC", spoken)))),
        "gap": 0.0 if gap is None else gap,
        "hasgap": float(gap is not None),
        "foreign": len(figures - known.numbers) / len(figures) if figures else 0.0,
        "len": min(len(text), 400),
        "alen": min(known.length, 400),
        "ptitle": len(title & known.pairs) / max(1, len(title)) if title else -1.0,
    }


def _cover(text: str, known: Source) -> dict[str, float]:
    """How much of the post stands in the announcement, stock phrases apart, and the longest piece of it."""
    covered = bytearray(len(text))
    for i in range(len(text) - 3):
        if text[i : i + 4] in known.fours:
            covered[i : i + 4] = b"\1\1\1\1"
    common = stock(text)
    free = [0]
    for i, hit in enumerate(covered):
        if not hit:
            free.append(0)
        elif not common[i]:
            free[-1] += 1
    own = sum(not mark for mark in common)
    return {
        "cf": sum(free) / max(1, own),
        "run": min(max(free), 120),
        "matched": min(sum(piece for piece in free if piece >= 8), 300),
    }


def _sentences(spoken: str, known: Source) -> dict[str, float]:
    """Sentences that come from the announcement, and the figures in those near it that it does not know."""
    whole = near = strange = 0
    for sentence in sentences(spoken):
        text = normalise(sentence)
        if len(text) < 6:
            continue
        parts = grams(text)
        share = len(parts & known.fours) / len(parts)
        whole += len(text) if share >= 0.75 and len(text) >= 10 else 0
        # Other figures break up the runs of four, so pairs count too.
        if share >= 0.3 or len(grams(text, 2) & known.pairs) >= 0.55 * len(grams(text, 2)):
            figures = numbers(sentence)
            near += len(figures)
            strange += len(figures - known.numbers)
    return {"mseg": min(whole, 200), "sf2": min(strange, 6), "rate": strange / near if near else 0.0}


def _share(count: int, hit: Callable[[int], bool]) -> float:
    return sum(map(hit, range(count))) / count if count > 0 else 0.0


def _gap(announcement: Announcement, post: Post) -> float | None:
    """Days from the announcement to the post; a post before it weighs more than one after."""
    if announcement.published_at is None or post.published_at is None:
        return None
    days = (post.published_at - announcement.published_at).total_seconds() / DAY
    return days if days > 0 else 5 * days
