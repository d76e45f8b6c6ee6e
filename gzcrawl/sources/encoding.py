"""Bytes to text, whatever the page says of itself."""

from __future__ import annotations

import codecs
import re
from itertools import islice

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom

from gzcrawl.sources import Page

_FREQUENT = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学"
    "法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外"
    "天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很"
    "情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她"
    "手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思"
    "术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报完类八离华名确才科张"
    "信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委"
    "市县省镇村网站微博号室局院厅办监督服健康疫防控源载登录首页息审批便惠乡街党招聘采购章江"
)
"""Characters that stand all over any Chinese text; text of a wrong decoding hardly has one of them."""
_FOREIGN_OR_HAN = re.compile(r"[\u0370-\u04ff\u3400-\u9fff\ue000-\uf8ff\u3040-\u30ff\uac00-\ud7af\ufffd]")
_ENOUGH = 30
_SAMPLE = 4000
_LEGIBLE = 0.2
"""Real pages have 0.4 to 0.7, wrongly decoded ones at most 0.08 (both measured on recorded pages)."""
_ORDINARY = 0.75
"""Of characters in GB 2312's first level (3,755 common ones): real answers have 0.79 and more, however short; Big5 read as GB18030
has less (measured on recorded answers)."""

# What a declaration is believed for, if at all. Single-byte sets such as ISO-8859-1 (the default of many servers)
# decode any bytes without an error, so their claim proves nothing.
_BELIEVED = ("big5hkscs", "utf-16", "utf-16-le", "utf-16-be", "euc_jp", "cp932", "cp949")


def decode(page: Page) -> str:
    """The text of the body. Never fails: what no encoding explains becomes U+FFFD.

    UTF-8 verifies itself, so it wins over a header or meta tag that contradicts it, also where some bytes are damaged
    or the end is cut off. All else on Chinese government sites is GB18030, whichever subset of it (gb2312, gbk) or
    foreign charset is declared, except where another multi-byte charset is declared and explains the bytes better.
    """
    return _decoded(page)[0]


def _decoded(page: Page) -> tuple[str, bool]:
    """(text, whether its encoding had to be guessed: neither a mark nor the bytes themselves prove it)."""
    marked, mark = read_bom(page.body)
    if marked and mark:
        return page.body[len(mark) :].decode(marked, "replace"), False
    try:
        # A body cut inside a character is still UTF-8: `final=False` drops the torn end.
        return codecs.getincrementaldecoder("utf-8")().decode(page.body), False
    except UnicodeDecodeError:
        text = page.body.decode("utf-8", "replace")
    if _damaged_only(text):
        return text, True
    declared = http_content_type_encoding(page.headers.get("content-type")), html_body_declared_encoding(page.body)
    names = [name for name in declared if name in _BELIEVED]
    attempts = [page.body.decode(name, "replace") for name in (*names, "gb18030")]
    return min(attempts, key=lambda attempt: attempt.count("\ufffd")), True


def _damaged_only(text: str) -> bool:
    """Whether the text, decoded as UTF-8, has far more characters than errors; GBK bytes never have."""
    errors = text.count("\ufffd")
    foreign = sum(char > "\x7f" for char in text) - errors
    return foreign > 3 * errors


def illegible(page: Page) -> bool:
    """Whether Chinese text was decoded, here or by the server, as what it is not (乱码): nothing can be read off it.

    Where an encoding had to be guessed a few characters are enough to doubt it.
    """
    text, guessed = _decoded(page)
    found = [match[0] for match in islice(_FOREIGN_OR_HAN.finditer(text), _SAMPLE)]
    if guessed and sum(map(_is_ordinary, found)) < _ORDINARY * len(found):
        return True
    return len(found) >= _ENOUGH and sum(char in _FREQUENT for char in found) < _LEGIBLE * len(found)


def _is_ordinary(char: str) -> bool:
    """In rows 16 to 55 of GB 2312."""
    code = char.encode("gb2312", "ignore")
    return len(code) == 2 and 0xB0 <= code[0] <= 0xD7
