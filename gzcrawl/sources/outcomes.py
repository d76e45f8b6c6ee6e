"""How a poll ends before its content is read: the one place that tells a refusal from an answer.

A refusal is never an observation of the target, with two exceptions: 410 and, on websites, 404. A 404 may also be the
way a firewall bans an address (design notes on 加速乐), so it keeps its own reason `http_404`: nothing may be concluded
about a department from it alone. The platforms tell by a sentence that an account or post is gone, so a 404 of their
interfaces only means that the interface is not there.
"""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import Any
from urllib.parse import urljoin, urlsplit

from gzcrawl.items import Outcome
from gzcrawl.sources import Page, Parsed
from gzcrawl.sources.encoding import illegible
from gzcrawl.sources.walls import shown_text, wall_at, wall_on

LARGEST_BODY = 20 * 1024 * 1024
"""Bytes; larger answers are not parsed. The downloader stops at the same size."""

_PLATFORMS = ("weibo.com", "weibo.cn", "qq.com", "sogou.com", "sina.com.cn", "sina.cn")
# A server that answers so does not want us; 521 and 512 are 加速乐's, 412 is 瑞数's, 432 and 418 are Weibo's.
_REFUSING = frozenset((521, 512))
_UNREACHABLE = frozenset((0, 408, 425))
_A_WORD = 50  # characters: less to read is no page
_JSON_REFUSAL = 64 * 1024  # bytes; an answer with posts is longer or says `"ok": 1`
_FILES = (
    (b"%PDF", "PDF"),
    (b"PK\x03\x04", "ZIP, Word, Excel, OFD"),
    (b"\xd0\xcf\x11\xe0", "Word, Excel"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG", "PNG"),
    (b"GIF8", "GIF"),
    (b"Rar!", "RAR"),
    (b"\x1f\x8b", "gzip"),
    (b"{\\rtf", "RTF"),
)
_TOO_FAST = re.compile(r"频繁|频次|请求过快|too many requests", re.I)
_LOGIN = re.compile(r"请先登录|请登录|需要登录|未登录|please (?:log ?in|sign ?in)", re.I)


def refusal(page: Page) -> Parsed | None:
    """The outcome of an answer that holds no content to parse, None for one that is to be parsed."""
    if len(page.body) > LARGEST_BODY:
        return Parsed(outcome=Outcome.TOO_LARGE, reason="too_large", detail=f"{len(page.body)} bytes")
    address = page.url
    if 300 <= page.status < 400 and "location" in page.headers:
        address = _target(page.url, page.headers["location"])
    wall = wall_at(page.url) or wall_at(address) or wall_on(page)
    if wall:
        return Parsed(outcome=Outcome.BLOCKED, reason=wall.reason, detail=wall.detail)
    return _of_status(page) or _of_bytes(page.body) or _of_json(page.body) or _of_text(page)


def _of_status(page: Page) -> Parsed | None:
    status = page.status
    detail = f"HTTP {status}"
    if status in (HTTPStatus.OK, HTTPStatus.NON_AUTHORITATIVE_INFORMATION, HTTPStatus.PARTIAL_CONTENT):
        return None
    if status == HTTPStatus.ACCEPTED:
        # 瑞数 answers 202 with a script and nothing to read.
        scripted = b"<script" in page.body[:100_000].lower() and len(shown_text(page)) < _A_WORD
        return Parsed(outcome=Outcome.BLOCKED, reason="waf_ruishu", detail=detail) if scripted else None
    if status == HTTPStatus.NOT_MODIFIED:
        return Parsed(outcome=Outcome.OK, reason="not_modified", detail=detail)
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        gone = status == HTTPStatus.GONE or not _is_platform(page.url)
        return Parsed(outcome=Outcome.GONE if gone else Outcome.UNREACHABLE, reason=f"http_{status}", detail=detail)
    if status in _REFUSING or (400 <= status < 500 and status not in _UNREACHABLE):
        return Parsed(outcome=Outcome.BLOCKED, reason="http_refused", detail=detail)
    if 200 <= status < 300:
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="no_content", detail=detail)
    if 300 <= status < 400:
        return Parsed(outcome=Outcome.UNREACHABLE, reason="http_redirect", detail=detail)
    return Parsed(outcome=Outcome.UNREACHABLE, reason="http_error", detail=detail)


def _of_bytes(body: bytes) -> Parsed | None:
    """Nothing at all, or a file where a page or data was expected."""
    if not body.strip(b"\xef\xbb\xbf \t\r\n\0"):
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="empty_body")
    kind = next((name for magic, name in _FILES if body.startswith(magic)), None)
    return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="not_html", detail=kind) if kind else None


def _of_json(body: bytes) -> Parsed | None:
    """Refusals of the JSON interfaces, all with status 200: `{"ok": -100, …}`, `{"ok": 0, "msg": "操作过于频繁"}`."""
    if len(body) > _JSON_REFUSAL or body.lstrip()[:1] != b"{":
        return None
    try:
        answer: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(answer, dict) or str(answer.get("ok", "")) not in ("0", "-100"):
        return None
    said = str(answer.get("msg") or answer.get("message") or "")[:200]
    if str(answer["ok"]) == "-100" or _LOGIN.search(said):
        return Parsed(outcome=Outcome.BLOCKED, reason="weibo_login", detail=said or str(answer.get("url", ""))[:200])
    if _TOO_FAST.search(said):
        return Parsed(outcome=Outcome.BLOCKED, reason="weibo_too_fast", detail=said)
    return None


def _of_text(page: Page) -> Parsed | None:
    """What cannot be read may hide anything, so it is no observation."""
    if illegible(page):
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="illegible", detail=page.headers.get("content-type", ""))
    return None


# Names, not classes: this layer imports neither Scrapy nor Twisted nor Playwright. The first match wins.
_FAILURES: tuple[tuple[str, Outcome, str], ...] = (
    (r"robots\.txt", Outcome.DISALLOWED, "robots"),
    (r"^ForbiddenAddress\b", Outcome.DISALLOWED, "address_refused"),
    (r"^HostLeftAlone\b", Outcome.BLOCKED, "left_alone"),
    (r"larger than download (?:max|warn) ?size|DownloadCancelled", Outcome.TOO_LARGE, "too_large"),
    (r"CannotResolveHost|DNSLookup|ERR_NAME_NOT_RESOLVED|gaierror", Outcome.UNREACHABLE, "dns"),
    (r"SSL|TLS|Certificate|ERR_CERT", Outcome.UNREACHABLE, "tls"),
    (r"Time?out|TimedOut|TIMED_OUT", Outcome.UNREACHABLE, "timeout"),
    (r"TunnelError|PROXY", Outcome.UNREACHABLE, "proxy"),
    (r"Connection_?Refused", Outcome.UNREACHABLE, "connection_refused"),
    (r"UnsupportedURLScheme|NotSupported|InvalidURL", Outcome.UNREACHABLE, "bad_url"),
)
_FAILURE = tuple((re.compile(pattern, re.I), outcome, reason) for pattern, outcome, reason in _FAILURES)


def failure(error: BaseException | None) -> Parsed:
    """The outcome of a request that got no answer: robots.txt, DNS, TCP, TLS, timeout, size."""
    named = " ".join(kind.__name__ for kind in type(error).__mro__ if kind not in (Exception, BaseException, object))
    told = f"{named} {error}"
    known = ((outcome, reason) for pattern, outcome, reason in _FAILURE if pattern.search(told))
    outcome, reason = next(known, (Outcome.UNREACHABLE, "connection_lost"))
    return Parsed(outcome=outcome, reason=reason, detail=f"{type(error).__name__}: {error}"[:300])


def _is_platform(url: str) -> bool:
    host = _host(url)
    return any(host == name or host.endswith(f".{name}") for name in _PLATFORMS)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _target(base: str, location: str) -> str:
    try:
        return urljoin(base, location)
    except ValueError:
        return location
