"""Texts made comparable: what decoration, width and spacing hide is the same; what is said everywhere tells nothing."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib import resources

import opencc

# Addresses, and what the platforms print in their place or around a text.
_URL = re.compile(r"https?://[!-~]+|[OL]?网页链接|(?:\.{3}|…)?(?:展开|收起|查看)?全文[cd]?(?=\s|$|[:：])|\u200b")
_DROPPED = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")

# ①, ⑴ and "1." at the start of an item count the items; they are no figures of the text.
_ENUMERATION = re.compile(r"[\u2460-\u24ff\u2776-\u2793]|(?:(?<=\n)|^|(?<=\s))\d{1,2}[.、．)）](?!\d)")

_SENTENCE = re.compile(r"[。！？!?；;\n\r…]+|[“”\"「」]|[①-⑳]|　　")

_QUOTED = re.compile(r"“([^“”]{6,400})”|「([^「」]{6,400})」|『([^『』]{6,400})』|\"([^\"]{6,400})\"")

LONGEST = 100_000
"""Characters of a text that are looked at: ten times the longest notice."""


def normalise(text: str) -> str:
    """Width, case and traditional characters folded; links, spaces and punctuation dropped."""
    folded = unicodedata.normalize("NFKC", _URL.sub(" ", text[:LONGEST])).casefold()
    return _DROPPED.sub("", folded).translate(_simplified())


@cache
def _simplified() -> dict[int, str]:
    """Each traditional character of the basic block and its simplified one."""
    convert = opencc.OpenCC("t2s").convert
    simple = {code: convert(chr(code)) for code in range(0x4E00, 0xA000)}
    return {code: found for code, found in simple.items() if found != chr(code)}


def grams(normalised: str, size: int = 4) -> set[str]:
    """All runs of `size` characters; a shorter text is its own only gram."""
    if len(normalised) <= size:
        return {normalised} if normalised else set()
    return {normalised[i : i + size] for i in range(len(normalised) - size + 1)}


def without_item_numbers(text: str) -> str:
    return _ENUMERATION.sub(" ", _URL.sub(" ", text[:LONGEST]))


def numbers(text: str) -> set[str]:
    """The figures of a text (amounts, dates, document numbers), without leading zeros and item numbers."""
    folded = unicodedata.normalize("NFKC", without_item_numbers(text)).replace(",", "")
    return {found.lstrip("0") or "0" for found in _NUMBER.findall(folded)}


def sentences(text: str) -> list[str]:
    """Sentences, list items and quotations of a text, as written."""
    return [part for part in _SENTENCE.split(text) if part.strip()]


def quotations(text: str) -> list[str]:
    """What stands in quotation marks."""
    return [next(filter(None, found)) for found in _QUOTED.findall(text)]


RAREST = 3.6
"""What a pair weighs that stands in fewer announcements than are counted: the logarithm of how few they are."""


def rarity(pairs: Iterable[str]) -> float:
    """What pairs of characters weigh together: those that stand everywhere hardly anything."""
    known = _weights()
    return math.fsum(known.get(pair, RAREST) for pair in pairs)


@cache
def _weights() -> dict[str, float]:
    """The weight of pairs that many notices have (bench/train_matcher.py background)."""
    file = resources.files(__package__) / "pairs.json"
    loaded: dict[str, float] = json.loads(file.read_text(encoding="utf-8"))
    return loaded


@cache
def common() -> frozenset[str]:
    """Runs of four characters that stand in many notices and prove no repost (bench/train_matcher.py background)."""
    file = resources.files(__package__) / "common.json"
    return frozenset(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else frozenset()


def stock(normalised: str) -> bytearray:
    """For each character, 1 where it belongs to a common run of four."""
    known, marked = common(), bytearray(len(normalised))
    for at in range(len(normalised) - 3):
        if normalised[at : at + 4] in known:
            marked[at : at + 4] = b"\1\1\1\1"
    return marked
