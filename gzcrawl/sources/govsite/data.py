"""Lists that come as data: the JSON of UCAP and of Jiangxi's platform, the `dataproxy` XML of JCMS."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from gzcrawl.sources.cleaning import as_dict, one_line
from gzcrawl.sources.govsite.dates import read_date
from gzcrawl.sources.govsite.scripted import objects, variables
from gzcrawl.sources.times import Moment

_TITLES = ("title", "showtitle", "doctitle", "articletitle", "infotitle", "showname", "subject", "name")
_URLS = ("url", "urls", "pcurl", "pc", "link", "linkurl", "href", "docpuburl", "articleurl", "weburl", "staticurl")
_DATES = (
    "publishedtimestr", "publishedtime", "pubdate", "publishtime", "publishdate", "pubtime", "docreltime", "docpubtime",
    "displaytime", "releasetime", "reltime", "infodate", "date", "time", "createtime",
)  # fmt: skip
_TOTALS = ("total", "totalcount", "totalnum", "rowcount", "totalrecord", "count")
_ADDRESS = re.compile(r"(?:https?://|\.{0,2}/)[^\s<>]+|[^\s<>]+\.(?:s?html?|jsp|aspx?|php)(?:\?[^\s<>]*)?", re.I)
_WHOLE_DATE = re.compile(r"\s*(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:[ T]\d|\s*$)")
_DEEPEST = 12


class Record(NamedTuple):
    title: str
    href: str
    moment: Moment | None


def json_records(text: str) -> tuple[list[Record], int | None] | None:
    """(records, total the answer counts) of the longest list of titled objects; None if the text is no JSON.

    JSONP is read too. A value that is itself JSON in a string (`"urls": "{\\"pc\\": …}"`) is opened.
    """
    try:
        answer = json.loads(
            re.sub(r"^\s*[\w$.]{1,60}\s*\(|\)\s*;?\s*$", "", text) if not text.startswith("{") else text
        )
    except (ValueError, RecursionError):
        return None
    if not isinstance(answer, dict | list):
        return None
    best: list[Record] = []
    total = None
    for value in _values(answer):
        if isinstance(value, list):
            records = [record for entry in value if (record := _record(as_dict(entry)))]
            best = max(best, records, key=len)
        elif isinstance(value, dict) and total is None:
            found = _first(_lowered(value), _TOTALS)
            total = int(found) if re.fullmatch(r"\d{1,9}", str(found)) else None
    return best, total


def html_in(text: str) -> str:
    """The rows of an answer that holds HTML: `{"success": true, "data": {"html": "<li>…"}}` (jpaas)."""
    values = _values(json.loads(text)) if text[:1] in ("{", "[") else ()
    return "\n".join(value for value in values if isinstance(value, str) and "<a" in value)


def script_records(scripts: list[str]) -> list[Record]:
    """Titled objects in the scripts of a page: `var list = [{title: '…', url: '…', date: '…'}]`."""
    return [record for fields in objects(scripts) if (record := _record(dict(fields))) and record.moment]


def _values(root: Any) -> Iterator[Any]:
    queue = [(root, 0)]
    while queue:
        value, depth = queue.pop()
        yield value
        if depth < _DEEPEST:
            inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
            queue.extend((part, depth + 1) for part in inner)


def _record(entry: dict[str, Any]) -> Record | None:
    source = as_dict(entry.get("source") or entry.get("_source"))  # an index server wraps its documents
    fields = _lowered(entry) | _lowered(source)
    title = one_line(re.sub(r"<[^<>]*>", "", str(_first(fields, _TITLES) or _longest_words(fields))))
    href = _first(fields, _URLS) or _first_address(fields)
    if isinstance(href, str) and href.startswith("{"):
        try:
            href = json.loads(href)
        except (ValueError, RecursionError):
            href = ""
    if isinstance(href, dict):
        href = _first(_lowered(href), _URLS)
    dates = (*(fields.get(name) for name in _DATES), *_whole_dates(fields))
    moment = next((found for value in dates if (found := read_date(str(value or "")))), None)
    if not title or not (href or moment):
        return None
    return Record(title, href.strip() if isinstance(href, str) else "", moment)


def _longest_words(fields: dict[str, Any]) -> str:
    """The title, whatever its field is called: the longest text in Chinese that is short enough."""
    texts = [value for value in fields.values() if isinstance(value, str) and 5 <= len(value) <= 200]
    return max((text for text in texts if re.search(r"[\u4e00-\u9fff]{4}", text)), key=len, default="")


def _first_address(fields: dict[str, Any]) -> str:
    texts = (value.strip() for value in fields.values() if isinstance(value, str))
    return next((text for text in texts if _ADDRESS.fullmatch(text)), "")


def _whole_dates(fields: dict[str, Any]) -> list[str]:
    return [value for value in fields.values() if isinstance(value, str) and _WHOLE_DATE.match(value)]


def _lowered(value: dict[str, Any]) -> dict[str, Any]:
    return {str(name).lower().replace("_", ""): inner for name, inner in value.items()}


def _first(fields: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((fields[name] for name in names if fields.get(name) not in (None, "")), "")


def cdata_html(text: str) -> str:
    """The rows that JCMS sends as XML or hides in a script: `<record><![CDATA[<li>…</li>]]></record>`, joined."""
    if "<record" not in text.lower():
        return ""
    pieces = text.split("<![CDATA[")[1:]
    return "\n".join(piece.partition("]]>")[0] for piece in pieces)


def xml_total(text: str) -> int | None:
    found = re.search(r"<totalrecord>\s*(\d{1,9})\s*</totalrecord>", text, re.I)
    return int(found[1]) if found else None


_PARAMS = re.compile(r"\bvar\s+(\w+)\s*=\s*\{([^{}]{1,2000})\}")
_QUERY = re.compile(
    r"""\{([^{}]{1,2000}["']/queryList["'][^{}]{0,2000})\}|["']/queryList["']\s{0,8},\s{0,8}\{([^{}]{1,2000})\}"""
)
_PAIR = re.compile(r"""([\w\[\]]+)["']?\s*:\s*(?:'([^']*)'|"([^"]*)"|(\[[^\]]*\])|([\w.]+))""")
_NOT_SENT = ("url", "template")
"""What such an object tells the script itself."""
_BEFORE = 5000
"""Characters before a call in which its variables are looked for."""
_PROXY = re.compile(r"""["'(]([^"'()\s]*dataproxy\.jsp[^"'()\s]*)["')]""", re.I)
_SEARCH = re.compile(r"""["'](?:https?://[^"'\s/]+)?(/common/search/[\w-]+[^"'\s]*)["']""", re.I)
_TEMPLATE = re.compile(
    r"""x-handlebars-template|type=["']text/(?:html|template|x-tmpl|x-template)["']|\{\{\s*#each|\bv-for=|\bng-repeat=|
    loadPageData\s*\(|/queryList\b|dataproxy\.jsp|/common/search/|\bjpage\s*\(""",
    re.I | re.X,
)
_TEMPLATE_DATE = re.compile(r"\{\{[^{}]{0,80}(?:date|time)[^{}]{0,40}\}\}|loadPageData\s*\(|\bjpage\s*\(", re.I)


def filled_by_script(text: str) -> bool:
    """Whether the page carries a template or a call that fills a list in the browser."""
    return bool(_TEMPLATE.search(text))


def dated_template(text: str) -> bool:
    """Whether that template shows dates, so that it is the main list and not a menu."""
    return bool(_TEMPLATE_DATE.search(text))


def data_call(text: str) -> dict[str, Any] | None:
    """The request that fills the list, as far as the page tells: method, url (to be resolved) and form.

    Jiangxi's platform sends its parameters by POST to /queryList: `loadPageData(params, …)`, `queryArticleList({…, url:
    '/queryList'})`, `$.post('/queryList', {…})`. None where they cannot be read: without them the platform answers with
    another column, whose rows would prove an absence that was never seen.
    """
    if found := _PROXY.search(text):
        return {"method": "GET", "url": found[1].replace("&amp;", "&")}
    if found := _SEARCH.search(text):
        return {"method": "GET", "url": found[1].replace("&amp;", "&")}
    called = re.search(r"loadPageData\s*\(\s*(\w+)", text)
    named = (found for found in _PARAMS.finditer(text) if called and found[1] == called[1])
    found = next(named, None) or _QUERY.search(text)
    form = _form(found[2] or found[1], variables(text[max(0, found.start() - _BEFORE) :])) if found else None
    return {"method": "POST", "url": "/queryList", "form": form} if form else None


def _form(told: str, known: dict[str, str]) -> dict[str, str | list[str]] | None:
    """The parameters of an object literal; None when one of them is a variable whose value the page does not tell."""
    form: dict[str, str | list[str]] = {}
    for name, single, double, array, bare in _PAIR.findall(told):
        if array:
            form[name] = re.findall(r"""["']([^"']*)["']""", array)
        elif bare and not bare.isdecimal() and bare not in ("true", "false"):
            if bare not in known:
                return None
            form[name] = known[bare]
        elif name not in _NOT_SENT:
            form[name] = single or double or bare
    return form or None


def page_number(text: str) -> dict[str, Any]:
    """TRS: `createPageHTML(pages, current, "index", "htm")` → number of pages and the next one's file."""
    found = re.search(
        r"""createPageHTML\(\s*["']?(\d{1,6})["']?\s*,\s*["']?(\d{1,6})["']?\s*,\s*["']([\w./-]+)["']\s*,\s*["'](\w+)["']""",
        text,
    )
    if not found:
        return {}
    pages, current = int(found[1]), int(found[2])
    following = f"{found[3]}_{current + 1}.{found[4]}" if current + 1 < pages else None
    return {"pages": pages, "page": current, "next": following}
