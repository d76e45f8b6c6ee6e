"""Addresses of government sites: one form for one page, and the date many of them carry."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from w3lib.url import canonicalize_url

from gzcrawl.items import SHANGHAI, Precision
from gzcrawl.sources.times import Moment

_TRACKING = re.compile(r"utm_\w+|spm|scm|from|isappinstalled|share_token|tdsourcetag|nsukey|bd_vid|_refluxos", re.I)
_INDEX = re.compile(r"/(?:index|default)\.(?:s?html?|jsp|aspx?|php|do)$", re.I)
_DEFAULT_PORT = {"http": 80, "https": 443}
_NO_PAGE = re.compile(r"\s*(?:javascript|mailto|tel|data|about|file|chrome-extension):|\s*#|\s*$", re.I)

_Y, _M, _D = r"(?P<year>(?:19|20)\d\d)", r"(?P<month>0?[1-9]|1[0-2])", r"(?P<day>3[01]|[12]\d|0?[1-9])"
_URL_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        # TRS: /202506/t20250601_123456.html
        rf"/t{_Y}(?P<month>\d\d)(?P<day>\d\d)_\d+",
        # JCMS: /art/2025/6/1/art_123_456.html
        rf"/{_Y}/{_M}/{_D}/",
        # UCAP and others: /2025-06/01/content_1.shtml, /2025-06-01/1.html
        rf"/{_Y}-{_M}[/-]{_D}[/_.]",
        # people.com.cn, chinanews.com: /n1/2019/0503/c1-2.html, /gn/2019/05-03/1.shtml
        rf"/{_Y}/(?P<month>0[1-9]|1[0-2])-?(?P<day>[0-2]\d|3[01])/",
        # /xwfb/20220426/d4d8.html
        rf"/{_Y}(?P<month>0[1-9]|1[0-2])(?P<day>[0-2]\d|3[01])/",
        # /202506/01/1.html
        rf"/{_Y}(?P<month>0[1-9]|1[0-2])/(?P<day>[0-2]\d|3[01])/",
        # UCAP: only the month, /c100022/202511/<32 hex>.shtml
        rf"/{_Y}-?(?P<month>0[1-9]|1[0-2])/",
    )
)


def canonical_url(url: str) -> str:
    """One name for one page: "wjw.zhangjiang.example/c1/202510/ab.shtml".

    Without scheme, default port, fragment and tracking parameters; host in lower case, query sorted, index pages
    as their folder. What is no absolute HTTP address is returned as it is.
    """
    url = url.strip()
    try:
        parts = urlsplit(f"https:{url}" if url.startswith("//") else url)
        port = parts.port
    except ValueError:
        return url
    if parts.scheme not in _DEFAULT_PORT or not parts.hostname:
        return url
    host = parts.hostname if port in (None, _DEFAULT_PORT[parts.scheme]) else f"{parts.hostname}:{port}"
    query = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.fullmatch(k)]
    try:
        clean = urlsplit(canonicalize_url(f"http://{host}{parts.path or '/'}?{urlencode(query)}"))
    except ValueError:
        return url
    path = _INDEX.sub("/", clean.path) if not clean.query else clean.path
    return f"{clean.netloc}{path}" + (f"?{clean.query}" if clean.query else "")


def resolve(base: str, href: str) -> str | None:
    """The absolute address of a link, None for what leads to no page.

    On a saved page whose own address is unknown (`base` is "") a relative link stays relative.
    """
    if _NO_PAGE.match(href):
        return None
    href = re.sub(r"[\t\r\n]+", "", href).strip()
    try:
        url = urljoin(base, href)
        scheme = urlsplit(url).scheme
    except ValueError:
        return None
    return url if scheme in ("http", "https") or not (base or scheme) else None


def url_date(url: str) -> Moment | None:
    """The day or the month in an address, as the start of it in UTC with its precision."""
    for pattern in _URL_DATES:
        if found := pattern.search(url):
            parts = found.groupdict()
            day = int(parts.get("day") or 1)
            try:
                local = datetime(int(parts["year"]), int(parts["month"]), day, tzinfo=SHANGHAI)
            except ValueError:
                continue
            return Moment(local.astimezone(UTC), Precision.DAY if parts.get("day") else Precision.MONTH)
    return None


def elsewhere(words: str, url: str) -> bool:
    """Whether the words of a link name an address that has nothing to do with where it leads.

    Cautious: a shared label, a gateway in front (www.a.gov.cn.gateway.com), or the named address anywhere in the link is enough.
    """
    named = _NAMED.search(words)
    if named is None:
        return False
    host = named[1].casefold()
    labels = set(host.split(".")) - _GENERIC
    return bool(labels) and host not in url.casefold() and not labels & set((urlsplit(url).hostname or "").split("."))


_NAMED = re.compile(r"(?<![\w@.-])(?:https?://)?((?:[a-z0-9-]+\.)+(?:cn|com|net|org|example))(?![\w.-])", re.I)
_GENERIC = frozenset({"www", "m", "gov", "com", "org", "net", "edu", "cn", "example"})
