"""The operator's word list: wrong names and frequent errors, found in a text by Aho-Corasick.

A list is a file. TOML: `[[word]]` with `term` and, if wanted, `severity`, `suggestion`, `exceptions`. CSV with the same columns
(exceptions parted by `|`; UTF-8 or GB18030, as Excel saves it). Text: a term a line, behind a tab what to write instead.
An exception is a longer wording that contains the term and is right: 原卫计委.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ahocorasick_rs import AhoCorasick, MatchKind

from scheduler.findings import Severity
from scheduler.profile import Profile

ENV = "GZCRAWL_WORDS"

CONTEXT = 20
"""Characters shown on either side of a hit."""

COLUMNS = {"词语": "term", "级别": "severity", "建议": "suggestion", "例外": "exceptions"}

BLANK = re.compile(r"[^\S\n]|[\u200b-\u200d\u2060\ufeff\u00ad]")
"""What may stand between the characters of a word without parting it; a new line does."""


class WordListError(ValueError):
    """The list cannot be used; the message names file and line and says what is allowed."""


@dataclass(frozen=True, slots=True)
class Word:
    term: str
    severity: str = "low"
    suggestion: str = ""
    exceptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    term: str
    severity: str
    suggestion: str
    context: str  # the text around it, as it was written


@dataclass(frozen=True)
class WordList:
    words: tuple[Word, ...]

    @cached_property
    def version(self) -> str:
        """The same for the same words in whatever file: what was checked with it need not be checked again."""
        told = json.dumps([asdict(word) for word in self.words], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def find(self, text: str) -> list[Hit]:
        """The hits in a text in their order. Of overlapping ones the leftmost, then the longest counts."""
        plain = BLANK.sub("", unicodedata.normalize("NFKC", text)).casefold()
        if not self._machine.find_matches_as_indexes(plain):  # nearly always; what follows is ten times as dear
            return []
        folded, places = _fold(text)
        hits = []
        for pattern, start, end in self._machine.find_matches_as_indexes(folded):
            word = self._patterns[pattern]
            if word is not None and not _within_latin(folded, start, end):
                first, last = places[start], places[end - 1] + 1
                context = text[max(0, first - CONTEXT) : last + CONTEXT]
                hits.append(Hit(word.term, word.severity, word.suggestion, " ".join(context.split())))
        return hits

    @cached_property
    def _patterns(self) -> list[Word | None]:
        """A word for each pattern of the machine; None for an exception, which wins by beginning earlier or being longer."""
        return [owner for word in self.words for owner in (word, *(None for _ in word.exceptions))]

    @cached_property
    def _machine(self) -> AhoCorasick:
        patterns = [_fold(each)[0] for word in self.words for each in (word.term, *word.exceptions)]
        return AhoCorasick(patterns, matchkind=MatchKind.LeftmostLongest)


def configured(profile: Profile) -> WordList | None:
    """The list that `GZCRAWL_WORDS` or the profile names, if one does."""
    path = os.environ.get(ENV) or profile.rule("wording").word("list")
    return load(Path(path)) if path else None


def load(path: Path) -> WordList:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise WordListError(
            f"词表 {path} 读不了：{error.strerror}。请检查方案的 rules.wording.list 或 {ENV}"
        ) from error
    readers = {".toml": _from_toml, ".csv": _from_csv}
    try:
        rows = list(readers.get(path.suffix.lower(), _from_text)(_decode(raw)))
    except (tomllib.TOMLDecodeError, csv.Error, UnicodeDecodeError) as error:
        raise WordListError(f"词表 {path} 不是有效的{path.suffix}文件：{error}") from error
    words = [_word(row, f"词表 {path} 第 {number} {'行' if readers.get(path.suffix) is not _from_toml else '条'}")
             for number, row in rows]  # fmt: skip
    seen: dict[str, Word] = {}
    for word in words:
        if seen.setdefault(_fold(word.term)[0], word) is not word:
            raise WordListError(f"词表 {path} 中“{word.term}”出现了两次")
    return WordList(tuple(words))


Row = tuple[int, Mapping[str, Any]]


def _from_toml(text: str) -> Iterator[Row]:
    yield from enumerate(tomllib.loads(text).get("word", ()), 1)


def _from_csv(text: str) -> Iterator[Row]:
    for number, row in enumerate(csv.DictReader(io.StringIO(text), strict=True), 2):
        told = {COLUMNS.get(name or "", name or ""): value or "" for name, value in row.items()}
        yield (
            number,
            {**told, "exceptions": [each for each in str(told.get("exceptions", "")).split("|") if each.strip()]},
        )


def _from_text(text: str) -> Iterator[Row]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            term, _, suggestion = line.partition("\t")
            yield number, {"term": term, "suggestion": suggestion}


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030")


def _word(row: Mapping[str, Any], where: str) -> Word:
    unknown = set(row) - set(COLUMNS.values())
    if unknown:
        raise WordListError(
            f"{where}有不认识的栏目 {'、'.join(map(repr, sorted(unknown)))}，可用 {'、'.join(COLUMNS.values())}"
        )
    term, severity = str(row.get("term", "")).strip(), str(row.get("severity") or "low").strip().lower()
    exceptions = tuple(str(each).strip() for each in row.get("exceptions", ()))
    if not _fold(term)[0]:
        raise WordListError(f"{where}没有词语（term）")
    if severity.upper() not in Severity.__members__:
        raise WordListError(f"{where}的级别 {severity!r} 无效，可用 {'、'.join(s.name.lower() for s in Severity)}")
    for each in exceptions:
        if _fold(term)[0] not in _fold(each)[0] or _fold(term)[0] == _fold(each)[0]:
            raise WordListError(f"{where}的例外“{each}”应包含“{term}”并比它长")
    return Word(term, severity, str(row.get("suggestion", "")).strip(), exceptions)


def _fold(text: str) -> tuple[str, Sequence[int]]:
    """Width and case folded, blanks left out; and for each character the place in `text` it comes from."""
    folded, places = [], []
    for place, character in enumerate(text):
        if not BLANK.match(character):
            for each in unicodedata.normalize("NFKC", character).casefold():
                folded.append(each)
                places.append(place)
    return "".join(folded), places


def _within_latin(text: str, start: int, end: int) -> bool:
    """Whether the hit is a part of a longer word in Latin letters or of a longer number."""
    sides = ((text[start - 1 : start], text[start]), (text[end - 1], text[end : end + 1]))
    return any(re.fullmatch(r"[a-z0-9]{2}", before + after) for before, after in sides)
