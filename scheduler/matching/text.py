"""Texts made comparable: what decoration, width and spacing hide is the same; what is said everywhere tells nothing."""

from __future__ import annotations

import re
import unicodedata

_URL = re.compile(r"https?://\S+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")

# ①, ⑴ and "1." at the start of an item count the items; they are no figures of the text.
_ENUMERATION = re.compile(r"[\u2460-\u24ff\u2776-\u2793]|(?:(?<=\n)|^|(?<=\s))\d{1,2}[.、．)）](?!\d)")

_SENTENCE = re.compile(r"[。！？!?；;\n\r…]+|[“”\"「」]|[①-⑳]|　　")

STOCK_PHRASES = (
    "习近平新时代中国特色社会主义思想 习近平总书记 重要讲话精神 重要指示精神 重要指示批示精神 党中央国务院 "
    "省委省政府 市委市政府 区委区政府 县委县政府 决策部署 为深入贯彻落实 为贯彻落实 为全面贯彻落实 "
    "认真贯彻落实 现将有关事项通知如下 现将有关要求通知如下 现通知如下 现就有关事项通知如下 请认真贯彻执行 "
    "请遵照执行 印发给你们 各县市区人民政府 各省自治区直辖市 国务院各部委各直属机构 人民群众生命安全和身体健康 "
    "中共中央总书记国家主席中央军委主席 国务院总理 新疆生产建设兵团 31个省自治区直辖市 记者从 据新华社 "
    "高质量发展 全面建设社会主义现代化国家 疫情防控工作 疫情防控期间 坚决打赢 新型冠状病毒肺炎 "
    "新型冠状病毒感染的肺炎 严重违纪违法 经中共中央批准 中央纪委国家监委 进行了立案审查调查 "
).split()
"""Set phrases of official Chinese, in normal form: they stand in thousands of notices and prove no repost."""


def normalise(text: str) -> str:
    """Width and case folded; links, spaces and punctuation dropped."""
    folded = unicodedata.normalize("NFKC", _URL.sub(" ", text)).casefold()
    return re.sub(r"[\W_]+", "", folded)


def grams(normalised: str, size: int = 4) -> set[str]:
    """All runs of `size` characters; a shorter text is its own only gram."""
    if len(normalised) <= size:
        return {normalised} if normalised else set()
    return {normalised[i : i + size] for i in range(len(normalised) - size + 1)}


def numbers(text: str) -> set[str]:
    """The figures of a text (amounts, dates, document numbers), without leading zeros and item numbers."""
    folded = unicodedata.normalize("NFKC", _ENUMERATION.sub(" ", _URL.sub(" ", text))).replace(",", "")
    return {found.lstrip("0") or "0" for found in _NUMBER.findall(folded)}


def sentences(text: str) -> list[str]:
    """Sentences, list items and quotations of a text, as written."""
    return [part for part in _SENTENCE.split(text) if part.strip()]


def stock(normalised: str) -> bytearray:
    """For each character, 1 where it belongs to a stock phrase."""
    marked = bytearray(len(normalised))
    for phrase in STOCK_PHRASES:
        at = normalised.find(phrase)
        while at >= 0:
            marked[at : at + len(phrase)] = b"\1" * len(phrase)
            at = normalised.find(phrase, at + 1)
    return marked
