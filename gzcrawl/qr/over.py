"""Whether the page behind a code says itself that the code is over, as services of 活码 do. Pure.

Only a page that says hardly anything else counts: an article may tell of such codes. No such page has been recorded
yet; the words are those in which these services and WeChat speak of codes and links (`链接已过期` was recorded).
"""

from __future__ import annotations

import re

from parsel import Selector

MOST_TEXT = 300
_OVER = re.compile(
    r"(?:二维码|活码|此码|该码|链接|内容)[^。；，,!！]{0,8}?(?:过期|失效|停用|禁用|到期|停止使用|暂停使用|暂停访问)"
)
_NOT = re.compile(r"(?:未|不会|没有|即将|如|若|是否)[^。；，,]{0,8}$")


def over(html: str) -> str:
    """The words that say so; empty where none do."""
    if not html.strip():
        return ""
    texts = Selector(html, type="html").xpath("//title//text() | //body//text()[not(parent::script or parent::style)]")
    text = " ".join(" ".join(texts.getall()).split())
    found = _OVER.search(text)
    if found is None or len(text) > MOST_TEXT or _NOT.search(found[0][:-2]):
        return ""
    return found[0]
