"""The proxy: real sockets, real TLS, and no way out of the machine."""

from __future__ import annotations

import http.client
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator

import pytest

from fixtures.city import City, CityServer

PORTAL = "www.zhangjiang.example"


@pytest.fixture(scope="module")
def server() -> Iterator[CityServer]:
    with CityServer(City()) as running:
        yield running


def secure(server: CityServer, host: str) -> http.client.HTTPSConnection:
    context = ssl.create_default_context(cafile=str(server.ca_file))
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=context, timeout=10)
    connection.set_tunnel(host, 443)
    return connection


def plain(server: CityServer, url: str, method: str = "GET", **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request(method, url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


def test_a_host_answers_over_tls_under_its_own_name_and_keeps_the_connection(server: CityServer) -> None:
    connection = secure(server, "m.weibo.cn")
    before = server.requests["m.weibo.cn", "/api/container/getIndex"]
    for _ in range(3):
        connection.request("GET", "/api/container/getIndex?type=uid&value=1")
        response = connection.getresponse()
        assert response.status == 200
        assert "用户不存在" in response.read().decode()
    connection.close()
    assert server.requests["m.weibo.cn", "/api/container/getIndex"] == before + 3


def test_a_plain_host_answers_the_absolute_form(server: CityServer) -> None:
    response, body = plain(server, "http://qxj.zhangjiang.example/")
    assert response.status == 200
    assert "章江市气象局" in body.decode("gbk")


def test_python_finds_the_city_by_the_usual_variables(server: CityServer) -> None:
    proxies = urllib.request.ProxyHandler({"https": server.proxy_url, "http": server.proxy_url})
    context = ssl.create_default_context(cafile=str(server.ca_file))
    opener = urllib.request.build_opener(proxies, urllib.request.HTTPSHandler(context=context))
    with opener.open("http://www.qingling.zhangjiang.example/", timeout=10) as response:
        assert response.url == "https://www.qingling.zhangjiang.example/"
        assert len(response.read()) > 2_500_000


def test_nothing_leads_out_of_the_city(server: CityServer) -> None:
    assert plain(server, "http://example.com/")[0].status == 502
    assert plain(server, "http://127.0.0.1:1/")[0].status == 502
    assert plain(server, "/relative")[0].status == 502
    with pytest.raises(OSError, match="502"):
        secure(server, "weibo.com").request("GET", "/")


def test_a_certificate_is_worth_nothing_without_the_citys_ca(server: CityServer) -> None:
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=ssl.create_default_context(), timeout=10)
    connection.set_tunnel(PORTAL, 443)
    with pytest.raises(ssl.SSLCertVerificationError):
        connection.request("GET", "/")


def test_a_page_that_did_not_change_is_not_sent_again(server: CityServer) -> None:
    connection = secure(server, PORTAL)
    connection.request("GET", "/")
    first = connection.getresponse()
    assert first.read()
    for headers in (
        {"If-None-Match": first.headers["ETag"]},
        {"If-Modified-Since": first.headers["Last-Modified"]},
    ):
        connection.request("GET", "/", headers=headers)
        again = connection.getresponse()
        assert (again.status, again.read()) == (304, b"")
    connection.request("GET", "/", headers={"If-None-Match": '"other"', "If-Modified-Since": "no date"})
    assert connection.getresponse().read()
    connection.close()


def test_head_tells_the_length_and_sends_nothing(server: CityServer) -> None:
    response, body = plain(server, "http://ybj.zhangjiang.example/", "HEAD")
    assert (response.status, body) == (200, b"")
    assert int(response.headers["Content-Length"]) > 1000


def test_a_host_that_is_down_closes_the_connection(server: CityServer) -> None:
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        plain(server, "http://zjj.zhangjiang.example/")


def test_a_posted_form_is_answered_and_a_huge_one_not_read(server: CityServer) -> None:
    connection = secure(server, "www.bailu.zhangjiang.example")
    connection.request("POST", "/queryList", body="current=1&unitid=0")
    assert b'"results"' in connection.getresponse().read()
    connection.close()


def test_hostile_requests_end_and_the_city_goes_on(server: CityServer) -> None:
    hostile = [
        b"\x16\x03\x01" + bytes(200),
        b"GET " + b"a" * 70_000 + b"\r\n\r\n",
        b"CONNECT :443 HTTP/1.1\r\n\r\n",
        b"\r\n",
    ]
    for sent in (*hostile, b"GET http://[::1 HTTP/1.1\r\n\r\n", b"CONNECT m.weibo.cn:25 HTTP/1.1\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
    assert plain(server, "http://ybj.zhangjiang.example/")[0].status == 200


def test_many_at_once_are_answered_fast_enough(server: CityServer) -> None:
    """300 requests a second with certificates made; measured about 4,500 on two cores."""
    uid = next(a.uid for a in server.city.registry.accounts if a.id == "zfb-weibo")
    path = f"/api/container/getIndex?type=uid&value={uid}&containerid=107603{uid}"

    def read(times: int) -> None:
        connection = secure(server, "m.weibo.cn")
        for _ in range(times):
            connection.request("GET", path)
            assert len(connection.getresponse().read()) > 5000
        connection.close()

    read(1)
    readers = [threading.Thread(target=read, args=(100,)) for _ in range(4)]
    started = time.perf_counter()
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert 400 / (time.perf_counter() - started) > 300


def test_stopping_hangs_up_and_frees_the_port() -> None:
    server = CityServer(City()).start()
    port, ca_file = server.port, server.ca_file
    connection = secure(server, PORTAL)
    connection.request("GET", "/")
    connection.getresponse().read()
    server.stop()
    assert not ca_file.exists()
    with pytest.raises((OSError, http.client.HTTPException)):
        connection.request("GET", "/")
        connection.getresponse()
    connection.close()
    with CityServer(City(), port=port) as again:
        assert again.port == port


def test_a_taken_port_is_said_in_one_line(server: CityServer) -> None:
    command = [sys.executable, "-m", "fixtures.city", "--port", str(server.port)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert f"端口 {server.port} 无法使用" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_clock_without_zone_is_said_in_one_line() -> None:
    command = [sys.executable, "-m", "fixtures.city", "--now", "2025-10-13T09:00:00"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 2
    assert "没有时区" in ended.stderr
