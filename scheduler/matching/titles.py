"""How a post carries the announcement's title, and whether it says that it is another notice about the first."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher

from scheduler.matching.text import grams, normalise

_HEADLINES = re.compile(r"【([^】]{4,80})】|#([^#\n]{4,60})#|《([^》]{6,120})》")
_SENTENCE = re.compile(r"[。！？!?；;\n]|https?://[!-~]*")
_LINE = re.compile(r"\n|https?://[!-~]*")
_BULLET = re.compile(r"^\s*(?:[·•●◆▶►★☆*-]|\d{1,2}[.、．)）]|[一二三四五六七八九十]+、|[①-⑳])?\s*")

LINES = 300

# A title that a text only refers to: 落实《…》, 根据《…》, 《…》精神.
_VERB = "落实|贯彻|根据|按照|依据|执行|依照|学习|围绕|结合|针对|对照|遵照|依|据|按|解读|修改|修订|废止|更正|补充"
_BEFORE = re.compile(rf"(?:{_VERB})(?:了|好|的|关于)?[《“「]?$")
_AFTER = re.compile(
    r"^[》”」]?(?:等?文件|的?精神|要求|有关要求|相关要求|的?有关|的?相关规定|政策解读|的?解读|的?补充|的?修订|的?更正)"
)

STATUS = re.compile(
    r"延期|延后|推迟|延长|取消|更正|勘误|解除|终止|中止|暂缓|暂停|恢复(?:供|通|开|正常)|补充(?:通知|公告|规定)|修订|修改|废止|作废|撤销|撤回|"
    r"征求意见|实施细则|落实情况|综述|述评"
)
"""Words by which a title says that it is another notice about the first."""

BROADCAST = "直播"
"""A first headline that says so tells where to watch, whatever it is about: no repost of a text that does not."""

_PLACE = re.compile(r"[省市县区州盟旗镇乡村路街]")
SAME_BUT_FOR = 0.6
"""From this likeness on two titles are of one form."""

ALIKE = 0.35
"""From this likeness on a headline is about the announcement."""

_FRAME = re.compile(r"^.{0,24}?(?:印发|转发|发布|公布)?关于|(?:的)?(?:通知|公告|通告|通报|意见|批复|决定|函|令|公示)$")


def headlines(title: str | None, text: str) -> list[str]:
    """What may be a headline in a post, normalised: its title, what stands in 【】, #…# or 《》, its sentences."""
    marked = [next(filter(None, found)) for found in _HEADLINES.findall(text)[:LINES]]
    return [normal for one in (title or "", *marked, *_SENTENCE.split(text)[:LINES]) if (normal := _headline(one))]


def lines(title: str | None, text: str) -> list[str]:
    """The title and the lines of a post, normalised: an item of a list is one."""
    return [normal for one in (title or "", *_LINE.split(text)[:LINES]) if (normal := _headline(one))]


def _headline(text: str) -> str:
    """Normalised and without a bullet; "" for what is too short or too long for a headline."""
    normal = normalise(_BULLET.sub("", text)) if len(text) <= 150 else ""
    return normal if 4 <= len(normal) <= 100 else ""


def likeness(known: str, headline: str) -> float:
    """How far two titles are the same, by pairs of characters: 0 … 1."""
    mine, theirs = grams(headline, 2), grams(known, 2)
    return 2 * len(mine & theirs) / (len(mine) + len(theirs)) if mine and theirs else 0.0


def names_another_place(known: str, headline: str) -> bool:
    """The same title but for the place: 章江市防汛指挥部关于…, 虎岭县防汛指挥部关于…"""
    if known == headline or likeness(known, headline) < SAME_BUT_FOR:
        return False
    parts = SequenceMatcher(None, known, headline, autojunk=False).get_opcodes()
    return any(
        kind == "replace"
        and _PLACE.search(known[a : b + 1]) is not None
        and _PLACE.search(headline[c : d + 1]) is not None
        for kind, a, b, c, d in parts
    )


def core(normal_title: str) -> str:
    """A title without who says it and what kind of paper it is: 章江市水务局关于…停水的通告 -> …停水."""
    return _FRAME.sub("", normal_title)


def is_cited(known: str, spoken: str) -> bool:
    """Whether every place where the title stands only refers to it."""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", spoken)).casefold()
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", known)).casefold()
    places = [found.start() for found in re.finditer(re.escape(plain), text)] if plain else []
    return bool(places) and all(
        _BEFORE.search(text[max(0, at - 8) : at]) or _AFTER.match(text[at + len(plain) : at + len(plain) + 10])
        for at in places
    )


def status_words(known: str, title: str, lines: list[str]) -> set[str]:
    """Status words that the announcement (normalised, with its title) has nowhere, in headlines that resemble its title."""
    short = core(title)
    near = [line for line in lines if (len(short) >= 6 and short in line) or likeness(title, line) >= ALIKE]
    said = {word for line in near for word in STATUS.findall(line)} | {
        BROADCAST for line in lines[:1] if BROADCAST in line
    }
    return {word for word in said if word not in known}
