"""A forward proxy on loopback for the browser: whatever a page asks for, only public addresses are reached.

Filtering requests inside the browser would miss redirects, workers and WebSockets, and a name can resolve twice to different
addresses. Here every connection of the browser passes, and the address that was checked is the one connected to.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Collection
from typing import Self
from urllib.parse import urlsplit

from gzcrawl.middlewares import is_literal, is_public

MAX_HEAD = 64 * 1024
MAX_BYTES = 64 * 1024 * 1024
"""What one connection may bring: a page that never stops sending is cut off."""

CONNECT_SECONDS = 10.0
IDLE_SECONDS = 60.0

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Refused(OSError):
    """The address is not public, or the request is not understood."""


class Egress:
    """`async with Egress() as egress:` gives `egress.url`, the address for the browser.

    `allow`: (host, port) on loopback that are reached all the same: the throw-away server of a page from a file.
    Behind a proxy (`https_proxy`, `http_proxy`) everything goes on to it, and names are its affair.
    """

    def __init__(self, allow: Collection[tuple[str, int]] = ()) -> None:
        self._allow = frozenset(allow)
        upstream = os.environ.get("https_proxy") or os.environ.get("http_proxy")
        self._upstream = urlsplit(upstream) if upstream else None
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self.refused: list[str] = []

    @property
    def url(self) -> str:
        assert self._server is not None, "the proxy was not started"
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def start(self) -> Self:
        self._server = await asyncio.start_server(self._client, "127.0.0.1", 0, limit=MAX_HEAD)
        return self

    def close(self) -> None:
        """Take no more connections and end those that are open."""
        if self._server is not None:
            self._server.close()
            for task in tuple(self._open):
                task.cancel()

    async def stop(self) -> None:
        self.close()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *_error: object) -> None:
        await self.stop()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            await self._serve(reader, writer)
        except Refused as error:
            if len(self.refused) < 100:
                self.refused.append(str(error))
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        except asyncio.CancelledError:
            pass  # the proxy is stopped
        finally:
            self._open.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(IDLE_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
        method, target, host, port = _target(head)
        if method == "CONNECT":
            far = await self._connect(host, port, tunnel=True)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            far = await self._connect(host, port, tunnel=False)
            far[1].write(_one_request(head, method, target, whole=self._passes_on(host, port)))
        try:
            await _join((reader, writer), far)
        finally:
            far[1].close()

    def _passes_on(self, host: str, port: int) -> bool:
        return self._upstream is not None and (host, port) not in self._allow

    async def _connect(self, host: str, port: int, *, tunnel: bool) -> Streams:
        async with asyncio.timeout(CONNECT_SECONDS):
            if (host, port) in self._allow:
                return await asyncio.open_connection(host, port)
            if is_literal(host) and not is_public(host):
                raise Refused(f"{host}:{port}")
            if self._upstream is None:
                return await asyncio.open_connection(await self._address(host, port), port)
            streams = await asyncio.open_connection(self._upstream.hostname, self._upstream.port or 80)
            if tunnel:
                await ask_tunnel(streams, host, port)
            return streams

    async def _address(self, host: str, port: int) -> str:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(entry[4][0]) for entry in found]
        if not addresses or not all(map(is_public, addresses)):
            raise Refused(f"{host}:{port}")
        return addresses[0]


def _target(head: bytes) -> tuple[str, str, str, int]:
    """(method, target as sent, host, port) of a proxy request."""
    try:
        method, target, _version = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        parts = urlsplit(f"//{target}" if method == "CONNECT" else target)
        port = parts.port or 80
    except ValueError as error:
        raise Refused("not a proxy request") from error
    if not parts.hostname or (method != "CONNECT" and parts.scheme not in ("http", "ws")):
        raise Refused(target[:200])
    return method, target, parts.hostname, port


def _one_request(head: bytes, method: str, target: str, *, whole: bool) -> bytes:
    """The head for the far side, which shall close afterwards: the next request may be for another host."""
    lines = head.split(b"\r\n")[1:-2]
    kept = [line for line in lines if not line.lower().startswith((b"proxy-", b"connection:", b"upgrade:"))]
    parts = urlsplit(target)
    path = target if whole else (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    first = f"{method} {path} HTTP/1.1".encode("latin-1")
    return b"\r\n".join((first, *kept, b"Connection: close", b"", b""))


class TunnelRefused(OSError):
    """The proxy answered a CONNECT with another status than 200."""

    def __init__(self, status: str) -> None:
        super().__init__(f"CONNECT: {status}")
        self.status = status


async def ask_tunnel(far: Streams, host: str, port: int) -> None:
    name = f"[{host}]" if ":" in host else host
    far[1].write(f"CONNECT {name}:{port} HTTP/1.1\r\nHost: {name}:{port}\r\n\r\n".encode("latin-1"))
    answer = await far[0].readuntil(b"\r\n\r\n")
    if answer.split(b" ", 2)[1:2] != [b"200"]:
        far[1].close()
        raise TunnelRefused(answer[9:12].decode("latin-1"))


async def _join(near: Streams, far: Streams) -> None:
    """Both directions until the far side has nothing more to say."""
    sending = asyncio.create_task(_copy(near[0], far[1]))
    try:
        await _copy(far[0], near[1])
    finally:
        sending.cancel()
        with contextlib.suppress(asyncio.CancelledError, OSError):
            await sending


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    carried = 0
    while carried < MAX_BYTES:
        async with asyncio.timeout(IDLE_SECONDS):
            chunk = await reader.read(64 * 1024)
        if not chunk:
            return
        carried += len(chunk)
        writer.write(chunk)
        await writer.drain()
