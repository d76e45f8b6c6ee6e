"""The HTML of a Weibo text as plain text, with its links."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from parsel import Selector

from gzcrawl.sources.cleaning import text_of

_LONG = ("全文", "展开", "展开全文")
_OWN_HOSTS = ("weibo.com", "weibo.cn", "sina.cn")


@dataclass(slots=True)
class Text:
    plain: str = ""
    links: list[str] = field(default_factory=list)  # where they lead, Weibo's own wrapping undone; then t.cn forms
    cut: bool = False  # ends with a link 全文 (mobile) or 展开 (desktop) to the rest


def read_html(html: str) -> Text:
    """`<br>` is a new line, an emoji its alt text (`[doge]`), a link its label.

    Mentions and topics are text, not links. The link 全文 is dropped and told by `cut`.
    """
    result = Text()
    if "<" not in html and "&" not in html:
        result.plain = text_of(html)
        return result
    root = Selector(text=html or " ", type="html").root
    pieces: list[str] = []
    # (node, is it left?) on a stack of our own: hostile input is nested deeper than Python's.
    stack: list[tuple[Any, bool]] = [(root, False)]
    while stack:
        node, left = stack.pop()
        if left:
            pieces.append(node.tail or "")
            continue
        stack.append((node, True))
        if isinstance(node.tag, str) and _enter(node, pieces, result):
            pieces.append(node.text or "")
            stack.extend((child, False) for child in reversed(node))
    result.plain = text_of("".join(pieces).replace("\u00a0", " "))
    result.links = list(dict.fromkeys(result.links))
    return result


def unwrap(href: str) -> str | None:
    """Where a link of Weibo leads, None if only into Weibo itself (search, topic, user, sticker)."""
    href = href.strip()
    href = f"https:{href}" if href.startswith("//") else href
    try:
        parts = urlsplit(href)
        query = parse_qs(parts.query)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    if "sinaurl" in parts.path:
        target = next(iter(query.get("u") or query.get("toasturl") or query.get("url") or []), "")
        return target if target.startswith(("http://", "https://")) else None
    own = any(parts.hostname == host or parts.hostname.endswith(f".{host}") for host in _OWN_HOSTS)
    return None if own else href


def _enter(node: Any, pieces: list[str], result: Text) -> bool:
    """Note what an element means; False if nothing inside it is text."""
    match node.tag:
        case "br":
            pieces.append("\n")
        case "img":
            pieces.append(node.get("alt") or "")
        case "script" | "style":
            return False
        case "a" | "span" if _is_more(node):
            result.cut = True
            return False
        case "a":
            for target in (unwrap(node.get("href") or ""), node.get("data-url")):
                if target and target.startswith(("http://", "https://")):
                    result.links.append(target)
    return True


def _is_more(node: Any) -> bool:
    """The link `<a href="/status/…">全文</a>` or `<span class="expand">展开</span>`."""
    if (node.text or "").strip().strip(".…") not in _LONG or len(node):
        return False
    return "/status/" in (node.get("href") or "") or "expand" in (node.get("class") or "")
