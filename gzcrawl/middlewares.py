"""Scrapy middlewares: where requests may go, robots.txt obeyed by every one of them, hosts left alone that refuse us."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
import socket
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.robotstxt import RobotParser

from gzcrawl import clock
from gzcrawl.items import SHANGHAI
from gzcrawl.spiders.base import TargetSpider
from gzcrawl.store import pages

VALIDATORS = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}


class ForbiddenAddress(IgnoreRequest):
    """The request would have gone to a private network, the machine itself, or not over HTTP."""


class EgressGuard:
    """Public HTTP only: a page must not make us knock at the office's own network.

    Behind a proxy (`http_proxy`) the proxy decides where names lead; literal private addresses are refused even so.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._proxied = bool(os.environ.get("https_proxy") or os.environ.get("http_proxy"))
        self._verdicts: dict[str, bool] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme == "data":
            return
        host, spider = parts.hostname or "", self._crawler.spider
        trusted = isinstance(spider, TargetSpider) and spider.trusts(request.url)
        if parts.scheme not in ("http", "https") or not (trusted or await self._public(host)):
            raise ForbiddenAddress(f"拒绝访问 {request.url[:200]}：不是公网 HTTP 地址")

    async def _public(self, host: str) -> bool:
        if host not in self._verdicts:
            self._verdicts[host] = await self._resolves_public(host)
        return self._verdicts[host]

    async def _resolves_public(self, host: str) -> bool:
        if is_literal(host):
            return is_public(host)
        if self._proxied:
            return True
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except OSError:
            return True  # the download will fail with the real reason
        return all(is_public(str(entry[4][0])) for entry in found)


def is_literal(host: str) -> bool:
    """Whether the host is an address, however it is written, or a name of this machine."""
    name = host.rstrip(".").casefold()
    return _address(name) is not None or name == "localhost" or name.endswith(".localhost")


def is_public(address: str) -> bool:
    found = _address(address.partition("%")[0].rstrip("."))
    return found is not None and found.is_global


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Also as `2130706433`, `0x7f.1` or `0177.0.0.1`: a proxy, or the system, may understand them."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(text)
    with contextlib.suppress(OSError):
        return ipaddress.IPv4Address(socket.inet_aton(text))
    return None


class Robots(RobotsTxtMiddleware):
    """Scrapy's, one request of a host at a time.

    Of several that wait for one robots.txt Scrapy 2.19 lets the second pass unchecked (a Deferred awaited twice gives
    None, which there means "allowed").
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._turns: dict[str, asyncio.Lock] = {}

    async def robot_parser(self, request: Request) -> RobotParser | None:
        async with self._turns.setdefault(urlsplit(request.url).netloc, asyncio.Lock()):
            return await super().robot_parser(request)


class HostLeftAlone(IgnoreRequest):
    """The host refused us lately; it is not asked again yet."""


class Manners:
    """One request of a host at a time; none to hosts that refused us; nothing asked again at once that asks for later.

    The turn is waited for here, not in the downloader's queue: what the answers before it said must count.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._turns: dict[str, asyncio.Lock] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        host = urlsplit(request.url).hostname or ""
        turn = self._turns.setdefault(host, asyncio.Lock())
        await turn.acquire()
        spider = self._crawler.spider
        until = spider.backoff.until(host, clock.now()) if isinstance(spider, TargetSpider) else None
        if until:
            turn.release()
            raise HostLeftAlone(f"{host}，{until.astimezone(SHANGHAI):%m-%d %H:%M} 以后再试")
        request.meta["turn"] = turn

    def process_response(self, request: Request, response: Response) -> Response:
        self._release(request)
        if b"Retry-After" in response.headers:
            request.meta["dont_retry"] = True
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:  # noqa: ARG002 -- Scrapy passes it by name
        self._release(request)

    @staticmethod
    def _release(request: Request) -> None:
        turn: asyncio.Lock | None = request.meta.pop("turn", None)
        if turn:
            turn.release()


class Revalidate:
    """Asks for pages only when they changed, and answers a 304 with the body kept from then.

    Scrapy's HTTP cache would answer from itself without asking, and put a kept page in the place of an error: for us
    every answer is an observation.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        for name in (*VALIDATORS.values(), "kept"):
            request.headers.pop(name, None)
        request.meta.pop("kept", None)
        spider = self._crawler.spider
        if isinstance(spider, TargetSpider) and request.meta.get("revalidate"):
            kept = pages.find(spider.db, request.url, clock.now())
            if kept and kept["at"] < spider.started:
                request.meta["kept"] = kept
                request.headers.update(kept["validators"])

    def process_response(self, request: Request, response: Response) -> Response:
        kept: pages.Kept | None = request.meta.get("kept")
        if response.status == 304 and kept:
            return response.replace(status=200, headers={"Content-Type": kept["content_type"]}, body=kept["body"])
        request.meta.pop("kept", None)
        spider = self._crawler.spider
        if response.status == 200 and request.meta.get("revalidate") and isinstance(spider, TargetSpider):
            told = {
                asks: response.headers[name] or b"" for name, asks in VALIDATORS.items() if name in response.headers
            }
            if told:
                page = pages.Kept(
                    at=clock.now(),
                    validators={name: value.decode("latin-1") for name, value in told.items()},
                    content_type=(response.headers.get("Content-Type") or b"").decode("latin-1"),
                    body=response.body,
                )
                pages.keep(spider.db, request.url, page)
        return response
