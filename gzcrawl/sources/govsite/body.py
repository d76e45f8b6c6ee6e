"""The main text of an article page: the container its system is known to use, else the densest block."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from gzcrawl.sources.govsite.document import Document

_IDS = (
    "UCAP-CONTENT", "zoom", "Zoom", "zoomcon", "ozoom", "artibody", "rwb_zw", "p-detail", "detailContent",
    "articleContent", "article_content", "art_content", "NewsContent", "news_content", "vsb_content", "textContent",
    "ContentRegion", "dochtmlcon", "js_content", "content_main", "artical_real", "content-main", "articleText",
    "arcbody", "ContentBody", "content_body", "detail-content", "mainText",
)  # fmt: skip
_CLASSES = (
    "TRS_Editor", "TRS_UEDITOR", "trs_editor_view", "trs_paper_default", "article-content-body", "article-content",
    "article_content", "articleContent", "article-body", "rm_txt_con", "pages_content", "news_content",
    "news-content", "detail-content", "content-body", "text_con", "xxgk-content", "main-txt", "bt-content",
    "view_content", "zw_content", "conTxt", "wz_content", "post_body", "post_text",
)  # fmt: skip
_RANK = {("tag", "ucapcontent"): 0}
_RANK |= {("id", name): rank for rank, name in enumerate(_IDS, 1)}
_RANK |= {("class", name): rank for rank, name in enumerate(_CLASSES, 1 + len(_IDS))}
_ENOUGH = 40
"""Characters. A known container with less may be a stub; then the densest block is compared with it."""
_HIGHEST = 12
"""Levels a block may grow by."""
_ASIDE = re.compile(
    r"foot|copyright|\bnav|menu|sidebar|breadcrumb|crumb|recommend|related|comment|share|login|search", re.I
)
_CONTAINERS = frozenset(("div", "td", "article", "section", "main", "p", "li", "span", "center", "font"))
_SKIPPED = frozenset(("script", "style", "noscript", "template", "a", "select", "button", "textarea", "head"))


def main_element(doc: Document, title: Any) -> Any:
    """The lxml element that holds the text; None if nothing on the page reads like one. `title`: its heading or None."""
    best, most = None, 0
    for element in _known(doc):
        length = sum(map(len, _own_words(element)))
        if length > most and not _is_inside(title, element):
            best, most = element, length
        if most >= _ENOUGH:
            return best
    dense, weight = _densest(doc, title)
    return _grown(dense, title) if dense is not None and weight > most else best


def _known(doc: Document) -> list[Any]:
    """Elements that a known system uses for the text, the most telling name first."""
    ranked = []
    for number, element in enumerate(doc.elements):
        names = [("tag", element.tag), ("id", element.get("id", ""))]
        names += [("class", name) for name in element.get("class", "").split()]
        if ranks := [_RANK[name] for name in names if name in _RANK]:
            ranked.append((min(ranks), number, element))
    return [element for _rank, _number, element in sorted(ranked)]


def _grown(element: Any, title: Any) -> Any:
    """The block that holds the rest of the text too (cells of one table, parts of one article) and no title or menu."""
    best, words = element, sum(map(len, _own_words(element)))
    for outer in islice(element.iterancestors(), _HIGHEST):
        if outer.tag in ("body", "html") or _is_inside(title, outer) or _is_aside(outer):
            break
        held = sum(map(len, _own_words(outer)))
        linked = sum(len(re.sub(r"\s+", "", "".join(a.itertext()))) for a in outer.iter("a"))
        if linked > 0.25 * held:
            break
        if held > 1.2 * words:
            best, words = outer, held
    return best


def _own_words(element: Any) -> list[str]:
    """Visible text of an element without links, white space removed."""
    words = []
    stack = [element]
    while stack:
        node = stack.pop()
        if isinstance(node.tag, str) and node.tag not in _SKIPPED:
            words.append(re.sub(r"\s+", "", node.text or ""))
            for child in node:
                words.append(re.sub(r"\s+", "", child.tail or ""))
                stack.append(child)
    return words


def _densest(doc: Document, title: Any) -> tuple[Any, int]:
    """The block whose paragraphs hold most text outside of links: a paragraph counts whole for its parent."""
    weights: dict[Any, int] = {}
    before = _before(title)
    stack = list(doc.root.xpath("//body")) or [doc.root]
    elements = [node.root for node in stack]
    while elements:
        node = elements.pop()
        if not isinstance(node.tag, str) or node.tag in _SKIPPED or _is_aside(node):
            continue
        elements.extend(node)
        if node.tag not in _CONTAINERS or node in before:
            continue
        direct = len(re.sub(r"\s+", "", (node.text or "") + "".join(child.tail or "" for child in node)))
        if direct < 10:
            continue
        holder = _holder(node)
        if holder is not None:
            weights[holder] = weights.get(holder, 0) + direct
    if not weights:
        return None, 0
    best = max(weights, key=lambda element: weights[element])
    return best, weights[best]


def _holder(node: Any) -> Any:
    """The block a piece of text belongs to: the parent of its paragraph."""
    while node.tag in ("span", "font", "p", "center", "li", "section") and node.getparent() is not None:
        step = node.tag
        node = node.getparent()
        if step in ("p", "li", "center") and node.tag not in ("span", "font"):
            break
    return node


def _before(title: Any) -> set[Any]:
    """Elements in front of the title: headers and navigation are no text."""
    return (
        set(title.xpath("preceding::*[self::div or self::p or self::td or self::li]")) if title is not None else set()
    )


def _is_inside(element: Any, container: Any) -> bool:
    return element is not None and (element is container or container in element.iterancestors())


def _is_aside(node: Any) -> bool:
    return bool(_ASIDE.search(f"{node.get('class', '')} {node.get('id', '')}"))
