"""The HTML of an article as plain text."""

from __future__ import annotations

import re
from typing import Any

from parsel import Selector

from gzcrawl.sources.cleaning import text_of
from gzcrawl.sources.wechat.urls import clean_url

_BLOCKS = frozenset(("p", "div", "section", "article", "header", "footer", "blockquote", "pre", "figure", "figcaption"))
_BLOCKS |= {"ul", "ol", "li", "dl", "dt", "dd", "table", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "br"}
_SILENT = frozenset(("script", "style", "noscript", "template", "svg"))


def html_text(html: str, *, line_breaks: bool = False) -> str:
    """Text of an HTML fragment. `line_breaks`: the fragment is plain text with some tags, its new lines count."""
    if line_breaks:
        html = re.sub(r"\r\n?|\n", "<br>", html)
    return node_text(Selector(text=html or " ", type="html").root)


def node_text(root: Any) -> str:
    """One line per block, white space as a browser shows it, no empty lines; what is hidden by script is kept."""
    pieces: list[str] = []
    stack: list[tuple[Any, bool]] = [(root, False)]  # our own: hostile input is nested deeper than Python's stack
    while stack:
        node, left = stack.pop()
        block = node.tag in _BLOCKS
        if left:
            pieces.append("\n" if block else "")
            pieces.append(_flow(node.tail) if node is not root else "")
            continue
        stack.append((node, True))
        if isinstance(node.tag, str) and node.tag not in _SILENT:
            pieces.append("\n" if block else "")
            pieces.append(_flow(node.text))
            stack.extend((child, False) for child in reversed(node))
    lines = (re.sub(r"[ \u00a0]+", " ", line) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in map(text_of, lines) if line)


def node_links(root: Selector) -> list[str]:
    """Addresses of the links in an article, in their order."""
    urls = (clean_url(href) for href in root.xpath(".//a/@href").getall())
    return list(dict.fromkeys(url for url in urls if url))


def _flow(text: str | None) -> str:
    return re.sub(r"[ \t\r\n\f\v]+", " ", text or "")
