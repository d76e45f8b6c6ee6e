"""What a QR payload leads to, and whether it is a registered account's (forms as seen in the wild)."""

from __future__ import annotations

import re
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

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


WEIBO_HOSTS = {"weibo.com", "www.weibo.com", "weibo.cn", "www.weibo.cn", "m.weibo.cn", "m.weibo.com"}
SHORT_HOSTS = {"t.cn", "url.cn", "w.url.cn", "dwz.cn", "suo.im", "sinaurl.cn"}


def classify(payload: str) -> Meaning:
    """What kind of thing the code leads to, by its form alone."""
    lowered = payload.strip().casefold()
    if lowered.startswith(("wxp://", "https://qr.alipay.com", "alipays://platformapi/startapp?appid=20000067")):
        return Meaning.PAYMENT
    if lowered.startswith("alipays://"):
        return Meaning.MINI_PROGRAM
    parts = urlsplit(payload.strip()) if lowered.startswith(("http://", "https://")) else None
    if parts is None:
        return Meaning.TEXT
    host, path = (parts.hostname or "").casefold(), parts.path
    if host == "weixin.qq.com" and path.startswith(("/r/", "/q/")):
        return Meaning.WECHAT_ACCOUNT
    if host == "u.wechat.com" or (host == "weixin.qq.com" and path.startswith(("/g/", "/x/"))):
        return Meaning.WECHAT_PERSONAL
    if host == "mp.weixin.qq.com" and path.startswith("/a/"):
        return Meaning.MINI_PROGRAM
    if host in SHORT_HOSTS:
        return Meaning.SHORT_LINK
    if host in WEIBO_HOSTS and (weibo_uid(payload) or re.fullmatch(r"/[\w-]+/?", path)):
        return Meaning.WEIBO_ACCOUNT
    if host in ("itunes.apple.com", "apps.apple.com", "a.app.qq.com") or path.casefold().endswith((".apk", ".ipa")):
        return Meaning.APP_DOWNLOAD
    return Meaning.WEB_LINK


def weibo_uid(payload: str) -> str | None:
    """The numeric uid a Weibo payload names; None for a personal domain name or anything else."""
    parts = urlsplit(payload.strip())
    if (parts.hostname or "").casefold() not in WEIBO_HOSTS:
        return None
    if parts.path.rstrip("/") == "/qr/userinfo":
        uid = parse_qs(parts.query).get("uid", [""])[0]
        return uid if uid.isdigit() else None
    found = re.fullmatch(r"/(?:u/|profile/|p/100505)?([0-9]{5,12})/?", parts.path)
    return found[1] if found else None


def wechat_token(payload: str) -> str | None:
    """The token of an official account's code, the same over http and https and without what follows `#` or `?`."""
    parts = urlsplit(payload.strip())
    found = re.fullmatch(r"/(?:r|q)/((?:mp/)?[A-Za-z0-9_-]+)/?", parts.path)
    return found[1] if found and (parts.hostname or "").casefold() == "weixin.qq.com" else None


def expected(registry: Registry, site: Site) -> list[Account]:
    """The active accounts whose codes must stand on the site: those it names, else all of its department."""
    if site.expects_qr:
        named = map(registry.by_id.get, site.expects_qr)
        accounts = [thing for thing in named if isinstance(thing, Account)]
    else:
        accounts = [a for a in registry.accounts_of(site.department) if a.platform is not Platform.WEBSITE]
    return [account for account in accounts if account.state is State.ACTIVE]


def same_account(payload: str, account: Account) -> bool | None:
    """Whether the code is this account's; None when that cannot be told from the payload and the registry.

    A WeChat token names no account: only a registered payload says yes, and a token that is not registered says
    nothing, because an account may have several.
    """
    if payload in account.qr_payloads:
        return True
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
