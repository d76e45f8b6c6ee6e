"""Bytes to text, whatever the page says of itself."""

from __future__ import annotations

import codecs
import re

from gzcrawl.sources import Page

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with the one of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
_META_BYTES = 4096  # browsers look for the meta tag in the first 1024 bytes; pages here put scripts before it


def decode(page: Page) -> str:
    """The text of the body. Never fails: what no encoding explains becomes U+FFFD.

    UTF-8 verifies itself, so it wins over a header or meta tag that contradicts it. Otherwise the declared charset
    and GB18030 (which government pages labelled gb2312 really use) compete by the fewest undecodable bytes.
    """
    for mark, encoding in _BOMS:
        if page.body.startswith(mark):
            return page.body[len(mark) :].decode(encoding, "replace")
    try:
        # A body cut inside a character is still UTF-8: `final=False` drops the torn end.
        return codecs.getincrementaldecoder("utf-8")().decode(page.body)
    except UnicodeDecodeError:
        attempts = [page.body.decode(encoding, "replace") for encoding in _candidates(page)]
        return min(attempts, key=lambda text: text.count("\ufffd"))


def _candidates(page: Page) -> list[str]:
    """Encodings to try, the most trusted first."""
    head = page.body[:_META_BYTES].decode("ascii", "ignore")
    names = []
    for declaration in (page.headers.get("content-type", ""), head):
        if found := _CHARSET.search(declaration):
            names.append(_python_name(found[1]))
    return [name for name in dict.fromkeys([*names, "gb18030", "utf-8"]) if name]


def _python_name(label: str) -> str:
    """The codec for a charset label, "" for an unknown one; the GB family is read as its superset GB18030."""
    if label.lower().replace("-", "").replace("_", "") in ("gb2312", "gbk", "gb18030", "xgbk", "gb23121980"):
        return "gb18030"
    try:
        info = codecs.lookup(label)
    except LookupError:
        return ""
    # Python also calls base64, rot13 … codecs; `_is_text_encoding` is how the standard library tells them apart.
    return info.name if info._is_text_encoding else ""
