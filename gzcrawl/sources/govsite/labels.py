"""Labelled values of a page's information line or table: 发布时间：…, 来源：…, 成文日期 …"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gzcrawl.sources.attribution import inside
from gzcrawl.sources.govsite.dates import Found, date_at
from gzcrawl.sources.govsite.flow import INLINE


def _spaced(words: str) -> str:
    """The words as pages write them: 来 源, 发 布 日 期."""
    return "|".join(r"\s{0,4}".join(word) for word in words.split())


_NO_WORD_BEFORE = r"(?<![\u4e00-\u9fff])"
_COLON = r"\s{0,3}[:：]\s{0,3}"
PUBLISHED = re.compile(
    rf"(?:{_spaced('发布 发表 公布 公开 发稿 刊发 刊登 上传 发文公开 信息')})\s{{0,4}}(?:{_spaced('时间 日期')})\s{{0,3}}[:：]?|"
    rf"(?<![已经新])发布(?:于|{_COLON})|发表于{_COLON}?"
)
"""Labels of the publication time."""
BARE = re.compile(rf"{_NO_WORD_BEFORE}(?:{_spaced('时间 日期')}){_COLON}")
"""Means the publication in an information line, anything in a text (a meeting's 时间：)."""
ENTERED = re.compile(rf"(?:{_spaced('录入 添加 加入 提交 提供 登载 上网')})\s{{0,4}}(?:{_spaced('时间 日期')}){_COLON}")
"""When it was put into the system."""
UPDATED = re.compile(rf"(?:{_spaced('更新 修改')})\s{{0,4}}(?:{_spaced('时间 日期')}){_COLON}")
"""The last change; some sites show nothing else."""
CREATED = re.compile(rf"(?<!页面)(?<!网页)(?:{_spaced('生成日期 生成时间')}){_COLON}")
"""When the entry of the information catalogue was made: near the publication."""
WRITTEN = re.compile(rf"(?:{_spaced('成文 发文 印发 签发 制发')})\s{{0,4}}(?:{_spaced('时间 日期')}){_COLON}")
"""When the document was written: before the publication, sometimes by decades (gov.cn)."""

_SOURCE = re.compile(
    rf"{_NO_WORD_BEFORE}(?:{_spaced('信息 文章 本文 稿件 新闻 内容 消息 转载 作品 资讯')})?\s{{0,2}}(?:{_spaced('来源')}){_COLON}"
    rf"|{_NO_WORD_BEFORE}(?:{_spaced('稿源 来自')}){_COLON}"
    rf"|^[\s{INLINE}]*(?:{_spaced('信息 文章 稿件')})?\s{{0,2}}(?:{_spaced('来源')})[ {INLINE}]*$",  # a cell of its own
    re.M,
)
_NEXT_WORDS = (
    "作者 责任编辑 责编 编辑 记者 发布时间 发布日期 发布人 发布机构 时间 日期 浏览 点击 阅读 访问 字体 字号 打印 分享 审核 录入 "
    "信息提供 供稿 撰稿 摄影 视力 扫一扫 关闭 收藏 发稿 更新 公开 索引 文号 次数 人气 评论 我要 网友 原标题 大中小"
)
_NEXT = re.compile(rf"{_spaced(_NEXT_WORDS)}|[【\[〖]|\s{{3,}}|(?:19|20)\d\d\s?[-/.年]")
"""Where the value of 来源 ends, because something else begins on the same line."""
_TRIM = " \t\u3000\u00a0.,，、|｜丨/／-—*;；:：>＞<"
_LONGEST = 40
_NOTHING = frozenset(("null", "undefined", "none", "无", "未知", "--"))


def labelled_dates(text: str, label: re.Pattern[str]) -> Iterator[Found]:
    """Dates that stand behind a label, at most one per label; the place is that of the label."""
    for found in label.finditer(text):
        if moment := date_at(text, found.end()):
            yield Found(found.start(), found.end(), moment)


def labelled_source(text: str) -> Iterator[tuple[int, str]]:
    """(place, value) of every 来源： with a value. 资料来源, 图片来源, 资金来源 are other things."""
    for found in _SOURCE.finditer(text):
        rest = text[found.end() : found.end() + 200]
        rest = rest if found[0].rstrip().endswith((":", "：")) else f"\n{rest.lstrip()}"
        line, _, following = rest.partition("\n")
        value = _value(line)
        if not value and not line.strip():
            # The value has a cell or block of its own; a block that has a label of its own is not the value.
            neighbour = following.lstrip().partition("\n")[0]
            value = "" if re.search(r"[:：]", neighbour) else _value(neighbour)
        if value:
            yield found.start(), value


def _value(line: str) -> str:
    if framed := re.match(r"[\s【\[(（]*[【\[]([^】\]]{1,40})[】\]]", line):
        line = framed[1]
    line = inside(_NEXT.split(line.lstrip(), maxsplit=1)[0])
    pieces = [piece for piece in line.split(INLINE) if piece.strip()]
    value = pieces[0] if pieces else ""
    if len(pieces) > 1 and value.rstrip().endswith(("-", "—", "·")):  # 人民网－<a>人民日报</a>
        value += pieces[1]
    value = re.sub(r"\s+", " ", value).strip(_TRIM)
    return value if len(value) <= _LONGEST and value.lower() not in _NOTHING else ""
