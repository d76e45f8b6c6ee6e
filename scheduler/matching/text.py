"""Texts made comparable: what decoration, width and spacing hide is the same."""

from __future__ import annotations

import re
import unicodedata

GRAM = 4

_URL = re.compile(r"https?://\S+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def normalise(text: str) -> str:
    """Width and case folded; links, spaces and punctuation dropped."""
    folded = unicodedata.normalize("NFKC", _URL.sub(" ", text)).casefold()
    return re.sub(r"[\W_]+", "", folded)


def grams(normalised: str) -> set[str]:
    """All runs of four characters; a shorter text is its own only gram."""
    if len(normalised) <= GRAM:
        return {normalised} if normalised else set()
    return {normalised[i : i + GRAM] for i in range(len(normalised) - GRAM + 1)}


def numbers(text: str) -> set[str]:
    """The numbers of a text (figures, dates, document numbers), without leading zeros."""
    folded = unicodedata.normalize("NFKC", _URL.sub(" ", text)).replace(",", "")
    return {found.lstrip("0") or "0" for found in _NUMBER.findall(folded)}
