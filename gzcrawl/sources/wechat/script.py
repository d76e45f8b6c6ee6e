"""Values that WeChat's pages keep in their scripts. Scripts are read as text, never run.

Two places hold them: assignments (`var ct = "1762747210";`, `window.ct = '…' || '';`, `d.nick_name = (xml ? … : '…')`)
and, since 2023, one object literal `window.cgiDataNew = {…}`. Anything else that looks alike is not believed: ordinary
pages carry a block of the advertising account (`biz_info: { user_name: 'gh_1e80bb81a1d2', nick_name: '微信广告' }`).
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence

from gzcrawl.sources.cleaning import text_of

_STRING = r"""(?:"[^"\\\n]*(?:\\.[^"\\\n]*)*"|'[^'\\\n]*(?:\\.[^'\\\n]*)*')"""
_LITERAL = re.compile(_STRING)
_NAMES = (
    r"ct|create_time|oriCreateTime|ori_create_time|ori_send_time|createTimestamp|createTime|publish_time|modify_time"
    r"|user_name|nickname|nick_name|alias|biz|appuin|mid|appmsgid|idx|item_show_type|msg_title|title|msg_link"
    r"|msg_source_url|desc|author|_copyright_stat|copyright_stat|reprint_type|reprint_style|source_username"
    r"|source_encode_biz|source_biz|source_mid|source_idx|TextContentNoEncode|ContentNoEncode|videoContentNoEncode"
)
# Possessive quantifiers (`*+`) and bounds keep hostile pages linear.
_ASSIGNMENT = re.compile(
    rf"""(?:\bvar\s++|\bwindow\.|\bd\.)({_NAMES})\s*+=\s*+
    (?:window\.a_value_which_never_exists\s*+\|\|\s*+)?  # how the texts of text posts are assigned
    \(?\s*+(?:xml\s*+\?[^:;\n]{{0,200}}+:\s*+)?          # d.x = xml ? getXmlValue('x.DATA') : 'value'
    (?:htmlDecode\(|JsDecode\()?
    ({_STRING}(?:\s*+\|\|\s*+{_STRING})*)""",
    re.X,
)
# Scripts that hold data; the others are libraries, megabytes of them.
_MARKS = ("var ct", "window.ct", "d.nick_name", "var msg_title", 'var idx = "', "a_value_which_never_exists")
_TOKEN = re.compile(
    rf"(?<![\w$])(?P<key>[A-Za-z_$][\w$]{{0,60}}+)\s*+:|(?P<text>{_STRING})|(?P<open>[{{\[])|(?P<close>[}}\]])"
)
_DEEPEST = 12
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))", re.S)
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "0": ""}


def assignments(scripts: Sequence[str]) -> dict[str, str]:
    """The first non-empty value of each known variable, as the script would have it (escapes undone)."""
    values: dict[str, str] = {}
    holding = [script for script in scripts if any(mark in script for mark in _MARKS)]
    for chosen in (holding, scripts):  # all of them only where the data is not where it is known to be
        for script in chosen:
            for name, expression in _ASSIGNMENT.findall(script):
                values[name] = values.get(name) or _first(expression)
        if values.get("ct"):
            break
    return values


def cgi_data(scripts: Sequence[str]) -> dict[str, str]:
    """`window.cgiDataNew` flattened: "copyright_info.source_username" → value. All values are text.

    Values come bare, as `'…' * 1`, or as `JsDecode('…')`; nested lists count as levels without a name.
    """
    for script in scripts:
        if "cgiDataNew" in script and (found := re.search(r"cgiDataNew\s*=\s*\{", script)):
            return _flatten(script, found.end())
    return {}


def unescape(literal: str) -> str:
    r"""The value of a JavaScript string literal without its quotes: `\x26`, `\u4e2d`, `\n`, `\'` …"""
    return text_of(_ESCAPE.sub(_escaped, literal)) if "\\" in literal else text_of(literal)


def plain(value: str) -> str:
    """What `.html(false)` and `htmlDecode` of the pages do: character references undone."""
    return text_of(html.unescape(value))


def first(values: Mapping[str, str], *names: str) -> str:
    """The first non-empty of several names."""
    return next((values[name] for name in names if values.get(name)), "")


def _flatten(script: str, start: int) -> dict[str, str]:
    values: dict[str, str] = {}
    path: list[str] = []
    key = ""
    for token in _TOKEN.finditer(script, start):
        kind = token.lastgroup
        if kind == "key":
            key = token["key"]
        elif kind == "open":
            path.append(key)
            key = ""
        elif kind == "close":
            if not path:
                break
            path.pop()
            key = ""
        elif key and len(path) < _DEEPEST:
            name = ".".join([*path, key])
            if not values.get(name):
                values[name] = unescape(token["text"][1:-1])
    return values


def _first(expression: str) -> str:
    """The value of `'' || '' || 'x'`."""
    return next((text for literal in _LITERAL.findall(expression) if (text := unescape(literal[1:-1]))), "")


def _escaped(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else _CONTROLS.get(found[3], found[3])
