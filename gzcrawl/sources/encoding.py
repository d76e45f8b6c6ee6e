"""Bytes to text, whatever the page says of itself."""

from __future__ import annotations

import codecs

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom

from gzcrawl.sources import Page

# What a declaration is believed for, if at all. Single-byte sets such as ISO-8859-1 (the default of many servers)
# decode any bytes without an error, so their claim proves nothing.
_BELIEVED = ("big5hkscs", "utf-16", "utf-16-le", "utf-16-be", "euc_jp", "cp932", "cp949")


def decode(page: Page) -> str:
    """The text of the body. Never fails: what no encoding explains becomes U+FFFD.

    UTF-8 verifies itself, so it wins over a header or meta tag that contradicts it, also where some bytes are damaged
    or the end is cut off. All else on Chinese government sites is GB18030, whichever subset of it (gb2312, gbk) or
    foreign charset is declared, except where another multi-byte charset is declared and explains the bytes better.
    """
    marked, mark = read_bom(page.body)
    if marked and mark:
        return page.body[len(mark) :].decode(marked, "replace")
    try:
        # A body cut inside a character is still UTF-8: `final=False` drops the torn end.
        return codecs.getincrementaldecoder("utf-8")().decode(page.body)
    except UnicodeDecodeError:
        text = page.body.decode("utf-8", "replace")
    if _damaged_only(text):
        return text
    declared = http_content_type_encoding(page.headers.get("content-type")), html_body_declared_encoding(page.body)
    names = [name for name in declared if name in _BELIEVED]
    attempts = [page.body.decode(name, "replace") for name in (*names, "gb18030")]
    return min(attempts, key=lambda attempt: attempt.count("\ufffd"))


def _damaged_only(text: str) -> bool:
    """Whether the text, decoded as UTF-8, has far more characters than errors; GBK bytes never have."""
    errors = text.count("\ufffd")
    foreign = sum(char > "\x7f" for char in text) - errors
    return foreign > 3 * errors
