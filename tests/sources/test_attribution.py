"""Which source a text names, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzcrawl.sources.attribution import source_label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("正文。\n来源：新华社", "新华社"),
        ("正文\n（来源：新华社）\n赣州发布", "新华社"),
        ("来源丨央视新闻", "央视新闻"),
        ("来源｜新周刊（ID：new-weekly）", "新周刊（ID：new-weekly）"),
        ("来 源 : 江西日报", "江西日报"),
        ("文章来源：章贡发布 编辑：小张 审核：小李", "章贡发布"),
        ("来源：国家卫生健康委员会网站 | 责编：小王", "国家卫生健康委员会网站"),
        ("来源：新华社、人民日报", "新华社、人民日报"),
        ("【来源】赣南日报", "赣南日报"),
        ("今日起实行。来源：江西交警", "江西交警"),
        ("稿源：客家新闻网", "客家新闻网"),
        ("转载自：“健康中国”微信公众号", "“健康中国”微信公众号"),
        ("本文转自健康中国，如有侵权请联系", "健康中国"),
        ("视频\n来源：@央视新闻", "@央视新闻"),
    ],
)
def test_a_source_is_read_as_written(text: str, label: str) -> None:
    assert source_label(text) == label


@pytest.mark.parametrize(
    "text",
    [
        "资金来源：财政拨款",
        "图片来源：视觉中国",
        "收入来源：工资",
        "传染源：患者",
        "来源：",
        "来源：\n",
        "查清病毒来源是当务之急",
        "来源：" + "长" * 61,
    ],
)
def test_what_is_no_attribution_gives_none(text: str) -> None:
    assert source_label(text) is None


@given(st.text(alphabet="来源：:（）()[]【】 \n转自本文编辑a，。|", max_size=60))
def test_any_text_gives_a_short_line_or_none(text: str) -> None:
    label = source_label(text)
    assert label is None or (0 < len(label) <= 60 and "\n" not in label)
