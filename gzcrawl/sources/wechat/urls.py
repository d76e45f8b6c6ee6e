"""Addresses of WeChat articles and the identity in them."""

from __future__ import annotations

import base64
import html
import re
from urllib.parse import parse_qs, urlsplit


def clean_url(url: str) -> str:
    r"""An address as it was meant: `&amp;amp;`, `\x26amp;` and a missing scheme undone; "" for anything but http(s)."""
    url = url.strip().replace(r"\x26", "&")
    for _ in range(2):  # double escaping is ordinary in these pages
        url = html.unescape(url)
    url = f"https:{url}" if url.startswith("//") else url
    try:
        host = urlsplit(url).hostname
    except ValueError:  # half an IPv6 address
        host = None
    return url if host and re.match(r"https?://[^\s/]", url) else ""


def native_id(biz: str, mid: str, idx: str) -> str:
    """`biz:mid:idx`, "" if a part is missing. `biz` may be the decimal number that __biz is the base64 of."""
    if re.fullmatch(r"[0-9]{6,20}", biz):
        biz = base64.b64encode(biz.encode()).decode()
    return f"{biz}:{mid}:{idx}" if biz and mid.isdecimal() and idx.isdecimal() and mid != "0" else ""


def native_id_of(url: str) -> str:
    """The identity in a long address `/s?__biz=…&mid=…&idx=…`; "" for a short or temporary one."""
    try:
        parts = urlsplit(clean_url(url))
        query = parse_qs(parts.query)
    except ValueError:
        return ""
    if not (parts.hostname or "").endswith("weixin.qq.com"):
        return ""
    first = {name: values[0] for name, values in query.items()}
    return native_id(
        first.get("__biz", "").replace(" ", "+"),
        first.get("mid") or first.get("appmsgid", ""),
        first.get("idx") or first.get("itemidx", ""),
    )
