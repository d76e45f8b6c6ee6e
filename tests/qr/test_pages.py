"""Every place and trick a code can be shown by, right and wrong: the audit's verdict for each page."""

from __future__ import annotations

import pytest

from fixtures.qr import pages as plain
from fixtures.qr.pages import UID, PageCase
from fixtures.qr.server import PageServer
from fixtures.qr.tricks import TRICKS
from gzcrawl.audit import Audit
from gzcrawl.items import Platform
from gzcrawl.qr.verdict import Expectation
from tests.qr.conftest import audit_all

PAGES = plain.PAGES + TRICKS

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def audits(pages: PageServer) -> dict[str, Audit]:
    wanted = [
        (
            pages.url(case.name),
            (
                Expectation(platform=Platform.WEIBO, value=UID),
                Expectation(platform=Platform.WECHAT, value=case.expect_wechat),
            ),
        )
        for case in PAGES
    ]
    return dict(zip([case.name for case in PAGES], audit_all(pages, wanted), strict=True))


@pytest.mark.parametrize("case", PAGES, ids=lambda case: case.name)
def test_the_verdict_is_right(case: PageCase, audits: dict[str, Audit]) -> None:
    report = audits[case.name].report()
    weibo, wechat = report["expectations"]
    assert (weibo["verdict"], wechat["verdict"]) == case.verdicts, report
    if case.place:
        assert wechat["place"] == case.place


def test_a_box_is_where_the_code_stands(audits: dict[str, Audit]) -> None:
    for _x, y, width, height in [audits["footer_far_down"].report()["expectations"][0]["box"]]:
        assert y > 5400
        assert 90 <= width <= 120
        assert 90 <= height <= 120


def test_a_code_is_measured_where_a_phones_window_moves_it(audits: dict[str, Audit]) -> None:
    for code in audits["moved_on_a_phone"].report()["expectations"]:
        assert code["prominence"]["facts"]["phone_side"] > 30


def test_a_code_behind_an_icon_may_stand_open_on_a_phone(audits: dict[str, Audit]) -> None:
    assert audits["open_on_a_phone"].report()["expectations"][1]["prominence"]["facts"]["phone_side"] > 80


@pytest.mark.parametrize(
    "name", ["hidden_on_a_phone", "pale_on_a_phone", "covered_on_a_phone", "smaller_on_a_phone", "other_on_a_phone"]
)
def test_a_code_that_a_phone_does_not_show_or_hardly_is_not_as_good_there(name: str, audits: dict[str, Audit]) -> None:
    """It is on the desktop, so nobody is accused."""
    wechat = audits[name].report()["expectations"][1]
    assert (wechat["verdict"], wechat["prominence"]["parts"]["phone"] < 0.3) == ("present", True)
    assert audits["for_a_phone"].report()["expectations"][1]["prominence"]["parts"]["phone"] > 0.9


def test_a_code_is_less_prominent_far_down_small_pale_or_behind_an_icon(audits: dict[str, Audit]) -> None:
    def prominence(name: str) -> float:
        return float(audits[name].report()["expectations"][1]["prominence"]["score"])

    for name in ("footer_far_down", "small", "pale", "hover_css", "click"):
        assert prominence(name) < prominence("img"), name
    parts = [
        audits[name].report()["expectations"][1]["prominence"]["parts"]["shown"] for name in ("hover_css", "click")
    ]
    assert parts == [0.5, 0.3]


def test_the_picture_shows_the_boxes(audits: dict[str, Audit]) -> None:
    picture = audits["other_weibo"].picture()
    assert picture is not None
    colours = {colour for _count, colour in picture.getcolors(1 << 24) or ()}
    assert (0x1A, 0x7F, 0x37) in colours  # the right one
    assert (0x16, 0x77, 0xFF) in colours  # the wrong one
