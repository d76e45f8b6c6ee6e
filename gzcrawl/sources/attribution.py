"""来源：…, the source a post itself names (注明信息出处), found in its text."""

from __future__ import annotations

import re

# The label begins a line or a sentence, or follows a bracket, white space or a dash: never 资金来源, 图片来源.
_LABEL = re.compile(
    r"""(?:^|[(（\[【〔)）\]】〕\s|｜丨/▲▼◆■●▌·*—－。！？!?；;”"’』」》>-])
    (?:
        (?:信息|文章|内容|稿件|本文|素材|综合|图文|新闻|消息)?(?:来\s{0,4}源|稿\s{0,4}源)\s{0,4}[:：丨｜|／/】▏▕]
      | (?:本文)?(?:转载自|转载于|转自|来源于)\s{0,4}[:：丨｜|／/】]?
    )\s{0,8}
    (?P<name>[^\n\r]{1,120})""",
    re.X | re.M,
)
# What follows the source on the same line.
_NEXT = re.compile(
    r"""\s{3,}|[\s|｜丨/／;；,，。]*(?:责任编辑|责编|编辑|作者|记者|审核|审校|校对|校审|监制|初审|复审|终审|编审|主编|值班
    |发布时间|发布日期|时间|日期|浏览|点击|阅读|图片|制作|排版|供稿|通讯员|撰稿|摄影|字号)\s*[:：丨｜|/／]|[。；;!！]|[,，]\s*(?:如|若|版权|仅|不代表|侵|转载|原)""",
    re.X,
)
_TRIM = " \t\u3000\u00a0.,，、|｜丨/／-—*"
_LONGEST = 60
_OPENING, _CLOSING = "(（[【〔", ")）]】〕"


def source_label(text: str) -> str | None:
    """The source as written ("新华社"), without the word 来源; None where the text names none."""
    for found in _LABEL.finditer(text):
        name = _NEXT.split(inside(found["name"]), maxsplit=1)[0].strip(_TRIM)
        if name and len(name) <= _LONGEST:
            return name
    return None


def inside(text: str) -> str:
    """The text up to the bracket that closes what the label stands in: `新华社） 组图` → `新华社`."""
    depth = 0
    for place, char in enumerate(text):
        depth += (char in _OPENING) - (char in _CLOSING)
        if depth < 0:
            return text[:place]
    return text
