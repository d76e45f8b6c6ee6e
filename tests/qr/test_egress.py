"""The browser's way out: public addresses only, however they are written, and however a name resolves."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from fixtures.qr.server import PageServer
from gzcrawl.egress import Egress

PRIVATE = (
    "127.0.0.1", "localhost", "a.localhost", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "127.0.0.1.", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::1]", "[fe80::1]", "[fd00::1]",
    "[::ffff:10.0.0.1]", "[::ffff:169.254.169.254]",
)  # fmt: skip


@pytest.fixture
def private() -> Iterator[PageServer]:
    with PageServer() as server:
        yield server


async def _asked(egress: Egress, head: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(egress.url.rpartition(":")[2]))
    writer.write(f"{head}\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.readline(), 15)
    writer.close()
    return answer


def answers(heads: list[str], allow: tuple[tuple[str, int], ...] = ()) -> list[bytes]:
    async def all_of_them() -> list[bytes]:
        async with Egress(allow) as egress:
            return await asyncio.gather(*(_asked(egress, head) for head in heads))

    return asyncio.run(all_of_them())


@pytest.mark.parametrize("upstream", [False, True], ids=["direct", "behind a proxy"])
def test_no_address_of_the_own_network_is_reached(
    private: PageServer, monkeypatch: pytest.MonkeyPatch, upstream: bool
) -> None:
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
        if upstream:
            monkeypatch.setenv(name, private.origin)
    port = private.origin.rpartition(":")[2]
    heads = [f"GET http://{host}:{port}/ HTTP/1.1" for host in PRIVATE]
    heads += [f"CONNECT {host}:{port} HTTP/1.1" for host in PRIVATE]
    assert {answer.split()[1] for answer in answers(heads)} == {b"403"}
    assert not private.asked


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://8.8.8.8/", "chrome://version", "/", "http:///", "http://[::1/"]
)
def test_what_is_no_web_address_is_refused(target: str) -> None:
    assert answers([f"GET {target} HTTP/1.1"])[0].split()[1] == b"403"


def test_a_name_with_one_private_address_is_refused_and_a_checked_address_is_the_one_connected_to(
    private: PageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    asked = list[str]()

    async def rebinding(_loop: Any, host: str, port: int, **_how: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in ("8.8.8.8", "127.0.0.1")]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", rebinding)
    assert answers([f"GET http://rebind.example:{private.origin.rpartition(':')[2]}/ HTTP/1.1"])[0].split()[1] == b"403"
    assert asked.count("rebind.example") == 1
    assert not private.asked


def test_only_the_allowed_port_of_this_machine_is_reached(private: PageServer) -> None:
    port = int(private.origin.rpartition(":")[2])
    reached, other = answers(
        [f"GET {private.url('img')} HTTP/1.1", f"GET http://127.0.0.1:{port + 1}/ HTTP/1.1"], (("127.0.0.1", port),)
    )
    assert reached.split()[1] == b"200"
    assert other.split()[1] == b"403"
