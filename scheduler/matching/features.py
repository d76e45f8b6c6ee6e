"""What is measured of an announcement and a post. Pure; docs/matching.md explains each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from gzcrawl.items import Announcement, Post
from scheduler.matching.overlap import overlap
from scheduler.matching.signals import said, spoken
from scheduler.matching.slots import Day, Figure, Known, by_context, compare, day_of, days, documents, figures, same_day
from scheduler.matching.text import common, grams, normalise, numbers, quotations, rarity, sentences, stock
from scheduler.matching.titles import core, headlines, is_cited, likeness, lines, names_another_place, status_words

DAY = 86_400

DISTINCTIVE_TITLE = 18
"""Characters of a title from which on two announcements hardly share it."""

NAMES = (
    "cf", "run", "matched", "c2", "c1", "w2", "rest", "restc", "mseg", "lead", "acov", "titled", "tline", "tsim", "cited", "status",
    "quoted", "seg", "same", "conf", "crate", "dates", "drate", "bsame", "bconf", "bcrate", "bdrate", "day",
    "tconf", "tplace", "foreign", "sf2", "rate", "swap", "places", "document",
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
    told: tuple[Figure, ...]
    figures: Known
    title_figures: Known
    days: set[Day]
    documents: frozenset[str]
    named: frozenset[str]  # what it puts in quotation marks itself


@lru_cache(maxsize=4096)
def source(title: str, body: str) -> Source:
    whole = f"{title}\n{body}"
    text, named = normalise(whole), normalise(title)
    fours = frozenset(grams(text))
    told = tuple(figures(whole))
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
        told=told,
        figures=by_context(told),
        title_figures=by_context(figures(title)),
        days=days(whole),
        documents=frozenset(documents(whole)),
        named=frozenset(map(normalise, quotations(whole))),
    )


def features(announcement: Announcement, post: Post) -> dict[str, float]:
    """By name: shares in 0…1, lengths in characters, `gap` in days (0 where a time is not known or tells nothing)."""
    known, everything = source(announcement.title, announcement.body), said(post)
    text, fours = spoken(everything).text, spoken(everything).grams
    shared = overlap(text, known.text, known.fours)
    told = tuple(figures(everything))
    there, back = compare(told, known.figures), compare(known.told, by_context(told))
    measured = {
        "cf": shared.covered,
        "run": min(shared.run, 120),
        "matched": min(shared.matched, 300),
        "c2": _share(len(text) - 1, lambda i: text[i : i + 2] in known.pairs),
        "c1": _share(len(text), lambda i: text[i] in known.characters),
        "lead": len(known.lead & fours) / len(known.lead) if known.lead else 0.0,
        "acov": len(known.rare & fours) / max(1, len(known.rare)),
        "same": min(there.same, 10),
        "conf": min(there.other, 10),
        "crate": there.contradicted,
        "dates": min(there.other_dates, 6),
        "drate": there.dates_contradicted,
        "bsame": min(back.same, 10),
        "bconf": min(back.other, 10),
        "bcrate": back.contradicted,
        "bdrate": back.dates_contradicted,
        "w2": _weighed(grams(text, 2), known.pairs),
        "quoted": max((own(one) for one in map(normalise, quotations(everything)) if _cites(one, known)), default=0),
        "swap": min(10.0, 100 * shared.swapped / max(30, shared.matched)),
        "places": min(shared.places, 5),
        "document": _documents(known, everything),
        "len": min(len(text), 400),
        "alen": min(len(known.text), 400),
    }
    measured |= _title(announcement, known, post, text) | _sentences(announcement, known, post)
    return measured | {"gap": 0.0 if _is_plain(known, measured) else min(_gap(announcement, post), 10)}


def _is_plain(known: Source, measured: Mapping[str, float]) -> bool:
    """A copy, or a title that nobody uses twice, with no other figures: whenever it was posted, it is of this one."""
    copied = measured["cf"] >= 0.6 and measured["run"] >= 30
    named = measured["titled"] == 1 and len(known.title) >= DISTINCTIVE_TITLE and not measured["sf2"]
    return (copied or named) and min(measured["conf"], measured["bconf"]) < 1


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
        "tconf": min(3, compare(figures(closest), known.title_figures).other),
        "tplace": float(not whole and names_another_place(known.title, closest)),
        "cited": float(whole and is_cited(announcement.title, everything)),
        "status": float(bool(status_words(known.text, known.title, found))),
        "rest": min(len(rest), 300),
        "restc": len(rest_fours & known.fours) / len(rest_fours) if rest_fours else 1.0,
    }


def _sentences(announcement: Announcement, known: Source, post: Post) -> dict[str, float]:
    """Sentences that come from the announcement, and the figures and days in those near it that it does not know."""
    everything = said(post)
    whole = near = strange = longest = 0
    told, named = numbers(everything), set[Day]()
    for sentence in sentences(everything):
        text = normalise(sentence)
        if len(text) < 6:
            continue
        parts, pairs = grams(text), grams(text, 2)
        share = len(parts & known.fours) / len(parts)
        if share >= 0.9:
            longest = max(longest, own(text))
        whole += len(text) if share >= 0.75 and len(text) >= 10 and not parts <= common() else 0
        # Other figures break up the runs of four, so pairs count too.
        if share >= 0.3 or len(pairs & known.pairs) >= 0.55 * len(pairs):
            found = numbers(sentence)
            near += len(found)
            strange += len(found - known.numbers)
            named |= days(sentence)
    return {
        "mseg": min(whole, 200),
        "sf2": min(strange, 6),
        "rate": strange / near if near else 0.0,
        "foreign": len(told - known.numbers) / len(told) if told else 0.0,
        "seg": min(longest, 120),
        "day": _day(named - day_of(post.published_at), known.days | day_of(announcement.published_at)),
    }


def _documents(known: Source, everything: str) -> float:
    """1: the announcement's document number is named; -1: only others are."""
    named = documents(everything)
    if not named or not known.documents:
        return 0.0
    return 1.0 if named & known.documents else -1.0


def _day(named: set[Day], known: set[Day]) -> float:
    """1: a day is named that the announcement knows; -1: only others are."""
    if not named or not known:
        return 0.0
    return 1.0 if same_day(named, known) else -1.0


def own(normalised: str) -> int:
    """Characters that belong to no common run."""
    return len(normalised) - sum(stock(normalised))


def _cites(text: str, known: Source) -> bool:
    """Whether what stands in quotation marks is the announcement's; the name of something it quotes too is anybody's."""
    parts = grams(text)
    return len(text) >= 8 and len(parts & known.fours) >= 0.9 * len(parts) and text not in known.named


def _weighed(mine: set[str], theirs: frozenset[str]) -> float:
    """Share of the pairs that stand in the announcement too, rare ones counting more."""
    return rarity(mine & theirs) / rarity(mine) if mine else 0.0


def _share(count: int, hit: Callable[[int], bool]) -> float:
    return sum(map(hit, range(count))) / count if count > 0 else 0.0


def _gap(announcement: Announcement, post: Post) -> float:
    """Days from the announcement to the post; at least 0, for what is certainly earlier is decided before."""
    if announcement.published_at is None or post.published_at is None:
        return 0.0
    return max(0.0, (post.published_at - announcement.published_at).total_seconds() / DAY)
