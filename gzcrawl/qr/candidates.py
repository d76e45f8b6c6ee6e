"""Where QR codes may stand on a page, likeliest first. Pure: HTML in, addresses and inline pictures out."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

from parsel import Selector

from gzcrawl.qr.vector import may_be_code

LAZY = ("data-src", "data-original", "data-lazy", "data-lazy-src", "data-url", "original", "file", "_src")

OWN_LINKS = 3
"""Even a small home page leads to a few pages of its own."""

HINT = re.compile(r"ewm|erweima|qr|wei?xin|weibo|wechat|wx|gzh|code|二维码|扫一扫|扫码|微信|微博|公众号", re.IGNORECASE)

ABOUT = re.compile(r"关于我们|联系我们|联系方式|关注我们|新媒体|两微一端|官方微博|官方微信|公众号|二维码")
"""Words of a link to a page that may show the codes when the home page does not."""

_CSS_URL = re.compile(r"""url\(\s*(['"]?)(.+?)\1\s*\)""")
_CSS_IMPORT = re.compile(r"""@import\s+(?:url\(\s*)?['"]?([^'"()\s;]+)""")
_PICTURE = re.compile(r"\.(png|jpe?g|gif|webp|avif|bmp|svg|ico|tiff?)$", re.IGNORECASE)
_NO_PICTURE = re.compile(r"\.(woff2?|ttf|eot|otf|css|js)$", re.IGNORECASE)

MOST_CELLS = 400
"""A table with more empty cells may be a code: the smallest has 441 modules."""

_DRAWN_BY_CSS = re.compile(r"image-set\(|(?:box-shadow|gradient)[^;}]{2000}")
"""Style sheets that may draw a code without naming a picture by `url()`."""

# Scripts that can put a picture on the page, or that we cannot see into.
_DRAWS = re.compile(
    r"document\.write|innerHTML|appendChild|createElement|canvas|qrcode|\.html\(|\.append\(", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A picture that may be a code: by address, or inline as `data`."""

    place: str  # "img", "css", "data", "link", "svg"
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
    named = (*_images(root), *_attributes(root), *_links(root), *_css(root))
    return _each_once([*(_candidate(*one, base) for one in named), *_drawings(root)])


def in_sheet(css: str, url: str) -> list[Candidate]:
    """The pictures that a style sheet names."""
    return _each_once(_candidate("css", found[2], "", url) for found in _CSS_URL.finditer(css))


def sheets(html: str, base_url: str) -> list[str]:
    """Addresses of the page's style sheets."""
    if not html.strip():
        return []
    root = Selector(html, type="html")
    base = urljoin(base_url, root.xpath("//base/@href").get() or "")
    linked = root.xpath("//link[contains(@rel, 'stylesheet')]/@href").getall()
    inner = [url for sheet in root.xpath("//style/text()").getall() for url in imports(sheet, base)]
    return list(dict.fromkeys((*(urljoin(base, href.strip()) for href in linked if _parses(href)), *inner)))


def imports(css: str, url: str) -> list[str]:
    """Addresses of the style sheets that a style sheet imports."""
    return [urljoin(url, found) for found in _CSS_IMPORT.findall(css) if _parses(found)]


def about_pages(html: str, base_url: str) -> dict[str, str]:
    """Pages of the same host that may show the codes: address -> the words of the link, in the order of the page."""
    if not html.strip():
        return {}
    found: dict[str, str] = {}
    for link in Selector(html, type="html").xpath("//a[@href]"):
        words = " ".join(f"{link.xpath('string()').get()} {link.root.get('title', '')}".split())
        href = link.root.get("href", "").strip()
        if len(words) <= 30 and ABOUT.search(words) and _parses(href) and not _PICTURE.search(urlsplit(href).path):
            url = urljoin(base_url, href).partition("#")[0]
            if urlsplit(url).hostname == urlsplit(base_url).hostname and url != base_url:
                found.setdefault(url, words)
    return found


def scripted(html: str) -> bool:
    """Whether scripts, frames, table cells or styles of the page may show a code that none of its pictures contains."""
    root = Selector(html, type="html") if html.strip() else None
    if root is None:
        return False
    if root.xpath("//script[@src] | //iframe | //frame | //object | //embed | //video"):
        return True
    if len(root.xpath("//td[not(*) and not(normalize-space())]")) > MOST_CELLS:
        return True
    if any(_DRAWN_BY_CSS.search(css) for css in root.xpath("//style/text() | //@style").getall()):
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
            value = image.root.get(name)
            if value:
                yield "img", value, context
        for part in image.root.get("srcset", "").split(","):
            if part.strip() and not part.strip().startswith("data:"):
                yield "img", part.split()[0], context


def _attributes(root: Selector) -> Iterator[tuple[str, str, str]]:
    """Grounds of old pages (`<td background>`), posters, and lazy attributes of any name that name a picture."""
    for node in root.xpath("//body/descendant-or-self::*[@*[contains(., '.')]]"):
        for name, value in node.root.attrib.items():
            known = name in ("src", "href", "style", "srcset", *LAZY)
            if name == "background" or (not known and _parses(value) and _PICTURE.search(urlsplit(value).path)):
                yield "img", value, _context(node)


def _links(root: Selector) -> Iterator[tuple[str, str, str]]:
    """Links to a picture: a code shown on click."""
    for link in root.xpath("//a[@href]"):
        href = link.root.get("href", "")
        if _parses(href) and _PICTURE.search(urlsplit(href).path):
            yield "link", href, _context(link)


def _css(root: Selector) -> Iterator[tuple[str, str, str]]:
    for styled in root.xpath("//*[contains(@style, 'url(')]"):
        for found in _CSS_URL.finditer(styled.root.get("style", "")):
            yield "css", found[2], _context(styled)
    for sheet in root.xpath("//style/text()").getall():
        for found in _CSS_URL.finditer(sheet):
            yield "css", found[2], ""


def _drawings(root: Selector) -> Iterator[Candidate]:
    """Inline drawings with enough in them to be a code."""
    for drawing in root.xpath("//svg[not(ancestor::svg)]"):
        markup = drawing.get()
        if may_be_code(markup):
            yield Candidate("svg", data=markup.encode(), context=_context(drawing))


def _each_once(found: Iterable[Candidate | None]) -> list[Candidate]:
    """Likely codes first, else in the order of the page."""
    once: dict[str | bytes | None, Candidate] = {}
    for candidate in filter(None, found):
        once.setdefault(candidate.url or candidate.data, candidate)
    return sorted(once.values(), key=lambda candidate: not candidate.likely)


def _context(node: Selector) -> str:
    own = " ".join(node.root.get(name, "") for name in ("alt", "title", "class", "id"))
    around = node.xpath("string(..)").get() or ""
    return " ".join(f"{own} {around}".split())[:120]


def _candidate(place: str, source: str, context: str, base: str) -> Candidate | None:
    source = source.strip()
    if source.startswith("data:"):
        data = _inline(source)
        return Candidate("data", data=data, context=context) if data else None
    if not _parses(source) or _NO_PICTURE.search(urlsplit(source).path):
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
