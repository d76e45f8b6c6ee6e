"""What tells this week's notice from last week's: figures, dates, levels and colours, compared where the words around them agree."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from gzcrawl.items import SHANGHAI
from scheduler.matching.text import normalise, without_item_numbers

_NUMERAL = "一二三四五六七八九十百零〇两"
# A date is one figure: another day of the same month is another date.
_SLOT = re.compile(
    rf"\d{{1,2}}月\d{{1,2}}(?=[日号])|\d+|(?<=第)[{_NUMERAL}]+|[{_NUMERAL}]+(?=[级月日号期次批届轮季周度])|[红橙黄蓝](?=色)|(?<=[周期])[一二三四五六日]"
)
_BRACKETED = re.compile(r"([\u4e00-\u9fff]{1,12})[〔\[［【(（]((?:19|20)\d\d)[〕\]］】)）]\s*(?:第\s*)?(\d{1,5})\s*号")
_BAR = "ǀ"  # a letter to Unicode: keeps apart what dropped punctuation would join
_APART = re.compile(r"(?<=\d)(?![.,]\d)[\W_]+(?=\d)")
_DAY = re.compile(r"(?:(\d{1,2})月)?(?<!\d)(\d{1,2})[日号](?!楼|线|院|门|店|文)")
_ROUNDED = ("万", "亿")
_DATE = ("月", "日", "号", "年")

SIDE, LONE = 4, 6
"""Characters of context: on both sides, or on one side alone."""
WORDS, LONE_WORDS = 4, 5
"""So many of them at least must be words, not figures themselves."""
LOST = 0.3
"""What a figure weighs that only lacks digits of the announcement's: it may have been cut off or mistyped."""


@dataclass(frozen=True, slots=True)
class Figure:
    value: str
    after: str  # the character behind it
    between: str  # its context on both sides; "" where there is too little
    beside: tuple[str, ...]  # its contexts on one side


Known = dict[str, set[str]]
"""The values that stand in each context of a text."""


def figures(text: str) -> Iterator[Figure]:
    """Each figure of a text with the words around it, in which figures are 0."""
    folded = unicodedata.normalize("NFKC", without_item_numbers(text))
    normal = normalise(_APART.sub(_BAR, folded))
    masked = _SLOT.sub("0", normal)
    shift = 0
    for slot in _SLOT.finditer(normal):
        at = slot.start() - shift
        shift += len(slot[0]) - 1
        left, right = masked[max(0, at - LONE) : at], masked[at + 1 : at + 1 + LONE]
        between = f"{left[-SIDE:]}|{right[:SIDE]}"
        beside = (f"{left}|" if _words(left) >= LONE_WORDS else "", f"|{right}" if _words(right) >= LONE_WORDS else "")
        yield Figure(
            slot[0].lstrip("0") or "0",
            right[:1],
            between if _words(between) > WORDS else "",
            tuple(filter(None, beside)),
        )


def _words(context: str) -> int:
    return len(context) - context.count("0") - context.count(_BAR)


def by_context(told: Iterable[Figure]) -> Known:
    found: Known = {}
    for figure in told:
        for context in filter(None, (figure.between, *figure.beside)):
            found.setdefault(context, set()).add(figure.value)
    return found


@dataclass(slots=True)
class Agreement:
    """How many figures of a text agree with those of another in the same words, and how many contradict them."""

    same: int = 0
    other: float = 0.0
    same_dates: int = 0  # of them
    other_dates: float = 0.0

    @property
    def contradicted(self) -> float:
        """Share of what can be compared."""
        return self.other / (self.same + self.other) if self.other else 0.0

    @property
    def dates_contradicted(self) -> float:
        return self.other_dates / (self.same_dates + self.other_dates) if self.other_dates else 0.0


def compare(told: Iterable[Figure], known: Known) -> Agreement:
    found = Agreement()
    for figure in told:
        values = known.get(figure.between, set())
        if not values:
            values = set[str]().union(*(known.get(context, ()) for context in figure.beside))
            values = values if len(values) <= 2 or figure.value in values else set()
        if figure.value in values or (figure.after in _ROUNDED and _rounds(figure.value, values)):
            found.same += 1
            found.same_dates += figure.after in _DATE
        elif values:
            weight = LOST if any(_may_be_the_same(figure.value, one) for one in values) else 1.0
            found.other += weight
            found.other_dates += weight if figure.after in _DATE else 0
    return found


def _may_be_the_same(value: str, exact: str) -> bool:
    """Digits of it are lost, or it begins with it: 9.26 for 9月26日."""
    left = iter(exact)
    lost = len(value) < len(exact) and all(digit in left for digit in value)
    return lost or (len(value) >= len(exact) + 2 and value.startswith(exact))


def _rounds(value: str, exact: set[str]) -> bool:
    """22.7万 for 226783."""
    size = len(value)
    return value.isdigit() and any(
        len(one) > size and one.isdigit() and abs(int(one[:size]) - int(value)) <= 1 for one in exact
    )


Day = tuple[str, str]
"""Month (or "" where only the day is named) and day."""


def days(text: str) -> set[Day]:
    """The days a text names."""
    folded = unicodedata.normalize("NFKC", text)
    return {(month.lstrip("0"), day.lstrip("0")) for month, day in _DAY.findall(folded)}


def day_of(at: datetime | None) -> set[Day]:
    """The day of an instant in Shanghai."""
    return {(str(local.month), str(local.day))} if at and (local := at.astimezone(SHANGHAI)) else set()


def same_day(mine: set[Day], theirs: set[Day]) -> bool:
    return any(
        day == other and (month == its_month or not (month and its_month))
        for month, day in mine
        for its_month, other in theirs
    )


def documents(text: str) -> set[str]:
    """Document numbers as issuing word, year and number: 赣府办发〔2025〕12号 -> 赣府办发2025-12."""
    return {f"{word[-4:]}{year}-{int(number)}" for word, year, number in _BRACKETED.findall(text)}
