"""`gzcrawl qr audit`: one page, looked at with a browser and judged against the codes that must stand there."""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from PIL import Image
from playwright.async_api import Browser, BrowserContext, Error, async_playwright

from gzcrawl import leftovers
from gzcrawl.browser import launch_options
from gzcrawl.egress import Egress
from gzcrawl.middlewares import is_literal
from gzcrawl.qr import prominence
from gzcrawl.qr.candidates import candidates
from gzcrawl.qr.decode import ImageError, decode
from gzcrawl.qr.over import over
from gzcrawl.qr.payload import Meaning, classify
from gzcrawl.qr.picture import OTHER, RIGHT
from gzcrawl.qr.render import CONTEXT, SECONDS, Enough, Look, best, look
from gzcrawl.qr.verdict import Expectation, Found
from gzcrawl.qr.watch import Watch
from gzcrawl.sources import Page
from gzcrawl.sources.encoding import decode as text_of

OPEN_SECONDS = 15.0
CLOSE_SECONDS = 15.0
MOST_HIDDEN = 30
HOPS = 5
MOST_PAGE = 64 * 1024
FOLLOW_SECONDS, MOST_LINKS = 20.0, 20


class AuditError(RuntimeError):
    """The audit cannot be run at all; the message says why and what to do, in Chinese."""


@dataclass(kw_only=True)
class Audit:
    """What was found. `hidden`: payload -> place of codes that are in the page's pictures but are never shown."""

    url: str
    look: Look
    hidden: dict[str, str] = field(default_factory=dict)
    links: dict[str, Found] = field(default_factory=dict)
    expectations: Sequence[Expectation] = ()

    @property
    def found(self) -> list[Found]:
        payloads = dict.fromkeys((*(s.payload for s in self.look.spots), *self.hidden))
        return [self._found(payload) for payload in payloads]

    def _found(self, payload: str) -> Found:
        known = self.links.get(payload, Found(payload=payload, leads_to=payload))
        # A link to the picture shows it on a click.
        shown = self.hidden.get(payload, "link") == "link"
        return replace(known, shown=shown or (None if self.look.unseen else False))

    def report(self) -> dict[str, Any]:
        """The JSON that the command prints."""
        return {
            "url": self.url,
            "size": list(self.look.size),
            "not_seen": self.look.unseen,
            "expectations": [self._expected(expectation) for expectation in self.expectations],
            "codes": [self._code(code) for code in self.found],
        }

    def picture(self) -> Image.Image | None:
        """The page with the boxes of its codes: green where an expectation is met, else blue."""
        return self.look.drawn(lambda spot: RIGHT if self._meets(spot.payload) else OTHER)

    def _meets(self, payload: str) -> bool:
        return any(e.owns(self._found(payload)) for e in self.expectations)

    def _expected(self, expectation: Expectation) -> dict[str, Any]:
        others = [other for other in self.expectations if other is not expectation]
        verdict, code = expectation.judge(self.found, whole=not self.look.unseen, others=others)
        answer = {"platform": str(expectation.platform), "expected": expectation.value, "verdict": str(verdict)}
        return answer | (self._code(code) if code else {"payload": None, "meaning": None, "place": None, "box": None})

    def _code(self, code: Found) -> dict[str, Any]:
        spot = best(self.look.spots, code.payload)
        answer: dict[str, Any] = {
            "payload": code.payload,
            "meaning": str(classify(code.payload)),
            "dead": code.dead is not None,
        }
        if code.leads_to != code.payload:
            answer |= {"leads_to": code.leads_to, "leads_to_meaning": str(code.meaning)}
        if spot is None:
            return answer | {"place": f"hidden:{self.hidden[code.payload]}", "box": None, "prominence": None}
        parts = prominence.parts(spot.facts)
        measured = {"score": prominence.score(spot.facts), "parts": parts, "facts": spot.facts.document()}
        return answer | {"place": spot.facts.shown, "box": list(spot.box), "prominence": measured}


async def audit(target: str, expectations: Sequence[Expectation]) -> Audit:
    """Look at a URL or an .html file. `AuditError` when there is no browser, or no such file."""
    options = launch_options()
    if options is None:
        raise AuditError("没有找到浏览器。请安装 chromium，或运行 playwright install chromium")
    with contextlib.ExitStack() as served:
        url = target if target.startswith(("http://", "https://")) else served.enter_context(serve_file(Path(target)))
        leftovers.end_orphans()
        async with Egress(_own(url)) as egress, async_playwright() as playwright:
            try:
                browser = await playwright.chromium.launch(**options)
            except Error as error:
                raise AuditError(f"浏览器启动失败：{error.message.splitlines()[0]}") from error
            try:
                return await visit(browser, url, expectations, egress.url, shown_as=target)
            finally:
                await close(browser, options)


async def close(browser: Browser, options: dict[str, Any]) -> None:
    """Close a browser that was started with `options`; one that does not close in time is ended."""
    with contextlib.suppress(TimeoutError, Error):
        async with asyncio.timeout(CLOSE_SECONDS):
            await browser.close()
    leftovers.end(leftovers.mark_in(options["args"]))


async def visit(
    browser: Browser,
    url: str,
    expectations: Sequence[Expectation],
    proxy: str,
    *,
    shown_as: str = "",
    seconds: float = SECONDS,
) -> Audit:
    """Audit one page in a context of its own whose way out is `proxy`. Whatever the page does, there is an `Audit`."""
    done = Audit(url=shown_as or url, look=Look(), expectations=expectations)

    def enough(payloads: Collection[str]) -> bool:
        return bool(expectations) and all(any(e.is_met_by(p) for p in payloads) for e in expectations)

    try:
        # A page may wedge the browser so that not even closing it comes back.
        async with asyncio.timeout(OPEN_SECONDS + seconds + CLOSE_SECONDS):
            context = await browser.new_context(**CONTEXT, proxy={"server": proxy, "bypass": "<-loopback>"})
            try:
                await _visit(context, url, done, enough, seconds)
            finally:
                with contextlib.suppress(TimeoutError, Error):
                    async with asyncio.timeout(CLOSE_SECONDS):
                        await context.close()
    except TimeoutError:
        done.look.unseen.append("浏览器没有响应")
    except Error as error:
        done.look.unseen.append(f"页面打不开（{error.message.splitlines()[0][:150]}）")
    await _follow(done, proxy)
    return done


async def _visit(context: BrowserContext, url: str, done: Audit, enough: Enough, seconds: float) -> None:
    page = await context.new_page()
    watch = Watch(page)
    answer = await page.goto(url, wait_until="domcontentloaded", timeout=OPEN_SECONDS * 1000)
    if answer is not None and answer.status >= 400:
        done.look.unseen.append(f"HTTP {answer.status}")
    refused = list(done.look.unseen)
    done.look = await look(page, watch, enough, seconds=seconds)
    done.look.unseen[:0] = refused
    if not enough(done.look.payloads):
        await _hidden(context, page.url, done)


async def _hidden(context: BrowserContext, url: str, done: Audit) -> None:
    """Codes in pictures that the page names but never showed."""
    for image in [c for c in candidates(done.look.html, url) if c.likely][:MOST_HIDDEN]:
        try:
            if image.data is None:
                answer = await context.request.get(str(image.url), timeout=4000, max_redirects=HOPS)
                body = await answer.body() if answer.ok else b""
            else:
                body = image.data
            codes = await asyncio.to_thread(decode, body) if body else []
        except (Error, ImageError):
            continue  # it was not shown, so nothing on the page depends on it
        for code in codes:
            if code.payload not in done.look.payloads:
                done.hidden.setdefault(code.payload, image.place)


async def _follow(done: Audit, proxy: str) -> None:
    """Where links lead that say nothing by themselves; those that take too long stay unknown."""

    async def one(payload: str) -> None:
        done.links[payload] = await asyncio.to_thread(follow, payload, proxy)

    wanted = [c.payload for c in done.found if classify(c.payload) in (Meaning.SHORT_LINK, Meaning.WEB_LINK)]
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(FOLLOW_SECONDS):
            await asyncio.gather(*map(one, wanted[:MOST_LINKS]))


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: Any) -> None:
        return None


def follow(payload: str, proxy: str) -> Found:
    """Follow a link for some hops through the proxy. Only 404 and 410 are dead, and what says so: no answer is no proof."""
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE  # only the address it leads to is wanted
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({"http": proxy, "https": proxy}),
        urllib.request.HTTPSHandler(context=trusting),
        _Stay(),
    )
    url = payload
    for _hop in range(HOPS):
        try:
            with opener.open(urllib.request.Request(url), timeout=5) as answer:  # noqa: S310 -- http(s) only, see below
                page = Page(url=url, body=answer.read(MOST_PAGE), headers=dict(answer.headers))
        except urllib.error.HTTPError as error:
            location = error.headers.get("Location")
            error.close()
            if error.code in (404, 410):
                return Found(payload=payload, leads_to=url, dead=Meaning.DEAD)
            if not location or error.code not in (301, 302, 303, 307, 308):
                break
            url = urljoin(url, location)
            if not url.startswith(("http://", "https://")):
                break
        except (OSError, ValueError):
            break
        else:
            return Found(payload=payload, leads_to=url, dead=Meaning.EXPIRED if over(text_of(page)) else None)
    return Found(payload=payload, leads_to=url)


@contextlib.contextmanager
def serve_file(path: Path) -> Iterator[str]:
    """The file's folder on a throw-away server on loopback: a page from a file never becomes a `file:` page."""
    if not path.is_file():
        raise AuditError(f"没有文件 {path}；请给出 http(s) 网址或 .html 文件")
    folder = path.resolve().parent

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(folder))

        def translate_path(self, path: str) -> str:
            wanted = Path(super().translate_path(path)).resolve()
            return str(wanted if wanted.is_relative_to(folder) else folder / "nowhere")

        def log_message(self, format: str, *args: Any) -> None:
            """Silence."""

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64  # a browser asks for many things at once

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/{quote(path.name)}"
        finally:
            server.shutdown()


def _own(url: str) -> set[tuple[str, int]]:
    """The page's own server, when the operator named one on this machine; nothing else of this machine is reached."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    loopback = is_literal(host) and (host == "localhost" or host.startswith("127.") or host == "::1")
    return {(host, parts.port or (443 if parts.scheme == "https" else 80))} if loopback else set()
