"""Pages that stand where content was: a note that it is gone, or a redirect by script."""

from __future__ import annotations

import re

from gzcrawl.items import Outcome
from gzcrawl.sources import Parsed
from gzcrawl.sources.govsite.document import Document
from gzcrawl.sources.govsite.flow import Flow

_MISSING = re.compile(
    r"(?:页面|网页|信息|文章|内容|栏目|文件)[^。\n]{0,10}(?:不存在|已删除|已被删除|已撤销|找不到|未找到)|^404\b|\b404 not found",
    re.I,
)
_REDIRECT = re.compile(
    r"""location(?:\.href)?\s*=\s*["']([^"']+)["']|location\.replace\(\s*["']([^"']+)["']|
    http-equiv=["']?refresh["']?[^>]{0,40}url=["']?([^"'>\s]+)""",
    re.I | re.X,
)
_FEW_WORDS = 400
_A_WORD = 20


def instead(doc: Document, flow: Flow) -> Parsed | None:
    """What a page of few words says instead of its content, None if it is none of these.

    `redirect_page` carries the address it leads to in the hint `location`.
    """
    shown = re.sub(r"\s+", " ", flow.text).strip()
    if len(shown) > _FEW_WORDS:
        return None
    title = doc.root.xpath("string(//title)").get("").strip()
    if found := _MISSING.search(f"{title}\n{shown}"):
        return Parsed(outcome=Outcome.GONE, reason="page_not_found", detail=found[0][:100])
    if len(shown) < _A_WORD and (found := _REDIRECT.search(doc.text[:20_000])):
        target = doc.link(next(filter(None, found.groups())))
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="redirect_page", hints={"location": target})
    return None
