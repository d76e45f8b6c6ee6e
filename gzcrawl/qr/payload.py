"""What a QR payload leads to, and whether it is a registered account's (forms as seen in the wild)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import cached_property
from urllib.parse import SplitResult, parse_qs, urlsplit

from gzcrawl.items import Platform
from gzcrawl.registry import Account, Registry, Site, State


class Meaning(StrEnum):
    WEIBO_ACCOUNT = "weibo_account"
    WECHAT_ACCOUNT = "wechat_account"  # an official account; the token names none
    WECHAT_PERSONAL = "wechat_personal"
    MINI_PROGRAM = "mini_program"
    APP_DOWNLOAD = "app_download"
    PAYMENT = "payment"
    SHORT_LINK = "short_link"  # leads somewhere a resolver would have to tell
    WEB_LINK = "web_link"
    TEXT = "text"
    DEAD = "dead"  # its link was there no more, twice: never told by the form alone
    EXPIRED = "expired"  # the page behind it says so, twice


WEIBO_HOSTS = {"weibo.com", "www.weibo.com", "weibo.cn", "www.weibo.cn", "m.weibo.cn", "m.weibo.com"}
SHORT_HOSTS = {"t.cn", "url.cn", "w.url.cn", "dwz.cn", "suo.im", "sinaurl.cn"}
LIVE_CODE = re.compile(r"(?:.+\.)?(?:qr\d\d\.cn|cli\.im|clewm\.net)")
"""Services whose codes lead to a page that can be changed behind them (活码): what stands there is not told by the link."""

NO_ACCOUNT = {"home", "login", "signup", "hot", "tv", "search", "share", "help", "about", "sorry", "newlogin", "set"}
"""Paths of weibo.com that are its own pages."""


def classify(payload: str) -> Meaning:
    """What kind of thing the code leads to, by its form alone."""
    lowered = payload.strip().casefold()
    if lowered.startswith(("wxp://", "https://qr.alipay.com", "alipays://platformapi/startapp?appid=20000067")):
        return Meaning.PAYMENT
    if lowered.startswith("alipays://"):
        return Meaning.MINI_PROGRAM
    if not lowered.startswith(("http://", "https://")):
        return Meaning.TEXT
    parts = _split(payload)
    host, path = _host(parts), parts.path
    if not host:
        return Meaning.TEXT
    if host == "weixin.qq.com" and path.startswith(("/r/", "/q/")):
        return Meaning.WECHAT_ACCOUNT
    if host == "u.wechat.com" or (host == "weixin.qq.com" and path.startswith(("/g/", "/x/"))):
        return Meaning.WECHAT_PERSONAL
    if host == "mp.weixin.qq.com" and path.startswith("/a/"):
        return Meaning.MINI_PROGRAM
    if host in SHORT_HOSTS or LIVE_CODE.fullmatch(host):
        return Meaning.SHORT_LINK
    if weibo_uid(payload) or weibo_domain(payload):
        return Meaning.WEIBO_ACCOUNT
    if host in ("itunes.apple.com", "apps.apple.com", "a.app.qq.com") or path.casefold().endswith((".apk", ".ipa")):
        return Meaning.APP_DOWNLOAD
    return Meaning.WEB_LINK


def weibo_uid(payload: str) -> str | None:
    """The numeric uid a Weibo payload names; None for a personal domain name or anything else."""
    parts = _split(payload)
    if _host(parts) not in WEIBO_HOSTS:
        return None
    if parts.path.rstrip("/") == "/qr/userinfo":
        uid = parse_qs(parts.query).get("uid", [""])[0]
        return uid if uid.isdigit() else None
    found = re.fullmatch(r"/(?:u/|profile/|p/100505)?([0-9]{5,12})/?", parts.path)
    return found[1] if found else None


def weibo_domain(payload: str) -> str | None:
    """The personal domain name by which a Weibo address names an account."""
    parts = _split(payload)
    found = re.fullmatch(r"/([A-Za-z][\w-]+)/?", parts.path)
    if not found or _host(parts) not in WEIBO_HOSTS or found[1].casefold() in NO_ACCOUNT:
        return None
    return found[1]


def unwrapped(url: str) -> str:
    """The address inside Weibo's own detours: its warning before outside links, and its visitor page."""
    parts = _split(url)
    host, path = _host(parts), parts.path.rstrip("/")
    name = {("weibo.cn", "/sinaurl"): "u", ("passport.weibo.com", "/visitor/visitor"): "url"}.get((host, path))
    inner = parse_qs(parts.query).get(name, [""])[0] if name else ""
    return inner if inner.startswith(("http://", "https://")) else url


def wechat_token(payload: str) -> str | None:
    """The token of an official account's code, the same over http and https and without what follows `#` or `?`."""
    parts = _split(payload)
    found = re.fullmatch(r"/(?:r|q)/((?:mp/)?[A-Za-z0-9_-]+)/?", parts.path)
    return found[1] if found and _host(parts) == "weixin.qq.com" else None


def wechat_biz(url: str) -> str | None:
    """The `__biz` of an address of an account's own page. An article's says nothing: sites link to anybody's articles."""
    parts = _split(url)
    if _host(parts) != "mp.weixin.qq.com" or parts.path not in ("/mp/profile_ext", "/mp/homepage", "/mp/appmsgalbum"):
        return None
    return parse_qs(parts.query).get("__biz", [None])[0]


def expected(registry: Registry, site: Site) -> list[Account]:
    """The active accounts whose codes must stand on the site: those it names, else all of its department."""
    if site.expects_qr:
        named = map(registry.by_id.get, site.expects_qr)
        accounts = [thing for thing in named if isinstance(thing, Account)]
    else:
        accounts = [a for a in registry.accounts_of(site.department) if a.platform is not Platform.WEBSITE]
    return [account for account in accounts if account.state is State.ACTIVE]


def same_account(payload: str, account: Account, leads_to: str | None = None) -> bool | None:
    """Whether the code is this account's; None when that cannot be told from the payload and the registry.

    `leads_to`: where its link ends, when it was followed. A WeChat token names no account: only a registered payload says
    yes, and a token that is not registered says nothing, because an account may have several.
    """
    if payload in account.qr_payloads:
        return True
    payload = leads_to or payload
    meaning = classify(payload)
    if account.platform is Platform.WEIBO:
        uid = weibo_uid(payload)
        if uid is not None:
            return uid == account.uid
        return None if meaning in (Meaning.WEIBO_ACCOUNT, Meaning.SHORT_LINK) else False
    token = wechat_token(payload)
    if token is None:
        return None if meaning is Meaning.SHORT_LINK else False
    return True if token in map(wechat_token, account.qr_payloads) else None


class Owners:
    """The registered accounts by what their codes lead to: asked for one code, not every account is looked at."""

    def __init__(self, accounts: Iterable[Account] = ()) -> None:
        self._accounts = accounts

    def of(self, payload: str, leads_to: str | None = None) -> Account | None:
        """The account the code certainly leads to, as `same_account` says; the first in the registry of several."""
        end = leads_to or payload
        names = (payload, weibo_uid(end), wechat_token(end))
        found = [self._by_name[name] for name in names if name in self._by_name]
        return min(found, key=lambda numbered: numbered[0])[1] if found else None

    @cached_property
    def _by_name(self) -> dict[str | None, tuple[int, Account]]:
        """By registered payload, token of one, and uid on Weibo: (place in the registry, account)."""
        index: dict[str | None, tuple[int, Account]] = {}
        for numbered in enumerate(self._accounts):
            account = numbered[1]
            is_weibo = account.platform is Platform.WEIBO
            tokens = () if is_weibo else map(wechat_token, account.qr_payloads)
            for name in (*account.qr_payloads, *tokens, account.uid if is_weibo else None):
                if name:
                    index.setdefault(name, numbered)
        return index


def _split(payload: str) -> SplitResult:
    """Parts of an address; all empty where it is none: a code may contain anything."""
    try:
        parts = urlsplit(payload.strip())
        parts.hostname  # noqa: B018 -- raises for a broken host only when asked
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts


def _host(parts: SplitResult) -> str:
    return (parts.hostname or "").casefold()
