"""The title of an article page, without the names of site and column that its `<title>` ends with."""

from __future__ import annotations

import re
from typing import Any

from gzcrawl.items import normalise_title
from gzcrawl.sources.cleaning import one_line
from gzcrawl.sources.govsite.document import Document

_HEADING_NAME = re.compile(r"title|tit\b|biaoti|(?:^|[-_ ])bt\d?(?:$|[-_ ])|headline", re.I)
_HEADINGS = frozenset(("h1", "h2", "h3", "ucaptitle"))
_BLOCKS = frozenset(("div", "p", "td", "span", "strong", "b", "font", "dt", "li"))
_LONGEST = 200
_SEPARATOR = re.compile(r"\s*(?:[_|｜丨]|-{2,}|—{1,2}|\s[-–·>]\s|(?<=[^\d\sA-Za-z])[-–](?=[^\d\sA-Za-z]))\s*")
_SITE_NAME = re.compile(
    r"网$|网站|门户|政府$|委员会$|[局厅委办部署院处]$|中心$|频道|新闻$|客户端|^首页$|\.(?:com|cn|net)\b|^中国[\u4e00-\u9fff]{2,3}$"
)
_LONGEST_NAME = 25
_TITLE_CELL = re.compile(r"^(?:信息)?(?:标\s*题|名\s*称|信息名称|文件名称)\s*[:：]?$")


def read_title(doc: Document) -> tuple[str, Any]:
    """(title, the heading that shows it or None); ("", None) if the page has none.

    The prescribed tag ArticleTitle is believed unless it names the site or the column; then the visible heading that
    the `<title>` repeats; then the table cell 标题; then the `<title>` without its tail.
    """
    names = {normalise_title(doc.meta(name)) for name in ("sitename", "columnname")} - {""}
    tagged = doc.meta("articletitle")
    if normalise_title(tagged) in names:
        tagged = ""
    whole = one_line(doc.root.xpath("string(//head/title | //title)").get(""))
    headings = [(text, node) for text, node in _headings(doc) if normalise_title(text) not in names]
    if tagged:
        return tagged, _showing(tagged, headings)
    named = [(text, node) for text, node in headings if node.tag == "ucaptitle"]
    within = named or [(text, node) for text, node in headings if _is_part(text, whole)]
    if within:
        return max(within, key=lambda pair: len(normalise_title(pair[0])))
    if celled := _from_table(doc):
        return celled
    cut = without_tail(whole, names) or doc.meta("og:title", "twitter:title")
    if cut and normalise_title(cut) not in names:
        return cut, _showing(cut, headings)
    return next(((text, node) for text, node in headings if node.tag in _HEADINGS), ("", None))


def without_tail(title: str, names: set[str]) -> str:
    """`标题_栏目_某某市人民政府` → `标题`: tails are cut while they are short and name a site or a column."""
    while True:
        places = list(_SEPARATOR.finditer(title))
        if not places or not places[-1].start():
            return title
        head, tail = title[: places[-1].start()], title[places[-1].end() :]
        known = normalise_title(tail) in names or _SITE_NAME.search(tail) or places[-1][0].strip() in ("_", "|", "--")
        if len(tail) > _LONGEST_NAME or not known:
            return title
        title = head.strip()


def _headings(doc: Document) -> list[tuple[str, Any]]:
    """Elements that may show a title, with their text on one line, in the order of the page."""
    found = []
    for element in doc.elements:
        tag = element.tag
        named = tag in _BLOCKS and _HEADING_NAME.search(f"{element.get('class', '')} {element.get('id', '')}")
        if tag in _HEADINGS or named:
            text = one_line(element.xpath("string()") if len(element) < 20 else "")
            if 1 < len(text) <= _LONGEST:
                found.append((text, element))
    return found


def _showing(title: str, headings: list[tuple[str, Any]]) -> Any:
    """The heading that shows a title: the same text, else one that begins with it."""
    wanted = normalise_title(title)
    same = [node for text, node in headings if normalise_title(text) == wanted]
    alike = [node for text, node in headings if wanted and normalise_title(text).startswith(wanted)]
    return next(iter((*same, *alike)), None)


def _is_part(text: str, whole: str) -> bool:
    """Whether the page's `<title>` begins with this heading, or holds it and little before it."""
    part, full = normalise_title(text), normalise_title(whole)
    return len(part) >= 4 and part in full and (full.startswith(part) or full.index(part) <= len(part))


def _from_table(doc: Document) -> tuple[str, Any] | None:
    """The cell behind 标题 in the table of a policy document (gov.cn, gkmlpt, information catalogues)."""
    for cell in doc.root.xpath("//td | //th | //label | //dt"):
        if _TITLE_CELL.match(one_line(cell.xpath("string()").get(""))[:12]):
            following = cell.xpath("following-sibling::*[1]")
            if text := one_line(following.xpath("string()").get("")):
                return text[:_LONGEST], following[0].root
    return None
