"""The rows of a list page, found by their shape: many alike elements, each with one link and a date of its own."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from gzcrawl.items import normalise_title
from gzcrawl.sources.cleaning import one_line
from gzcrawl.sources.govsite.flow import INLINE, flow_of

Link = Callable[[str], str | None]
"""From the href of a link to its address; None for what leads to no page."""

_TITLE = 5  # characters; shorter links are categories, page numbers, menu entries
_SHORTEST = 2  # characters of a title inside a list that was found by its longer ones
_ALIKE = 3  # rows that are no list items, and what is like them is one too
_REPEATED = 3  # a link that stands so often on a page is no article
_WORDIEST = 600  # characters a row shows beside its title; more is a whole section
_DEEPEST = 60
_MANY = ""  # mark of an element that holds links to several pages
_TITLE_NAME = re.compile(r"title|tit\b|biaoti|(?:^|[-_ ])bt(?:$|[-_ ])|name|txt|text", re.I)
_DATE_ONLY = re.compile(
    r"[\[(（【]?\s*(?:(?:发布)?(?:时间|日期)\s*[:：]\s*)?(?:\d{4}[-/.年])?\d{1,2}[-/.月]\d{1,2}日?(?:\s*\d{1,2}:\d\d(?::\d\d)?)?\s*[\])）】]?"
    r"|\d{1,2}\s+\d{4}[-/.年]\d{1,2}月?|\d{4}[-/.年]\d{1,2}月?|\d{1,2}|\d{4}"
)
_MORE = re.compile(
    r"(?:查看|阅读|浏览|点击)?(?:详情|全文|全部|更多|详细|查看|进入)(?:信息|内容)?[>》»\s.…]*|more[>》»\s.…]*", re.I
)
_PIN = re.compile(r"^[\[【(（]?置顶[\]】)）]?\s*")
_TOLD = re.compile(
    r"^\s*(?:文章|信息)?标\s*题\s*[:：]\s*|\s+(?:作\s*者|来\s*源|(?:发布|更新|添加)(?:时间|日期)|点击数?|浏览次数)\s*[:：].*$"
)
"""动易 tells all of an article in the attribute: 文章标题：… 作    者：… 更新时间：…"""
_OPENED = re.compile(
    r"""['"]((?:https?:/|\.{0,2})/[^'"\s]+|[^'"\s]+\.(?:s?html?|jsp|aspx?|php)(?:\?[^'"\s]*)?)['"]""", re.I
)
_PUBLISHED_COLUMN = re.compile(r"(?:发布|公开|公布)\s*(?:日\s*期|时\s*间)")
_BULLET = re.compile(r"^[\s·•▪■◆►▶●○※＊*>»-]+|\s*(?:\bnew\b|最新)?\s*$", re.I)
_CUT = ("...", "…", "..", "。。。")


@dataclass(slots=True)
class Row:
    title: str
    url: str | None  # None: opened by a script
    around: str  # what the row shows beside its title; dates are sought here
    pinned: bool = False


def find_rows(root: Any, link: Link, dated: Callable[[Row], bool]) -> list[Row]:
    """The rows of the page's main list, [] if nothing on it looks like one. `dated`: whether a row shows a date.

    The group of alike rows with the most titled and dated rows is the list: menus have no dates, side boxes few rows.
    """
    groups = _groups(root, link)
    best: list[Row] = []
    weight = 0
    for anchors in groups.values():
        rows = _unique(_read(anchors, link))
        with_date = [row for row in rows if len(row.around) <= _WORDIEST and dated(row)]
        weighed = sum(min(len(row.title), 20) for row in with_date)
        if weighed > weight and 2 * len(with_date) >= len(rows):
            best, weight = rows, weighed
    return best


def undated_rows(root: Any, link: Link) -> list[Row]:
    """For a page without any dates: the largest group of long-titled links; it may be a list, nobody can tell."""
    groups = [_unique(_read(anchors, link)) for anchors in _groups(root, link).values()]
    likely = [rows for rows in groups if len(rows) >= 3 and sum(len(row.title) for row in rows) >= 10 * len(rows)]
    return max(likely, key=lambda rows: sum(len(row.title) for row in rows), default=[])


def _groups(root: Any, link: Link) -> dict[Any, list[tuple[Any, Any]]]:
    """(row, anchor) by where the row stands: tags and classes of the three elements around it."""
    anchors = [a for a in _anchors(root) if _address(a, link) is not None and len(_title(a)) >= _TITLE]
    often = Counter((a.get("href"), _title(a)) for a in anchors)
    anchors = [a for a in anchors if often[a.get("href"), _title(a)] < _REPEATED]
    marks: dict[Any, str] = {}
    for a in anchors:
        for outer in (a, *islice(a.iterancestors(), _DEEPEST)):
            mine = f"{a.get('href')} {a.get('onclick', '')}"
            marks[outer] = mine if marks.get(outer, mine) == mine else _MANY
    groups: dict[Any, list[tuple[Any, Any]]] = defaultdict(list)
    for a in anchors:
        row = a
        while (
            (outer := row.getparent()) is not None
            and marks.get(outer, _MANY) != _MANY
            and outer.tag not in ("body", "html")
        ):
            row = outer
        around = [(outer.tag, outer.get("class", "")) for outer in islice(row.iterancestors(), 3)]
        groups[row.tag, *around].append((row, a))
    return groups


def _anchors(root: Any) -> Iterator[Any]:
    """Links, and blocks that a script opens as one: `<tr onclick="window.open('/a.htm')">`."""
    for element in root.iter("a", "tr", "li", "div"):
        if element.tag == "a" or (
            _OPENED.search(element.get("onclick") or "") and next(element.iter("a"), None) is None
        ):
            yield element


def _read(pairs: list[tuple[Any, Any]], link: Link) -> list[Row]:
    """Rows of one group; their short-titled siblings belong to the list too."""
    by_row: dict[Any, list[Any]] = defaultdict(list)
    for row, a in pairs:
        by_row[row].append(a)
    holders = list(dict.fromkeys(row.getparent() for row in by_row if row.getparent() is not None))
    rows = []
    for holder in holders:
        members = [child for child in holder if child in by_row or _is_sibling(child, by_row, link)]
        beside = _beside(holder, members)
        column = _date_column(holder)
        for member in members:
            anchors = by_row.get(member) or [a for a in member.iter("a") if _address(a, link) is not None]
            told = _in_column(member, column) + beside.get(member, "")
            rows.append(_row(member, max(anchors, key=lambda a: len(_title(a))), told, link))
    return rows


def _is_sibling(child: Any, by_row: dict[Any, list[Any]], link: Link) -> bool:
    like = next(iter(by_row))
    alike = like.tag in ("div", "p", "dt", "a") and child.get("class") == like.get("class") and len(by_row) >= _ALIKE
    if child.tag != like.tag or not (alike or like.tag in ("li", "tr", "dd", "dl")):
        return False
    anchors = [a for a in child.iter("a") if _address(a, link) is not None and len(_title(a)) >= _SHORTEST]
    return len({a.get("href") for a in anchors}) == 1


def _date_column(holder: Any) -> int | None:
    """Which cell of a table's rows holds 发布日期, where its head says so: 成文日期 may stand before it."""
    table = next((outer for outer in (holder, *islice(holder.iterancestors(), 2)) if outer.tag == "table"), None)
    head = next(table.iter("tr"), None) if table is not None else None
    cells = [one_line(cell.xpath("string()")) for cell in head if isinstance(cell.tag, str)] if head is not None else []
    return next((number for number, text in enumerate(cells) if _PUBLISHED_COLUMN.fullmatch(text)), None)


def _in_column(row: Any, column: int | None) -> str:
    """The date of that cell, labelled as what the head of the table calls it."""
    cells = [cell for cell in row if isinstance(cell.tag, str)] if column is not None and row.tag == "tr" else []
    return (
        f"\n发布日期：{one_line(cells[column].xpath('string()'))}\n"
        if column is not None and column < len(cells)
        else ""
    )


def _beside(holder: Any, members: list[Any]) -> dict[Any, str]:
    """Text between rows, for lists whose dates stand beside the rows (`<dt>` and `<dd>`, bare `<a>` and text).

    It belongs to the row before it, unless it begins before the first row and ends before the last.
    """
    parts = [""]
    known = set(members)
    for child in holder:
        if child in known:
            parts.append(child.tail or "")
        else:
            parts[-1] += "\n" + (flow_of(child).text if isinstance(child.tag, str) else "") + (child.tail or "")
    parts[0] = (holder.text or "") + parts[0]
    leading = bool(re.search(r"\d", parts[0])) and not re.search(r"\d", parts[-1])
    return dict(zip(members, parts[:-1] if leading else parts[1:], strict=False))


def _row(element: Any, a: Any, beside: str, link: Link) -> Row:
    title = _full_title(a)
    flow = flow_of(element)
    begin, end = flow.places.get(a, (0, 0))
    inside = "\n".join(piece for piece in re.split(f"[\n{INLINE}]", flow.text[begin:end]) if _is_date(piece))
    own = flow.text[:begin] + "\n" + inside + "\n" + flow.text[end:]
    pinned = (
        "置顶" in own
        or bool(_PIN.match(one_line(a.xpath("string()"))))
        or (a.get("class") or "").lower() in ("top", "zhiding")
    )
    return Row(title=title, url=_address(a, link) or None, around=f"{own}\n{beside}", pinned=pinned)


def _is_date(piece: str) -> bool:
    return bool(_DATE_ONLY.fullmatch(piece.strip()))


def _title(a: Any) -> str:
    title = one_line(a.get("title", "")) or one_line(a.xpath("string()"))
    return "" if _MORE.fullmatch(title) else title


def _full_title(a: Any) -> str:
    """The title a link shows, or the attribute that holds it whole where the text is cut (`…`) or a picture."""
    shown = next((_shown(part) for part in a.iter() if part is not a and _names_title(part)), "") or _shown(a)
    given = _TOLD.sub("", one_line(a.get("title", "")))
    head = normalise_title(shown.rstrip(".…。 "))
    same = normalise_title(given).startswith(head) or head in normalise_title(given)
    title = given if given and (not shown or (same and (len(given) > len(shown) or shown.endswith(_CUT)))) else shown
    return _PIN.sub("", _BULLET.sub("", title)).strip()


def _names_title(part: Any) -> bool:
    if not isinstance(part.tag, str):
        return False
    return part.tag in ("h1", "h2", "h3", "h4", "h5") or bool(_TITLE_NAME.search(part.get("class") or ""))


def _shown(element: Any) -> str:
    """Text of an element without the pieces that are only a date."""
    pieces = re.split(f"[\n{INLINE}]", flow_of(element).text)
    words = [piece.strip() for piece in pieces if piece.strip() and not _is_date(piece)]
    return one_line("".join(words) if words else "".join(pieces))


def _address(a: Any, link: Link) -> str | None:
    """The link's address; "" for one that a script opens, None for one that leads nowhere."""
    url = link(a.get("href") or "")
    if url is not None:
        return url
    script = a.get("onclick") or (
        a.get("href") if re.match(r"javascript:\s*[\w.]+\(\s*['\"\d]", a.get("href") or "") else ""
    )
    named = _OPENED.search(script) if script else None
    return (link(named[1]) if named else None) or ("" if script else None)


def _unique(rows: list[Row]) -> list[Row]:
    return list({(row.url, normalise_title(row.title)): row for row in reversed(rows)}.values())[::-1]
