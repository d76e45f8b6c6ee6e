"""Checks of the home page itself, as sent and as a browser shows it."""

from __future__ import annotations

from typing import Any

import pytest

from gzcrawl import probes
from gzcrawl.probes.fetched import Fetched
from gzcrawl.sources import Page
from tests.website.loopback import NOW, SITE

BODY = "<title>卫健委</title><a href='/a'>a</a>"


def said(check: str, html: str, **how: Any) -> tuple[str, str]:
    body = Page(url=SITE.home, body=html.encode(), headers={"content-type": "text/html; charset=utf-8"})
    found = probes.run(Fetched(site=SITE, at=NOW, page=body, **how), "r1")
    (probe,) = (p for p in found if p.check.removeprefix("rendered.") == check)
    return str(probe.status), probe.reason


@pytest.mark.parametrize(
    ("start", "verdict"),
    [
        ("<!DOCTYPE html>", ("ok", "ok")),
        ("\ufeff \n<!-- made by a CMS --><!doctype   HTML >", ("ok", "ok")),
        ('<!DOCTYPE html SYSTEM "about:legacy-compat">', ("ok", "ok")),
        (
            '<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "x">',
            ("failed", "old_doctype"),
        ),
        ("<html>", ("failed", "no_doctype")),
        ("", ("failed", "no_doctype")),
    ],
)
def test_html5_is_its_doctype_in_any_case_and_spacing(start: str, verdict: tuple[str, str]) -> None:
    assert said("html5", start + BODY) == verdict


@pytest.mark.parametrize(
    ("head", "verdict"),
    [
        ('<meta name="viewport" content="width=device-width, initial-scale=1">', ("ok", "ok")),
        ("<META content=' Width = Device-Width ; user-scalable=no' NAME=VIEWPORT>", ("ok", "ok")),
        ('<meta name="viewport" content="width=1200">', ("failed", "fixed_viewport")),
        ("", ("failed", "no_viewport")),
        ("<script>init()</script>", ("not_tested", "script_may_write")),
        ("<script>if (/iphone/i.test(navigator.userAgent)) go('/m')</script>", ("not_tested", "phone_version")),
    ],
)
def test_a_viewport_is_read_in_any_spelling(head: str, verdict: tuple[str, str]) -> None:
    assert said("viewport", f"<!DOCTYPE html>{head}{BODY}") == verdict


def test_a_browser_settles_what_a_script_may_write() -> None:
    assert said("viewport", f"<script>init()</script>{BODY}", rendered=True) == ("failed", "no_viewport")


@pytest.mark.parametrize(
    ("width", "verdict"), [(390, ("ok", "ok")), (400, ("ok", "ok")), (401, ("failed", "too_wide"))]
)
def test_a_phone_shows_the_page_without_scrolling_sideways(width: int, verdict: tuple[str, str]) -> None:
    assert said("phone_width", BODY, rendered=True, phone_width=width) == verdict


@pytest.mark.parametrize(
    ("footer", "verdict"),
    [
        ("<p>网站标识码：3699000003</p>", ("ok", "ok")),
        ("<p>网站标识码：3699000099</p>", ("failed", "other_code")),
        ("<p>主办：卫健委</p>", ("failed", "no_site_code")),
        ("<script>document.write(foot)</script>", ("not_tested", "script_may_write")),
    ],
)
def test_the_site_code_is_the_registered_one(footer: str, verdict: tuple[str, str]) -> None:
    assert said("site_code", BODY + footer) == verdict


def test_icp_and_police_numbers_are_found_in_the_footer() -> None:
    footer = "<p>赣ICP备05006298号-1 <a>赣公网安备 36070202000123号</a></p>"
    assert [said(check, BODY + footer) for check in ("icp", "police")] == [("ok", "ok"), ("ok", "ok")]
    assert [said(check, BODY) for check in ("icp", "police")] == [("failed", "no_icp"), ("failed", "no_police")]
