"""URL variants of one article known as one."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit


def article_key(url: str) -> str | None:
    """The same for every address of one article; None for what names no article (home pages, unresolved short links)."""
    try:
        parts = urlsplit(url.replace("&amp;", "&").strip())
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    path = parts.path.rstrip("/")
    if not host or host == "t.cn" or (not path and not parts.query):
        return None
    if host == "mp.weixin.qq.com":
        query = parse_qs(parts.query)
        if {"__biz", "mid", "idx"} <= query.keys():
            return "wechat:" + ":".join(query[name][0] for name in ("__biz", "mid", "idx"))
        return f"wechat:{path}" if path.startswith("/s/") else None
    if host in ("m.weibo.cn", "weibo.com", "weibo.cn"):
        return f"weibo:{path.rsplit('/', 1)[-1]}"
    return f"{host}{path}" + (f"?{parts.query}" if parts.query else "")
