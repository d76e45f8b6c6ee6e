"""Text is right though headers and meta tags are wrong, in either direction."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzcrawl.items import Outcome
from gzcrawl.sources import Page
from gzcrawl.sources.encoding import decode, illegible
from gzcrawl.sources.outcomes import refusal

TEXT = "赣州市卫生健康委员会关于做好冬季传染病防控工作的通知，请各单位认真落实。㙍𠮷 €"


def page(body: bytes, content_type: str = "") -> Page:
    return Page(url="https://wjw.zhangjiang.example/", body=body, headers={"content-type": content_type})


@pytest.mark.parametrize("label", ["gb2312", "gbk", "utf-8", "iso-8859-1", "windows-1252", "no-such-charset", "base64"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_bytes_are_read_right_whatever_header_and_meta_claim(encoding: str, label: str) -> None:
    body = f'<html><head><meta charset="{label}"></head><body>{TEXT}</body></html>'.encode(encoding)
    assert TEXT in decode(page(body, f"text/html; charset={label}"))


def test_the_charset_of_a_script_is_not_the_charset_of_the_page() -> None:
    head = '<script charset="utf-8" src="a.js"></script>'
    head += '<meta http-equiv="Content-Type" content="text/html; charset=gb2312">'
    assert TEXT in decode(page((head + TEXT).encode("gb18030")))


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")],
)
def test_a_byte_order_mark_decides_and_is_not_part_of_the_text(mark: bytes, encoding: str) -> None:
    assert decode(page(mark + TEXT.encode(encoding), "text/html; charset=gbk")) == TEXT


def test_a_page_cut_inside_a_character_loses_only_that_character() -> None:
    assert decode(page(TEXT.encode()[:-1])) == TEXT[:-1]


def test_one_damaged_byte_does_not_turn_a_page_into_another_encoding() -> None:
    body = bytearray(TEXT.encode())
    body[4] = 0xFF
    assert decode(page(bytes(body))).endswith(TEXT[4:])


def test_declared_big5_is_believed_where_it_explains_the_bytes() -> None:
    text = "臺灣同胞須知：辦理流程、聯絡電話與開放時間"
    assert decode(page(text.encode("big5"), "text/html; charset=big5")) == text


@given(st.binary(), st.sampled_from(["", "text/html; charset=utf-16", "text/html;charset=base64", "charset=\x00"]))
def test_no_bytes_fail_to_decode(body: bytes, content_type: str) -> None:
    assert isinstance(decode(page(body, content_type)), str)


@pytest.mark.parametrize(("sent", "read"), [("big5", "gb18030"), ("utf-8", "gb18030"), ("gb18030", "big5")])
def test_text_of_a_wrong_decoding_is_no_observation(sent: str, read: str) -> None:
    text = "章江市卫生健康委员会关于做好秋冬季呼吸道传染病防控工作的通知：请各单位于本月底前完成自查，并把台账报送市疾控中心。"
    assert not illegible(page(text.encode()))
    wrong = text.encode(sent, "replace").decode(read, "replace")
    answer = refusal(Page(url="https://wjw.example/", body=f"<html><body>{wrong}</body></html>".encode()))
    assert answer is not None
    assert (answer.outcome, answer.reason) == (Outcome.LAYOUT_CHANGED, "illegible")


@pytest.mark.parametrize(
    "text", ["章江市财政局官方微博", "健康章江", "赣州经开区", "章江市瑶族乡人民政府，谌某某副乡长，颍川路、濂溪路口"]
)
def test_a_few_characters_are_enough_to_doubt_an_encoding_that_was_guessed(text: str) -> None:
    def answer(encoding: str) -> bytes:
        return f'{{"ok": 1, "data": {{"userInfo": {{"verified_reason": "{text}"}}}}}}'.encode(encoding, "replace")

    assert refusal(page(answer("utf-8"), "application/json")) is None
    assert refusal(page(answer("gb18030"), "application/json")) is None
    assert (refused := refusal(page(answer("big5"), "application/json"))) and refused.reason == "illegible"
