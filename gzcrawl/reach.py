"""How probes reach a site: DNS, a TLS handshake that keeps what was sent, heads of answers, IPv6. Guarded and bounded.

Scrapy fetches pages; it tells neither the chain of a certificate nor over which address an answer came. Behind a proxy
(`https_proxy`, `http_proxy`) names are the proxy's affair, and IPv6 cannot be seen.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import io
import os
import re
import socket
from collections.abc import Callable, Mapping
from http.client import HTTPException, parse_headers
from urllib.parse import urljoin, urlsplit

import dns.asyncresolver
import dns.exception
import dns.resolver
from w3lib.html import get_meta_refresh

from gzcrawl.egress import Refused, Streams, TunnelRefused, ask_tunnel
from gzcrawl.handshake import NoTls, TlsError, server_name, shake_hands, unverified
from gzcrawl.middlewares import is_public
from gzcrawl.probes.address import PORTS, is_address
from gzcrawl.probes.fetched import Answer, Handshake, Hops, Missed, Six, Why

SECONDS = 15.0
"""For one step. 国办秘函〔2019〕19号: a site that has not opened after 15 s is not there."""
DNS_SECONDS = 5.0
HOPS = 6
AT_ONCE_SECONDS = 5
"""A page that leads on within this time is a redirect."""
BODY = 64 * 1024
AT_ONCE = 8
BODY_SECONDS = 3.0
"""For the beginning of a body, which is worth having but not waiting for."""

_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
_NO_ROUTE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL)

Target = tuple[str, int]


class Reach:
    """`dns`: "host:port" of a resolver instead of the system's. `admits`: which addresses may be connected to."""

    def __init__(
        self,
        *,
        dns: str = "",
        agent: str = "",
        ports: Mapping[str, int] = PORTS,
        admits: Callable[[str], bool] = is_public,
        has_ipv6: bool | None = None,
    ) -> None:
        self.ports = ports
        proxy = os.environ.get("https_proxy") or os.environ.get("http_proxy")
        self._proxy = urlsplit(proxy) if proxy else None
        self._admits, self._agent = admits, agent
        self._has_ipv6 = ipv6_here() if has_ipv6 is None else has_ipv6
        self._answered_over_six: set[str] = set()  # hosts
        self._resolver = _resolver(dns)
        self._slots = asyncio.Semaphore(AT_ONCE)

    @property
    def proxied(self) -> bool:
        return self._proxy is not None

    async def handshake(self, host: str, port: int) -> Handshake | Missed:
        """The certificates sent to whoever asks for `host`, trusted or not."""
        url = f"https://{host}:{port}"
        try:
            async with self._slots, asyncio.timeout(SECONDS):
                streams = await self._connect(host, port)
                with contextlib.closing(streams[1]):
                    return await shake_hands(*streams, host)
        except _FAILURES as problem:
            return missed(url, problem)

    async def hops(self, url: str) -> Hops:
        """The answer to `url` and to where it leads, at most HOPS."""
        seen: list[Answer | Missed] = []
        while len(seen) < HOPS:
            answer = await self.head(url)
            seen.append(answer)
            following = _leads_to(answer) if isinstance(answer, Answer) else None
            if following is None:
                break
            url = following
        return tuple(seen)

    async def head(self, url: str, address: str | None = None) -> Answer | Missed:
        """The head of the answer and at most BODY bytes of its body; `address`: to be connected to."""
        try:
            async with self._slots, asyncio.timeout(SECONDS):
                return await self._ask(url, address)
        except _FAILURES as problem:
            return missed(url, problem)

    async def six(self, host: str, url: str, *, asked: bool = True) -> Six:
        """The AAAA records of `host`, and, if it may be `asked`, the answer to `url` over the first of them."""
        if self.proxied or not self._has_ipv6 or is_address(host):
            return Six(here=self._has_ipv6)
        try:
            addresses = await self._lookup(host, "AAAA")
        except dns.exception.DNSException:
            return Six(here=True)
        answer = await self.head(url, addresses[0]) if addresses and asked else None
        if isinstance(answer, Answer):
            self._answered_over_six.add(host)
        return Six(here=True, addresses=tuple(addresses), answer=answer, proven=bool(self._answered_over_six - {host}))

    async def _ask(self, url: str, address: str | None) -> Answer:
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise Refused(url[:200])
        through = self._proxy is not None and parts.scheme == "http"
        port = parts.port or PORTS[parts.scheme]
        reader, writer = await self._connect(parts.hostname, port, address, tunnel=not through)
        with contextlib.closing(writer):
            if parts.scheme == "https":
                await writer.start_tls(unverified(), server_hostname=server_name(parts.hostname))
            path = url if through else (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            lines = (f"GET {path} HTTP/1.1", f"Host: {parts.netloc.rpartition('@')[2]}", f"User-Agent: {self._agent}",
                     "Accept: text/html,*/*", "Connection: close", "", "")  # fmt: skip
            writer.write("\r\n".join(lines).encode("ascii", "ignore"))
            return _answer(url, await reader.readuntil(b"\r\n\r\n"), await _some(reader))

    async def _connect(self, host: str, port: int, address: str | None = None, *, tunnel: bool = True) -> Streams:
        """Streams to the host. A literal private address is refused behind a proxy too."""
        if is_address(host) and not self._admits(host):
            raise Refused(f"{host}:{port}")
        if self._proxy is None:
            return await asyncio.open_connection(address or await self._address(host), port, limit=BODY)
        streams = await asyncio.open_connection(self._proxy.hostname, self._proxy.port or 80, limit=BODY)
        if tunnel:
            await ask_tunnel(streams, host, port)
        return streams

    async def _address(self, host: str) -> str:
        found = [host] if is_address(host) else await self._lookup(host, "A")
        if not found and self._has_ipv6:
            found = await self._lookup(host, "AAAA")
        if not found:
            raise dns.resolver.NoAnswer
        return found[0]

    async def _lookup(self, host: str, kind: str) -> list[str]:
        """Addresses; none when the name has none of that kind. `Refused` when one of them is private."""
        answer = await self._resolver.resolve(host, kind, raise_on_no_answer=False, search=False)
        found = [record.to_text() for record in answer.rrset or ()]
        if not all(map(self._admits, found)):
            raise Refused(f"{host} {found[0]}")
        return found


def _resolver(address: str) -> dns.asyncresolver.Resolver:
    resolver = dns.asyncresolver.Resolver(configure=not address)
    if address:
        host, _, port = address.rpartition(":")
        resolver.nameservers, resolver.port = [host], int(port)
    resolver.lifetime, resolver.timeout = DNS_SECONDS, DNS_SECONDS / 2
    return resolver


def ipv6_here() -> bool:
    """Whether this machine has a public IPv6 address to send from. Nothing is sent."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.connect(("2001:db8::1", 9))
            return is_public(str(probe.getsockname()[0]))
    except OSError:
        return False


async def _some(reader: asyncio.StreamReader) -> bytes:
    body = b""
    with contextlib.suppress(TimeoutError, OSError):
        async with asyncio.timeout(BODY_SECONDS):
            while len(body) < BODY and (chunk := await reader.read(BODY - len(body))):
                body += chunk
    return body


def _answer(url: str, head: bytes, body: bytes) -> Answer:
    """`ValueError` when it is no HTTP."""
    first, _, rest = head.partition(b"\r\n")
    status = _STATUS.match(first)
    if status is None:
        raise ValueError(first[:80].decode("latin-1"))
    headers = {name.lower(): value for name, value in reversed(parse_headers(io.BytesIO(rest)).items())}
    return Answer(url=url, status=int(status[1]), headers=headers, body=body)


def _leads_to(answer: Answer) -> str | None:
    """Where a redirect, or a page that is nothing else, sends a browser."""
    target: str | None = None
    if 300 <= answer.status < 400:
        target = answer.headers.get("location")
    elif answer.status == 200:
        wait, target = get_meta_refresh(answer.body, answer.url)
        target = target if wait is not None and wait <= AT_ONCE_SECONDS else None
    if not target:
        return None
    with contextlib.suppress(ValueError):
        return urljoin(answer.url, target)
    return None


_FAILURES = (
    OSError,
    *TlsError,
    dns.exception.DNSException,
    ValueError,
    HTTPException,
    EOFError,
    asyncio.LimitOverrunError,
)


def missed(url: str, problem: BaseException) -> Missed:
    """Why there was no answer."""
    return Missed(url=url, why=_why(problem), detail=f"{type(problem).__name__}: {problem}"[:200])


def _why(problem: BaseException) -> Why:
    match problem:
        case Refused():
            return Why.PRIVATE
        case TunnelRefused():
            return {"502": Why.REFUSED, "503": Why.REFUSED, "504": Why.TIMEOUT}.get(problem.status, Why.PROXY)
        case NoTls():
            return Why.PLAIN
        case _ if isinstance(problem, TlsError):
            return Why.TLS
        case TimeoutError():
            return Why.TIMEOUT
        case ConnectionRefusedError():
            return Why.REFUSED
        case dns.exception.DNSException():
            return Why.DNS
        case OSError() if problem.errno in _NO_ROUTE:
            return Why.NO_ROUTE
    return Why.CLOSED
