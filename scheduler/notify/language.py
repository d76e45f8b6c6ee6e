"""The language of a mail: what we write around the record. The record itself (what a rule said, quotations, names) stays as it is.

A text is known by its Chinese wording; `languages/CODE.toml` gives each of them in another language. A text that a file
does not know is shown in Chinese, so that a mail is sent all the same; `tests/notify/test_language.py` lets no file lack one.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from scheduler.findings import RuleMeta

CHINESE = "zh-CN"
FOLDER = files("scheduler.notify") / "languages"


@dataclass(frozen=True, slots=True)
class Language:
    """`code` as in HTML's `lang` (BCP 47); `texts`: Chinese -> this language."""

    code: str
    texts: Mapping[str, str] = field(compare=False)

    def __call__(self, text: str, /, **facts: str | int) -> str:
        """The text with `facts` in its `%(name)s`."""
        said = self.texts.get(text, text)
        return said % facts if facts else said

    @property
    def is_chinese(self) -> bool:
        return self.code == CHINESE

    def rule(self, meta: RuleMeta) -> str:
        """The name of a rule: the file's, else the English one."""
        return meta.title if self.is_chinese else self.texts.get(meta.title, meta.title_en)

    def duty(self, meta: RuleMeta) -> str:
        """What the rule demands; nothing in Chinese, where the sentence says it."""
        return "" if self.is_chinese else self.texts.get(meta.duty, meta.duty).replace("`", "")


ZH = Language(CHINESE, {})


def languages() -> list[str]:
    """Codes of all there are, Chinese first."""
    return [CHINESE, *sorted(f.name.removesuffix(".toml") for f in FOLDER.iterdir() if f.name.endswith(".toml"))]


@cache
def language(code: str = CHINESE) -> Language:
    """`ValueError` says which there are."""
    if code not in languages():
        near = difflib.get_close_matches(code, languages(), n=1, cutoff=0.3)
        meant = f"，是不是 {near[0]}？" if near else "；"
        raise ValueError(f"没有语言 {code!r}{meant}可用 {'、'.join(languages())}")
    if code == CHINESE:
        return ZH
    return Language(code, tomllib.loads((FOLDER / f"{code}.toml").read_text(encoding="utf-8")))
