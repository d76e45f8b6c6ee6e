"""URL variants of one article known as one, and links behind redirects seen through without asking anybody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import SplitResult, parse_qs, parse_qsl, unquote, urlencode, urlsplit

DEPTH = 3
"""How many redirects may be wrapped in each other."""

_URL = re.compile(r"(?:https?://|(?<![\w/.])(?=mp\.weixin\.qq\.com/|(?:www|m)\.[\w-]+\.\w))[!-~]+", re.ASCII)

SHORTENERS = frozenset(("t.cn", "dwz.cn", "url.cn", "w.url.cn", "suo.im", "u.jd.com", "bit.ly", "sourl.cn", "mrw.so"))
"""Hosts whose links name no article until they are resolved."""

_TRACKING = re.compile(
    r"^(?:utm_\w+|spm|from\w*|isappinstalled|share\w*|scene|nsukey|chksm|wx\w*|weibo_id|luicode|lfid|featurecode|sudaref|display|retcode|"
    r"timestamp|_t|_|ts|ver|rand|random|refer\w*|sessionid|clicktime|enterid|ascene|devicetype)$",
    re.IGNORECASE,
)
_INDEX = re.compile(r"/(?:index|default)\.(?:s?html?|php|aspx?|jsp)$", re.IGNORECASE)
_BASE62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def urls_in(text: str) -> list[str]:
    """Addresses written out in a text."""
    return [found.rstrip(".,;:!?)]}'\"") for found in _URL.findall(text)]


def article_keys(urls: Iterable[str]) -> set[str]:
    """The articles that these addresses name, those wrapped in a redirect or a share page included."""
    return {key for url in urls for one in _unwrapped(url, DEPTH) if (key := article_key(one))}


def article_key(url: str) -> str | None:
    """The same for every address of one article; None for what names no article (home pages, unresolved short links)."""
    parts = _parts(url)
    host = re.sub(r"^(?:www|m|wap|3g|mobile)\.", "", (parts.hostname or "").rstrip(".")) if parts else ""
    if not parts or not host or host in SHORTENERS:
        return None
    path = unquote(_INDEX.sub("", parts.path)).rstrip("/")
    if host == "mp.weixin.qq.com":
        return _wechat_key(path, parts)
    if host in ("weibo.com", "weibo.cn"):
        return _weibo_key(path, parts)
    query = sorted(pair for pair in parse_qsl(parts.query) if not _TRACKING.match(pair[0]) and "://" not in pair[1])
    route = parts.fragment if parts.fragment.startswith(("/", "!/")) else ""  # a page of a single-page site
    if not path and not query and not route.strip("!/"):
        return None
    return f"{host}{path}" + (f"?{urlencode(query)}" if query else "") + (f"#{route}" if route else "")


def _parts(url: str) -> SplitResult | None:
    cleaned = url.strip().replace("&amp;", "&")
    if cleaned.startswith("//"):
        cleaned = f"https:{cleaned}"
    elif "://" not in cleaned:
        cleaned = f"https://{cleaned}"
    try:
        parts = urlsplit(cleaned)
        _ = parts.hostname
    except ValueError:
        return None
    return parts if parts.scheme.lower() in ("http", "https") else None


def _unwrapped(url: str, depth: int) -> Iterator[str]:
    """The address and those it carries as a parameter: weibo.cn/sinaurl?u=…, share?url=…"""
    yield url
    parts = _parts(url) if depth else None
    for _name, value in parse_qsl(parts.query) if parts else ():
        carried = unquote(value) if re.match(r"https?%3a", value, re.IGNORECASE) else value
        if re.match(r"(?:https?:)?//\w", carried, re.IGNORECASE):
            yield from _unwrapped(carried, depth - 1)


def _wechat_key(path: str, parts: SplitResult) -> str | None:
    query = parse_qs(parts.query)
    if {"__biz", "mid", "idx"} <= query.keys():
        return "wechat:" + ":".join(query[name][0] for name in ("__biz", "mid", "idx"))
    return f"wechat:{path}" if path.startswith("/s/") else None


def _weibo_key(path: str, parts: SplitResult) -> str | None:
    """A post's numeric id, whether it is written in digits or in base 62; an article's id."""
    last = path.rsplit("/", 1)[-1]
    query = parse_qs(parts.query)
    for name in ("id", "weibo_id", "mid"):
        last = query[name][0] if name in query and (last in ("", "show", "status", "detail")) else last
    if re.fullmatch(r"/(?:\d+|status|detail|statuses)/\w{9}", path) and not last.isdigit():
        last = _mid(last)
    named = path.count("/") >= 2 and last and last not in ("home", "profile", "sinaurl")
    return f"weibo:{last}" if named else None


def _mid(short: str) -> str:
    """The numeric id behind a post's address: blocks of four base-62 digits are seven decimal ones, from the right."""
    digits = ""
    for end in range(len(short), 0, -4):
        value = 0
        for character in short[max(0, end - 4) : end]:
            if character not in _BASE62:
                return short
            value = value * 62 + _BASE62.index(character)
        digits = (str(value).zfill(7) if end > 4 else str(value)) + digits
    return digits
