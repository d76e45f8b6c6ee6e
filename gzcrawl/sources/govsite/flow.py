"""What a reader sees of a page, as one string in which every element knows its place.

Labels and values stand in different elements (`<td><b>成文日期：</b></td><td>2019年01月27日</td>`), so they are sought in
this string: block elements begin a new line, inline elements leave the unit separator U+001F, which `\\s` matches.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from gzcrawl.sources.govsite.dates import plain
from gzcrawl.sources.govsite.scripted import written

INLINE = "\x1f"
_SILENT = frozenset(("script", "style", "noscript", "template", "svg", "select", "option", "textarea", "head"))
_INLINE_TAGS = frozenset(
    (
        "a",
        "abbr",
        "b",
        "big",
        "em",
        "font",
        "i",
        "ins",
        "label",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "u",
        "publishtime",
    )
)


@dataclass(slots=True)
class Flow:
    text: str = ""
    places: dict[Any, tuple[int, int]] = field(default_factory=dict)  # lxml element -> [start, end) in the text

    def span(self, element: Any) -> tuple[int, int] | None:
        return self.places.get(element) if element is not None else None


def flow_of(root: Any) -> Flow:
    """The visible text of an lxml tree, made `plain`, with what scripts write in their place.

    Styles, comments and form lists are left out.
    """
    pieces: list[str] = []
    places: dict[Any, tuple[int, int]] = {}
    length = 0

    def put(text: str | None, edge: str) -> None:
        nonlocal length
        piece = edge + re.sub(r"[ \t\r\n\f\v\u00a0]+", " ", text or "")
        pieces.append(piece)
        length += len(piece)

    stack: list[tuple[Any, int]] = [(root, -1)]  # our own: hostile input is nested deeper than Python's stack
    while stack:
        node, begun = stack.pop()
        visible = isinstance(node.tag, str) and node.tag not in _SILENT
        edge = "" if not visible else INLINE if node.tag in _INLINE_TAGS else "\n"
        if begun >= 0:
            places[node] = (begun, length)
        elif visible:
            put(node.text, edge)
            stack.append((node, length - len(pieces[-1])))
            stack.extend((child, -1) for child in reversed(node))
            continue
        if node.tag == "script" and (said := written(node.text or "")):
            put(re.sub(r"<[^<>]*>", INLINE, said), INLINE)
        if node is not root:
            put(node.tail, edge)
    return Flow(plain("".join(pieces)), places)
