"""Probes against real TLS, HTTP and DNS servers on loopback: what each failure is called, and what is none."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import trustme

from gzcrawl import reach as reaching
from gzcrawl.items import ProbeStatus
from gzcrawl.reach import Reach
from tests.website.loopback import CA, NOW, PAGE, Served, look, self_signed, serving


def said(check: str, served: Served, **how: Any) -> tuple[str, str]:
    probe = asyncio.run(look(served, **how))[check]
    return str(probe.status), probe.reason


CERTIFICATES: list[tuple[str, Callable[[], ssl.SSLContext], tuple[str, str]]] = [
    ("good", lambda: serving(CA.issue_cert("site.test")), ("ok", "ok")),
    ("whole chain", lambda: serving(CA.create_child_ca().issue_cert("site.test")), ("ok", "ok")),
    (
        "missing intermediate",
        lambda: serving(CA.create_child_ca().issue_cert("site.test"), chain=False),
        ("failed", "chain_incomplete"),
    ),
    (
        "expired",
        lambda: serving(CA.issue_cert("site.test", not_after=NOW - timedelta(seconds=1))),
        ("failed", "expired"),
    ),
    (
        "last second",
        lambda: serving(CA.issue_cert("site.test", not_after=NOW)),
        ("ok", "ok"),
    ),
    ("wrong name", lambda: serving(CA.issue_cert("other.test")), ("failed", "wrong_name")),
    ("self-signed", self_signed, ("failed", "self_signed")),
    ("foreign root", lambda: serving(trustme.CA().issue_cert("site.test")), ("failed", "chain_incomplete")),
]


@pytest.mark.parametrize(("_name", "made", "verdict"), CERTIFICATES, ids=[name for name, *_ in CERTIFICATES])
def test_a_certificate_is_called_what_it_is(
    _name: str, made: Callable[[], ssl.SSLContext], verdict: tuple[str, str]
) -> None:
    assert said("certificate", Served(tls=made())) == verdict


def test_behind_a_proxy_a_root_nobody_knows_may_be_the_proxys() -> None:
    assert said("certificate", Served(tls=self_signed()), proxied=True) == ("not_tested", "proxy_may_sign")
    assert said("certificate", Served(), proxied=True) == ("ok", "ok")


@pytest.mark.parametrize(
    ("served", "https"),
    [
        (Served(), ("ok", "ok")),
        (Served(https=None, http=PAGE), ("failed", "no_https")),
        (Served(https=None, http=None), ("error", "refused")),  # nothing answers: not a question of HTTPS
        (Served(https=b"HTTP/1.1 302 Found\r\nLocation: http://site.test:1/\r\n\r\n"), ("error", "refused")),
        (Served(https=b"HTTP/1.1 503 Busy\r\n\r\n"), ("error", "status")),
        (Served(https=b"garbage\r\n\r\n"), ("error", "closed")),
        (Served(https=b"HTTP/1.1 302 Round\r\nLocation: /\r\n\r\n"), ("error", "status")),
    ],
)
def test_https_is_missing_only_where_http_answers_and_nobody_listens(served: Served, https: tuple[str, str]) -> None:
    assert said("https", served) == https


@pytest.mark.parametrize(
    ("http", "verdict"),
    [
        (Served().http, ("ok", "ok")),
        (b'HTTP/1.1 200 OK\r\n\r\n<meta http-equiv="refresh" content="0;url=https://site.test:{port}/">', ("ok", "ok")),
        (None, ("ok", "http_closed")),
        (PAGE, ("failed", "http_stays")),
        (
            b"HTTP/1.1 200 OK\r\n\r\n<script>location.href='https://site.test/'</script>",
            ("not_tested", "script_redirect"),
        ),
        (b"HTTP/1.1 301 Round\r\nLocation: /\r\n\r\n", ("error", "redirect_loop")),
        (b"HTTP/1.1 412 No\r\n\r\n", ("error", "status")),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 3_000_000, ("failed", "http_stays")),
    ],
)
def test_http_leads_to_https_or_does_not(http: bytes | None, verdict: tuple[str, str]) -> None:
    assert said("https_redirect", Served(http=http)) == verdict


@pytest.mark.parametrize(
    ("header", "verdict"),
    [
        (b"Strict-Transport-Security: max-age=31536000; includeSubDomains", ("ok", "ok")),
        (b'strict-transport-security:  MAX-AGE = "600"', ("ok", "ok")),
        (b"Strict-Transport-Security: max-age=0", ("failed", "no_hsts")),
        (b"X-Other: max-age=600", ("failed", "no_hsts")),
    ],
)
def test_hsts_is_read_from_its_header(header: bytes, verdict: tuple[str, str]) -> None:
    assert said("hsts", Served(https=b"HTTP/1.1 200 OK\r\n" + header + b"\r\n\r\nok")) == verdict


@pytest.mark.parametrize(
    ("served", "verdict"),
    [
        (Served(addresses={"A": "127.0.0.1", "AAAA": "::1"}, six=True), ("ok", "ok")),
        (Served(addresses={"A": "127.0.0.1", "AAAA": "::1"}), ("failed", "no_answer")),
        (Served(), ("failed", "no_aaaa")),
        (Served(garbage=True), ("error", "dns")),
    ],
)
def test_ipv6_is_a_record_and_an_answer(
    served: Served, verdict: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reaching, "DNS_SECONDS", 0.1)
    here = _has_loopback_six()
    assert said("ipv6", served, has_ipv6=here) == (verdict if here else ("not_tested", "no_ipv6_here"))
    assert said("ipv6", served, has_ipv6=False) == ("not_tested", "no_ipv6_here")
    assert said("ipv6", served, has_ipv6=here, proxied=True) == ("not_tested", "proxy")


def _has_loopback_six() -> bool:
    async def bind() -> None:
        (await asyncio.start_server(lambda _r, _w: None, "::1", 0)).close()

    try:
        asyncio.run(bind())
    except OSError:
        return False
    return True


def test_a_slow_site_is_no_failure_of_any_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaching, "SECONDS", 0.3)
    slow = asyncio.run(look(Served(https=b"", http=b"HTTP/1.1 200 OK\r\nX-Half: ")))
    assert {p.check for p in slow.values() if p.status is ProbeStatus.FAILED} == set()


def test_private_addresses_are_not_connected_to() -> None:
    async def ask() -> list[str]:
        guarded = Reach(has_ipv6=False)
        answers = [
            await guarded.head(f"http://{host}/") for host in ("127.0.0.1", "10.0.0.1", "[::1]", "[::ffff:10.0.0.1]")
        ]
        return [getattr(answer, "why", "") for answer in answers]

    assert asyncio.run(ask()) == ["private"] * 4
