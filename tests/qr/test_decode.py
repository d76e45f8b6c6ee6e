"""Pictures as sites send them: every format and depth is read, and what is no picture says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.qr.codes import code, png
from fixtures.qr.hostile import BROKEN_SVG, animation, bomb, heavy
from fixtures.qr.pages import WECHAT
from fixtures.qr.tricks import SEEN
from gzcrawl.qr import decode
from gzcrawl.qr.candidates import candidates, scripted

PICTURES = {case.name: body for case in SEEN for name, body in case.files.items() if not name.endswith(".html")}


@pytest.mark.parametrize("name", PICTURES)
def test_a_code_is_read_in_every_format(name: str) -> None:
    assert [found.payload for found in decode.decode(PICTURES[name])] == [WECHAT]


def test_a_file_that_is_not_there_or_endless_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "MAX_BYTES", 1000)
    for path, said in ((tmp_path / "none.png", "没有这个文件"), (tmp_path, "无法读取"), (Path("/dev/zero"), "超过")):
        with pytest.raises(decode.ImageError, match=said):
            decode.read_file(path)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (bomb(), "像素过多"),
        (heavy(), "超过"),
        (BROKEN_SVG, "矢量图"),
        (bomb()[:5000], "像素过多"),
        (b"GIF89a" + bytes(9), "图片"),
    ],
    ids=["bomb", "heavy", "broken svg", "half a bomb", "no gif"],
)
def test_what_is_too_much_or_broken_says_so_at_once(body: bytes, said: str) -> None:
    with pytest.raises(decode.ImageError, match=said):
        decode.decode(body)


def test_of_a_long_animation_the_first_frames_are_read() -> None:
    assert [found.payload for found in decode.decode(animation(WECHAT))] == [WECHAT]


def test_a_ground_of_an_old_page_and_a_lazy_attribute_of_any_name_are_candidates() -> None:
    page = '<body><table><td background="wx.png"><img data-echo="wb.jpg"><a href="a.html" data-id="1.5">x</a></td></table></body>'
    found = {one.url for one in candidates(page, "http://zj.example/")}
    assert found == {"http://zj.example/wx.png", "http://zj.example/wb.jpg"}


@pytest.mark.parametrize("name", ["box_shadow", "gradients", "image_set"])
def test_a_page_whose_styles_may_draw_a_code_proves_no_absence(name: str) -> None:
    case = next(case for case in SEEN if case.name == name)
    assert scripted(case.html().decode())


def test_a_table_that_may_be_a_code_proves_no_absence() -> None:
    assert scripted("<table>" + "<tr>" + "<td bgcolor=black></td>" * 441 + "</table>")
    assert not scripted("<table><tr><td></td><td>甲</td></table>" + png(code(WECHAT, 60)).hex())
