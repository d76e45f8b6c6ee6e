"""A site on loopback: real TLS, HTTP and DNS servers in the test's own event loop, and a look at it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import dns.message
import dns.rdatatype
import dns.rrset
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL.crypto import X509, X509Store

from gzcrawl import probes
from gzcrawl.items import SiteProbe
from gzcrawl.probes.address import address, host_of
from gzcrawl.probes.fetched import Fetched
from gzcrawl.reach import Reach
from gzcrawl.registry import Site

NOW = datetime(2025, 10, 13, 1, tzinfo=UTC)
SITE = Site(id="wjw-site", department="wjw", name="卫健委", home="https://site.test/", site_id_code="3699000003")
CA = trustme.CA()
PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HAS_SIX = socket.has_ipv6


def trust(ca: trustme.CA = CA) -> X509Store:
    store = X509Store()
    store.add_cert(X509.from_cryptography(x509.load_pem_x509_certificate(ca.cert_pem.bytes())))
    return store


def serving(cert: trustme.LeafCert, *, chain: bool = True) -> ssl.SSLContext:
    """`chain`: with its intermediate certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pems = cert.cert_chain_pems if chain else cert.cert_chain_pems[:1]
    with contextlib.ExitStack() as files:
        path = files.enter_context(trustme.Blob(b"".join(p.bytes() for p in (cert.private_key_pem, *pems))).tempfile())
        context.load_cert_chain(path)
    return context


def self_signed(name: str = "site.test") -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = (
        builder.serial_number(1).not_valid_before(NOW - timedelta(days=9)).not_valid_after(NOW + timedelta(days=90))
    )
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    blob = trustme.Blob(secret + builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with blob.tempfile() as path:
        context.load_cert_chain(path)
    return context


@dataclass(kw_only=True)
class Served:
    """`http`, `https`: the raw answer; {port} stands for the other one's. None: nobody listens."""

    https: bytes | None = PAGE
    http: bytes | None = b"HTTP/1.1 301 Moved\r\nLocation: https://site.test:{port}/\r\n\r\n"
    tls: ssl.SSLContext | None = None
    addresses: Mapping[str, str] = field(default_factory=lambda: {"A": "127.0.0.1"})
    garbage: bool = False  # what the name server answers
    six: bool = False  # somebody listens on [::1]


async def look(served: Served, *, has_ipv6: bool = False, at: datetime = NOW, **seen: Any) -> dict[str, SiteProbe]:
    """What every check says of the site, by its name."""
    async with contextlib.AsyncExitStack() as stack:
        secure = served.tls or serving(CA.issue_cert("site.test"))
        host = "::1" if served.six else "127.0.0.1"
        https = await stack.enter_async_context(_listen(served.https, host, secure, {}))
        http = await stack.enter_async_context(_listen(served.http, host, None, {"port": https}))
        names = await stack.enter_async_context(_name_server(served))
        ports = {"http": http, "https": https}
        reach = Reach(dns=f"127.0.0.1:{names}", ports=ports, admits=lambda _address: True, has_ipv6=has_ipv6)
        fetched = Fetched(
            site=SITE,
            at=at,
            unread="timeout",
            tls=await reach.handshake(host_of(SITE), https),
            http=await reach.hops(address(SITE, "http", ports)),
            https=await reach.hops(address(SITE, "https", ports)),
            six=await reach.six(host_of(SITE), address(SITE, "https", ports)),
            trust=trust,
        )
    return {probe.check: probe for probe in probes.run(replace(fetched, **seen), "r1")}


@contextlib.asynccontextmanager
async def _listen(
    answer: bytes | None, host: str, tls: ssl.SSLContext | None, values: Mapping[str, int]
) -> AsyncIterator[int]:
    """The port; where nothing is to be answered, one that nobody listens on."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            body = (answer or b"").replace(b"{port}", str(values.get("port", 0)).encode())
            writer.write(body)
            await writer.drain()
        writer.close()

    # The handshake of a client that only wants the certificate is never finished.
    server = await asyncio.start_server(serve, host, 0, ssl=tls)
    port = int(server.sockets[0].getsockname()[1])
    if answer is None:
        server.close()
        await server.wait_closed()
    try:
        yield port
    finally:
        server.close()


class _Names(asyncio.DatagramProtocol):
    def __init__(self, served: Served) -> None:
        self.served = served

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if self.served.garbage:
            self.transport.sendto(data[:2] + b"\xff" * 30, addr)
            return
        query = dns.message.from_wire(data)
        (question,) = query.question
        answer = dns.message.make_response(query)
        kind = dns.rdatatype.to_text(question.rdtype)
        if kind in self.served.addresses:
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, self.served.addresses[kind]))
        self.transport.sendto(answer.to_wire(), addr)


@contextlib.asynccontextmanager
async def _name_server(served: Served) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Names(served), local_addr=("127.0.0.1", 0))
    try:
        yield int(transport.get_extra_info("sockname")[1])
    finally:
        transport.close()
