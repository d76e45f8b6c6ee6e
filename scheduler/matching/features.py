"""What is measured of an announcement and a post. Pure; docs/matching.md explains each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from gzcrawl.items import Announcement, Post
from scheduler.matching.overlap import overlap
from scheduler.matching.signals import said, spoken
from scheduler.matching.slots import by_context, compare, documents
from scheduler.matching.text import common, grams, normalise, numbers, sentences
from scheduler.matching.titles import core, headlines, is_cited, likeness, lines, names_another_place, status_words

DAY = 86_400

DISTINCTIVE_TITLE = 18
"""Characters of a title from which on two announcements hardly share it."""

NAMES = (
    "cf", "run", "matched", "c2", "c1", "rest", "restc", "mseg", "lead", "acov", "titled", "tline", "tsim", "cited", "status",
    "same", "conf", "crate", "dates", "drate", "tconf", "tplace", "foreign", "sf2", "rate", "swap", "places", "document",
    "gap", "len", "alen",
)  # fmt: skip
"""In the order in which the model takes them."""


@dataclass(frozen=True, slots=True)
class Source:
    """What is needed of an announcement, computed once for all posts."""

    title: str
    core: str
    text: str
    characters: frozenset[str]
    pairs: frozenset[str]
    fours: frozenset[str]
    rare: frozenset[str]
    lead: frozenset[str]  # of the first 80 characters
    numbers: frozenset[str]
    figures: dict[str, set[str]]
    title_figures: dict[str, set[str]]
    documents: frozenset[str]


@lru_cache(maxsize=4096)
def source(title: str, body: str) -> Source:
    whole = f"{title}\n{body}"
    text, named = normalise(whole), normalise(title)
    fours = frozenset(grams(text))
    return Source(
        title=named,
        core=core(named),
        text=text,
        characters=frozenset(text),
        pairs=frozenset(grams(text, 2)),
        fours=fours,
        rare=fours - common(),
        lead=frozenset(grams(normalise(body)[:80])) - common(),
        numbers=frozenset(numbers(whole)),
        figures=by_context(whole),
        title_figures=by_context(title),
        documents=frozenset(documents(whole)),
    )


def features(announcement: Announcement, post: Post) -> dict[str, float]:
    """By name: shares in 0…1, lengths in characters, `gap` in days (0 where a time is not known or tells nothing)."""
    known, everything = source(announcement.title, announcement.body), said(post)
    text, fours = spoken(everything).text, spoken(everything).grams
    shared = overlap(text, known.text, known.fours)
    figures = compare(everything, known.figures)
    measured = {
        "cf": shared.covered,
        "run": min(shared.run, 120),
        "matched": min(shared.matched, 300),
        "c2": _share(len(text) - 1, lambda i: text[i : i + 2] in known.pairs),
        "c1": _share(len(text), lambda i: text[i] in known.characters),
        "lead": len(known.lead & fours) / len(known.lead) if known.lead else 0.0,
        "acov": len(known.rare & fours) / max(1, len(known.rare)),
        "same": min(figures.same, 10),
        "conf": min(figures.other, 10),
        "crate": figures.other / (figures.same + figures.other) if figures.other else 0.0,
        "dates": min(figures.other_dates, 6),
        "drate": figures.other_dates / (figures.same_dates + figures.other_dates) if figures.other_dates else 0.0,
        "swap": min(10.0, 100 * shared.swapped / max(30, shared.matched)),
        "places": min(shared.places, 5),
        "document": _documents(known, everything),
        "len": min(len(text), 400),
        "alen": min(len(known.text), 400),
    }
    measured |= _title(announcement, known, post, text) | _sentences(everything, known)
    return measured | {"gap": 0.0 if _is_plain(known, measured) else min(_gap(announcement, post), 10)}


def _is_plain(known: Source, measured: Mapping[str, float]) -> bool:
    """A copy, or a title that nobody uses twice, with no other figures: whenever it was posted, it is of this one."""
    copied = measured["cf"] >= 0.6 and measured["run"] >= 30
    named = measured["titled"] == 1 and len(known.title) >= DISTINCTIVE_TITLE and not measured["sf2"]
    return (copied or named) and measured["conf"] < 1


def _title(announcement: Announcement, known: Source, post: Post, text: str) -> dict[str, float]:
    """Whether the title is there, and what is left without it."""
    everything = said(post)
    spoken_text = everything[len(post.title or "") :]
    found = headlines(post.title, spoken_text)
    own = max((likeness(known.title, line) for line in lines(post.title, spoken_text)), default=0.0)
    whole = len(known.title) >= 6 and known.title in text
    named = known.title if whole else known.core if len(known.core) >= 8 and known.core in text else ""
    rest = text.replace(named, "") if named else text
    rest_fours = grams(rest) - common()
    closest = max(found, key=lambda line: likeness(known.title, line), default="")
    return {
        "titled": 1.0 if whole else 0.5 if named else 0.0,
        "tline": own,
        "tsim": likeness(known.title, closest),
        "tconf": min(3, compare(closest, known.title_figures).other),
        "tplace": float(not whole and names_another_place(known.title, closest)),
        "cited": float(whole and is_cited(announcement.title, everything)),
        "status": float(bool(status_words(f"{announcement.title}\n{announcement.body}", known.title, found))),
        "rest": min(len(rest), 300),
        "restc": len(rest_fours & known.fours) / len(rest_fours) if rest_fours else 1.0,
    }


def _sentences(everything: str, known: Source) -> dict[str, float]:
    """Sentences that come from the announcement, and the figures in those near it that it does not know."""
    whole = near = strange = 0
    figures = numbers(everything)
    for sentence in sentences(everything):
        text = normalise(sentence)
        if len(text) < 6:
            continue
        parts, pairs = grams(text), grams(text, 2)
        share = len(parts & known.fours) / len(parts)
        whole += len(text) if share >= 0.75 and len(text) >= 10 and not parts <= common() else 0
        # Other figures break up the runs of four, so pairs count too.
        if share >= 0.3 or len(pairs & known.pairs) >= 0.55 * len(pairs):
            found = numbers(sentence)
            near += len(found)
            strange += len(found - known.numbers)
    return {
        "mseg": min(whole, 200),
        "sf2": min(strange, 6),
        "rate": strange / near if near else 0.0,
        "foreign": len(figures - known.numbers) / len(figures) if figures else 0.0,
    }


def _documents(known: Source, everything: str) -> float:
    """1: the announcement's document number is named; -1: only others are."""
    named = documents(everything)
    if not named or not known.documents:
        return 0.0
    return 1.0 if named & known.documents else -1.0


def _share(count: int, hit: Callable[[int], bool]) -> float:
    return sum(map(hit, range(count))) / count if count > 0 else 0.0


def _gap(announcement: Announcement, post: Post) -> float:
    """Days from the announcement to the post; at least 0, for what is certainly earlier is decided before."""
    if announcement.published_at is None or post.published_at is None:
        return 0.0
    return max(0.0, (post.published_at - announcement.published_at).total_seconds() / DAY)
