"""A TLS handshake that keeps the certificates as they were sent, whatever they are worth, and the roots to judge them by."""

from __future__ import annotations

import asyncio
import contextlib
import ssl

from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL
from OpenSSL.crypto import Error as CryptoError
from OpenSSL.crypto import X509Store

from gzcrawl.probes.address import is_address
from gzcrawl.probes.fetched import Handshake, Roots

PIECE = 64 * 1024
MOST = 256 * 1024
"""Bytes a server may send until the handshake is done."""

OLD = "ALL:@SECLEVEL=0"
"""Ciphers: what an old server speaks is to be seen too."""

TlsError = (SSL.Error, ssl.SSLError)


class NoTls(OSError):
    """Plain HTTP where TLS was expected."""


async def shake_hands(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str) -> Handshake:
    """OpenSSL in memory, its bytes over the streams: it tells the chain as sent, which Python's ssl does from 3.13 on.

    `TlsError`, `NoTls`, or `ConnectionError` when the server hangs up.
    """
    connection = _client(host)
    received = 0
    while True:
        with contextlib.suppress(SSL.WantReadError):
            connection.do_handshake()
            break
        with contextlib.suppress(SSL.WantReadError):
            writer.write(connection.bio_read(PIECE))
        data = await reader.read(PIECE)
        if received == 0 and data.startswith(b"HTTP/"):
            raise NoTls
        received += len(data)
        if not data or received > MOST:
            raise ConnectionResetError("hung up during the handshake")
        connection.bio_write(data)
    chain = connection.get_peer_cert_chain(as_cryptography=True) or []
    return Handshake(tuple(one.public_bytes(Encoding.DER) for one in chain))


def _client(host: str) -> SSL.Connection:
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_cipher_list(OLD.encode())
    context.set_min_proto_version(SSL.TLS1_VERSION)
    connection = SSL.Connection(context, None)
    connection.set_connect_state()
    if name := server_name(host):
        connection.set_tlsext_host_name(name.encode("ascii"))
    return connection


def unverified() -> ssl.SSLContext:
    """For answers behind any certificate: what it is worth is judged from the handshake."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers(OLD)
    return context


def server_name(host: str) -> str | None:
    """What is asked for by name; an address is not."""
    return None if is_address(host) else host


def trusted_roots() -> Roots | None:
    """The roots this machine trusts (`SSL_CERT_FILE`, `SSL_CERT_DIR`, else the system's); None when there are none."""
    paths = ssl.get_default_verify_paths()

    def load() -> X509Store:
        store = X509Store()
        store.load_locations(paths.cafile, paths.capath)
        return store

    try:
        load()
    except (CryptoError, TypeError):
        return None
    return load
