"""Scrapy middlewares: where requests may go, and robots.txt obeyed by every one of them."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.robotstxt import RobotParser


class ForbiddenAddress(IgnoreRequest):
    """The request would have gone to a private network, the machine itself, or not over HTTP."""


class EgressGuard:
    """Public HTTP only: a page must not make us knock at the office's own network.

    Behind a proxy (`http_proxy`) the proxy decides where names lead; literal private addresses are refused even so.
    """

    def __init__(self) -> None:
        self._proxied = bool(os.environ.get("https_proxy") or os.environ.get("http_proxy"))
        self._verdicts: dict[str, bool] = {}

    @classmethod
    def from_crawler(cls, _crawler: Crawler) -> Self:
        return cls()

    async def process_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme == "data":
            return
        host = parts.hostname or ""
        if parts.scheme not in ("http", "https") or not await self._public(host):
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
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return True


def is_public(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_global
    except ValueError:
        return False


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
