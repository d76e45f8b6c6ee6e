"""Home pages: the name of the site, the marks its footer must carry, and where the site speaks of itself."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from gzcrawl.items import Outcome, Platform, Profile
from gzcrawl.sources import Page, Parsed
from gzcrawl.sources.cleaning import one_line
from gzcrawl.sources.govsite.document import Document
from gzcrawl.sources.govsite.flow import flow_of
from gzcrawl.sources.govsite.instead import instead
from gzcrawl.sources.govsite.urls import canonical_url
from gzcrawl.sources.outcomes import refusal

SOURCE = "govsite.home"
_SITE_CODE = re.compile(r"(?:网站|政府网站)?标识码?\s*[:：]?\s*(bm\d{8}|\d{10})(?!\d)", re.I)
_SITE_CODE_VALUE = re.compile(r"bm\d{8}|\d{10}", re.I)
_ICP = re.compile(r"[\u4e00-\u9fff]ICP[备证]\s?(?:案)?\s?\d{6,9}号?(?:\s?-\s?\d{1,3})?", re.I)
_POLICE = re.compile(r"[\u4e00-\u9fff]公网安备\s?(\d{14})\s?号?")
_POLICE_LINK = re.compile(r"(?:recordcode|code)=(\d{14})")
_CONAC = re.compile(r"_ideConac|dcs\.conac\.cn|bszs\.conac\.cn", re.I)
_ERROR_BUTTON = re.compile(r"""_jiucuo_|/exposure/jiucuo\.|pucha\.kaipuyun\.cn|zfwzgl\.www\.gov\.cn""", re.I)
_ERROR_CODE = re.compile(r"""(?:sitecode|site_code)\s*=\s*["']?(bm\d{8}|\d{10})\b""", re.I)
_ABOUT = re.compile(r"关于我们|联系我们|网站声明|网站地图|政务新媒体|新媒体矩阵|本网介绍")
_ARTICLE_TAGS = ("sitename", "sitedomain", "siteidcode", "columnname", "columntype")


def parse_home(page: Page, now: datetime) -> Parsed:  # noqa: ARG001 -- a home page has no time of its own
    """A profile of the site. Hints: `about`, links to pages on which a site speaks of itself.

    `extra` holds the footer's marks; one that is absent may be written by a script, so absence proves nothing.
    """
    if refused := refusal(page):
        return refused
    doc = Document.of(page)
    flow = flow_of(doc.root.root)
    if other := instead(doc, flow):
        return other
    title = one_line(doc.root.xpath("string(//title)").get(""))
    name = doc.meta("sitename") or title
    # Text alone is no home page, whatever it says: at least it leads somewhere, or a script builds it.
    if not name and not doc.root.xpath("//a[@href] | //script | //iframe | //img"):
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="not_a_page", detail=doc.text[:100])
    profile = Profile(
        platform=Platform.WEBSITE,
        source=SOURCE,
        native_id=canonical_url(doc.url) or None,
        name=name or None,
        extra=_marks(doc, flow.text) | {"title": title, "metas": _metas(doc)},
    )
    return Parsed(outcome=Outcome.OK, items=[profile], hints={"about": _about(doc)})


def _marks(doc: Document, shown: str) -> dict[str, Any]:
    """The marks of party and government sites: 标识码, ICP, 公安备案, 党政机关标识 (conac), 找错."""
    codes = [code.lower() for code in (*_SITE_CODE.findall(shown), *_ERROR_CODE.findall(doc.text))]
    if _SITE_CODE_VALUE.fullmatch(tagged := doc.meta("siteidcode").lower()):
        codes.append(tagged)
    icp = _ICP.search(shown)
    police = _POLICE.search(shown) or _POLICE_LINK.search(doc.text)
    marks = {
        "site_code": codes[0] if codes else None,
        "icp": re.sub(r"\s", "", icp[0]) if icp else None,
        "police_record": police[1] if police else None,
        "conac": bool(_CONAC.search(doc.text)),
        "error_button": bool(_ERROR_BUTTON.search(doc.text)),
    }
    return {mark: value for mark, value in marks.items() if value}


def _metas(doc: Document) -> dict[str, str]:
    return {name: value for name in _ARTICLE_TAGS if (value := doc.meta(name))}


def _about(doc: Document) -> list[dict[str, str]]:
    found = {}
    for a in doc.root.xpath("//a[@href]"):
        text = one_line(a.root.get("title") or a.xpath("string()").get(""))
        if len(text) <= 20 and _ABOUT.search(text) and (url := doc.link(a.root.get("href", ""))):
            found[url] = {"text": text, "url": url}
    return list(found.values())
