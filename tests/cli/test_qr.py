"""`gzcrawl qr`: what a person who looks at one page or one picture gets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fixtures.qr.codes import code, png
from fixtures.qr.pages import UID, WECHAT, WEIBO
from gzcrawl.browser import find

TALL = 1400


@pytest.fixture
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A saved page with the code of the Weibo account far down."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wb.png").write_bytes(png(code(WEIBO, 140)))
    page = tmp_path / "首页.html"
    page.write_text(
        f'<!doctype html><meta charset="utf-8"><div style="height:{TALL}px"></div><img src="wb.png">', encoding="utf-8"
    )
    return page


@pytest.mark.skipif(find() is None, reason="no browser")
def test_an_audit_prints_json_and_writes_the_annotated_picture(console: Any, saved: Path) -> None:
    exit_code, printed = console("qr", "audit", saved, "--expect", f"weibo={UID}", "--expect", f"wechat={WECHAT}")
    told = json.loads(printed)
    assert exit_code == 1
    assert [answer["verdict"] for answer in told["expectations"]] == ["present", "missing"]
    assert told["picture"] == "qr-首页.webp"
    with Image.open(told["picture"]) as picture:
        x, y, width, _height = told["expectations"][0]["box"]
        scale = picture.width / told["size"][0]
        assert y >= TALL
        # Within the frame around the code its colour, outside the page's white.
        frame = picture.convert("RGB").getpixel((round((x + width / 2) * scale), round((y - 8) * scale)))
        assert frame != (255, 255, 255)


@pytest.mark.skipif(find() is None, reason="no browser")
def test_a_picture_that_cannot_be_written_is_said_with_what_to_do(console: Any, saved: Path) -> None:
    exit_code, printed = console("qr", "audit", saved, "-o", saved.parent / "nowhere" / "page.webp")
    assert exit_code == 1
    assert "nowhere" in printed
    assert "-o" in printed


def test_pictures_are_decoded_to_json_and_what_is_none_is_named(console: Any, saved: Path) -> None:
    exit_code, printed = console("qr", "decode", "wb.png", saved)
    good, bad = json.loads(printed)
    assert exit_code == 1
    assert [found["payload"] for found in good["codes"]] == [WEIBO]
    assert bad["file"].endswith("首页.html")
    assert bad["error"]
