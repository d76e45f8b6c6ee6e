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
_SEPARATOR = re.compile(r"\s*(?:[_|｜丨»]|>{1,2}|-{2,}|—{1,2}|\s[-–·]\s|(?<=[^\d\sA-Za-z])[-–](?=[^\d\sA-Za-z]))\s*")
_SITE_NAME = re.compile(
    r"网$|网站|门户|政府$|委员会$|[局厅委办部署院处]$|中心$|频道|新闻$|客户端|^首页$|\.(?:com|cn|net)\b|^中国[\u4e00-\u9fff]{2,3}$"
)
_COLUMN = re.compile(
    r"(?:通知|公告|公示|动态|新闻|要闻|信息|文件|解读|快讯|政务|工作|政府|公开|法规|政策|专题|专栏|简报|部门|基层|图片|视频|最新|本地|综合){2,4}"
)
_SITE = re.compile(r"(?:网|网站|政府|委员会|局|厅|办公室|门户|中心|平台)$")
"""The end of a `<title>` that names the site only: such a page shows its title elsewhere."""
_LONGEST_NAME = 25
_A_TITLE = 6  # characters
_LARGE = re.compile(r"size=\+?[3-7];|font-size\s*:\s*(?:1[8-9]|2\d|3\d)(?:px|pt)", re.I)
_TITLE_CELL = re.compile(r"^(?:信息)?(?:标\s*题|名\s*称|信息名称|文件名称)\s*[:：]?$")


def read_title(doc: Document) -> tuple[str, Any]:
    """(title, the heading that shows it or None); ("", None) if the page has none.

    The prescribed tag ArticleTitle is believed unless it names the site or the column; then the visible heading that
    the `<title>` repeats; then the table cell 标题; then the `<title>` without names before and after it; where that
    is a site's name, the first heading that is none; last, what is printed large.
    """
    names = {normalise_title(doc.meta(name)) for name in ("sitename", "columnname")} - {""}
    tagged = doc.meta("articletitle")
    if normalise_title(tagged) in names:
        tagged = ""
    whole = one_line(doc.root.xpath("string(//head/title | //title)").get(""))[: 2 * _LONGEST]
    headings = [(text, node) for text, node in _headings(doc) if normalise_title(text) not in names]
    if tagged:
        return tagged, _showing(tagged, headings, doc)
    named = [(text, node) for text, node in headings if node.tag == "ucaptitle"]
    within = named or [(text, node) for text, node in headings if _is_part(text, whole)]
    if within:
        return max(within, key=lambda pair: len(normalise_title(pair[0])))
    if celled := _from_table(doc):
        return celled
    cut = without_head(without_tail(whole, names), names) or doc.meta("og:title", "twitter:title")
    if cut and normalise_title(cut) not in names and not _SITE.search(cut):
        return cut, _showing(cut, headings, doc)
    likely = [(text, node) for text, node in headings if not _is_name(text, names) and len(text) >= _A_TITLE]
    likely = [(text, node) for text, node in likely if node.tag in _HEADINGS or cut] or _large(doc, names)
    if likely:
        return likely[0]
    return (cut, None) if cut and normalise_title(cut) not in names else ("", None)


def without_tail(title: str, names: set[str]) -> str:
    """`标题_栏目_某某市人民政府` → `标题`: tails are cut while they are short and name a site or a column."""
    while True:
        places = list(_SEPARATOR.finditer(title))
        if not places or not places[-1].start():
            return title
        head, tail = title[: places[-1].start()], title[places[-1].end() :]
        known = _is_name(tail, names) or places[-1][0].strip() in ("_", "|", "--")
        if len(tail) > _LONGEST_NAME or not known:
            return title
        title = head.strip()


def without_head(title: str, names: set[str]) -> str:
    """`某某市人民政府>>通知公告>>标题` → `标题`."""
    while (place := _SEPARATOR.search(title)) and place.start() <= _LONGEST_NAME:
        head, tail = title[: place.start()], title[place.end() :]
        if not tail or not _is_name(head, names):
            break
        title = tail
    return title


def _is_name(text: str, names: set[str]) -> bool:
    """Whether a piece of a title names the site or a column."""
    known = normalise_title(text) in names or _SITE_NAME.search(text) or _COLUMN.fullmatch(text)
    return bool(known) and len(text) <= _LONGEST_NAME


def _large(doc: Document, names: set[str]) -> list[tuple[str, Any]]:
    """What old table layouts print large: `<font size=5>`, `font-size:24px`."""
    found = [(one_line(e.xpath("string()")), e) for e in doc.elements if e.tag in _BLOCKS and _LARGE.search(_look(e))]
    return [(text, e) for text, e in found if _A_TITLE <= len(text) <= _LONGEST and not _is_name(text, names)]


def _look(element: Any) -> str:
    return f"size={element.get('size', '')};{element.get('style', '')}"


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


def _showing(title: str, headings: list[tuple[str, Any]], doc: Document) -> Any:
    """The heading that shows a title: the same text, else one that begins with it, else any element of that text."""
    wanted = normalise_title(title)
    same = [node for text, node in headings if normalise_title(text) == wanted]
    alike = [node for text, node in headings if wanted and normalise_title(text).startswith(wanted)]
    if same or alike:
        return (*same, *alike)[0]
    return _printed(wanted, doc) if len(wanted) >= _A_TITLE else None


def _printed(wanted: str, doc: Document) -> Any:
    """The innermost element outside of the head that shows just this title, without a link of its own."""
    blocks = (element for element in doc.elements if element.tag in _BLOCKS and element.getparent() is not None)
    near = (element for element in blocks if len(element) < 5 and len(element.text or "") <= _LONGEST)
    return next((element for element in near if normalise_title(element.xpath("string()")) == wanted), None)


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
