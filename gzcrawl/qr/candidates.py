"""Where QR codes may stand on a page, likeliest first. Pure: HTML in, addresses and inline pictures out."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

from parsel import Selector

LAZY = ("data-src", "data-original", "data-lazy", "data-lazy-src", "data-url", "original", "file", "_src")

OWN_LINKS = 3
"""Even a small home page leads to a few pages of its own."""

HINT = re.compile(r"ewm|erweima|qr|wei?xin|weibo|wechat|wx|gzh|code|二维码|扫一扫|扫码|微信|微博|公众号", re.IGNORECASE)

_CSS_URL = re.compile(r"""url\(\s*(['"]?)(.+?)\1\s*\)""")

# Scripts that can put a picture on the page, or that we cannot see into.
_DRAWS = re.compile(
    r"document\.write|innerHTML|appendChild|createElement|canvas|qrcode|\.html\(|\.append\(", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A picture that may be a code: by address, or inline as `data`."""

    place: str  # "img", "css", "data", "link"
    url: str | None = None
    data: bytes | None = None
    context: str = ""  # alt, title and neighbouring text

    @property
    def likely(self) -> bool:
        return bool(HINT.search(f"{self.url or ''} {self.context}"))


def candidates(html: str, base_url: str) -> list[Candidate]:
    """All pictures of a page, each once, likely codes first; addresses are absolute http(s)."""
    if not html.strip():
        return []
    root = Selector(html, type="html")
    base = urljoin(base_url, root.xpath("//base/@href").get() or "")
    found: dict[str, Candidate] = {}
    for place, source, context in (*_images(root), *_links(root), *_css(root)):
        candidate = _candidate(place, source.strip(), base, context)
        if candidate:
            found.setdefault(source.strip() if candidate.data else str(candidate.url), candidate)
    return sorted(found.values(), key=lambda candidate: not candidate.likely)


def scripted(html: str) -> bool:
    """Whether scripts of the page may draw a code that its HTML does not contain."""
    root = Selector(html, type="html") if html.strip() else None
    if root is None:
        return False
    if root.xpath("//script[@src] | //iframe | //object | //embed | //link[contains(@rel, 'stylesheet')]"):
        return True
    return any(_DRAWS.search(code) for code in root.xpath("//script/text()").getall())


def torn(html: str, url: str) -> bool:
    """Whether this cannot be the whole home page: its end is missing, or hardly anything in it leads to its own host.

    A connection that breaks and a portal that answers in place of the site both look like a page without codes.
    """
    if "</html>" not in html[-2000:].casefold() and "</body>" not in html[-2000:].casefold():
        return True
    host = urlsplit(url).hostname
    links = Selector(html, type="html").xpath("//a/@href").getall()
    own = {link for link in links if _parses(link) and urlsplit(urljoin(url, link)).hostname == host}
    return len(own) < OWN_LINKS


def _images(root: Selector) -> Iterator[tuple[str, str, str]]:
    for image in root.xpath("//img | //input[@type='image'] | //source"):
        context = _context(image)
        for name in ("src", *LAZY):
            value = image.attrib.get(name)
            if value:
                yield "img", value, context
        for part in image.attrib.get("srcset", "").split(","):
            if part.strip() and not part.strip().startswith("data:"):
                yield "img", part.split()[0], context


def _links(root: Selector) -> Iterator[tuple[str, str, str]]:
    """Links to a picture: a code shown on click."""
    for link in root.xpath("//a[@href]"):
        href = link.attrib["href"]
        if re.search(r"\.(png|jpe?g|gif|webp|bmp)$", urlsplit(href).path, re.IGNORECASE) if _parses(href) else False:
            yield "link", href, _context(link)


def _css(root: Selector) -> Iterator[tuple[str, str, str]]:
    for styled in root.xpath("//*[contains(@style, 'url(')]"):
        for found in _CSS_URL.finditer(styled.attrib["style"]):
            yield "css", found[2], _context(styled)
    for sheet in root.xpath("//style/text()").getall():
        for found in _CSS_URL.finditer(sheet):
            yield "css", found[2], ""


def _context(node: Selector) -> str:
    own = " ".join(node.attrib.get(name, "") for name in ("alt", "title", "class", "id"))
    around = node.xpath("string(..)").get() or ""
    return " ".join(f"{own} {around}".split())[:120]


def _candidate(place: str, source: str, base: str, context: str) -> Candidate | None:
    if source.startswith("data:"):
        data = _inline(source)
        return Candidate("data", data=data, context=context) if data else None
    if not _parses(source):
        return None
    url = urljoin(base, source)
    return Candidate(place, url=url, context=context) if url.startswith(("http://", "https://")) else None


def _inline(source: str) -> bytes | None:
    head, _comma, payload = source.partition(",")
    if not head.startswith("data:image/"):
        return None
    try:
        return base64.b64decode(unquote_to_bytes(payload)) if head.endswith(";base64") else unquote_to_bytes(payload)
    except (binascii.Error, ValueError):
        return None


def _parses(url: str) -> bool:
    try:
        urlsplit(url)
    except ValueError:
        return False
    return bool(url) and not url.startswith(("javascript:", "#", "about:"))
