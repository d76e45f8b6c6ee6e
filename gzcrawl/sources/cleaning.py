"""Strings as published, made storable: what JSON and scripts may carry and a database or a hash may not."""

from __future__ import annotations

import html
import re
from typing import Any

_EDGES = " \t\r\n\v\f\u00a0\u200b\u200c\u200d\u2060\u3000\ufeff"
"""Weibo ends its texts with U+200B, verification texts with U+3000."""


def text_of(value: Any) -> str:
    """A string or number as clean text, "" for anything else.

    Lone surrogates (half an emoji, cut by a platform or by a truncated answer) become U+FFFD and pairs become one
    character, because neither UTF-8 nor MongoDB takes them.
    """
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\x00", "").strip(_EDGES)


def one_line(value: Any) -> str:
    """Like `text_of`, for names and titles: every run of white space is one space."""
    return re.sub(r"\s+", " ", text_of(value)).strip()


def readable(name: str) -> bool:
    """Whether a name may be compared with a registered one: not empty, and no character was lost in decoding."""
    return bool(name) and "\ufffd" not in name


def json_in(text: str) -> str:
    """The JSON of an answer; a browser that was sent to it shows it inside `<pre>` of a page of its own."""
    text = text.lstrip("\ufeff").strip()
    if text.startswith("<"):
        shown = text[text.find(">", text.find("<pre")) + 1 : text.rfind("</pre>")].strip()
        if "<pre" in text and shown.startswith("{") and shown.endswith("}"):
            return html.unescape(shown)
    return text


def as_int(value: Any) -> int | None:
    """A whole number given as a number or as digits; anything else is None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value.strip()) else None


def as_dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """A JSON array, also where it came as an object keyed "0", "1" … (PHP) or as its single member."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict) and value:
        return list(value.values()) if all(str(key).isdecimal() for key in value) else [value]
    return []
