"""What the scripts of a page would put on it, as far as that can be read without running them."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LONGEST = 20_000
"""Characters of a script; longer ones are libraries."""
_STRING = r"""'(?:[^'\\\n]|\\.){0,20000}'|"(?:[^"\\\n]|\\.){0,20000}\""""
_NAME = r"(?<!\w)[A-Za-z_]\w{0,40}"
_BLANK = r"\s{0,8}"
_WRITE = re.compile(rf"document\.write(?:ln)?\(((?:{_STRING}|[^()'\";]|\([^()'\";]*\)){{1,400}})\)")
_PIECE = re.compile(rf"(?P<string>{_STRING})|(?<![\w.)])(?P<name>{_NAME})(?={_BLANK}[+.)]|{_BLANK}$)")
_VARIABLE = re.compile(rf"(?:\bvar|\blet|\bconst|[,;{{}}\n]){_BLANK}({_NAME}){_BLANK}={_BLANK}({_STRING})")
_OBJECT = re.compile(r"\{[^{}]{20,3000}\}")
_PAIR = re.compile(rf"""["']?({_NAME})["']?{_BLANK}:{_BLANK}({_STRING})""")
_PUBLISHED = re.compile(r"(?:pub|publish|release|rel|fb)_?(?:date|time|sj|rq)(?:_?str)?|doc(?:rel|pub)time|tm", re.I)
_SOURCE = re.compile(r"(?:content|doc|info|article)?_?source|laiyuan|ly", re.I)


def written(script: str) -> str:
    """What `document.write` is given: strings, and variables that hold one; HTML."""
    if "document.write" not in script or len(script) > _LONGEST:
        return ""
    known = variables(script)
    return "".join(
        _unquoted(piece["string"]) if piece["string"] else known.get(piece["name"], "")
        for call in _WRITE.finditer(script)
        for piece in _PIECE.finditer(call[1])
    )


def variables(script: str) -> dict[str, str]:
    """Variables that are set to a string."""
    return {name: _unquoted(string) for name, string in _VARIABLE.findall(script[:_LONGEST])}


def published(scripts: list[str]) -> list[str]:
    """Values of variables that are named for the publication time, `var pubdate = "2014-05-06 12:10"`; or else the one
    value of an object's property of such a name: where there are several, they are of other articles too.
    """
    pairs = (pair for script in scripts for pair in _PAIR.findall(script[:_LONGEST]))
    properties = {_unquoted(string) for name, string in pairs if _PUBLISHED.fullmatch(name)}
    return _named(scripts, _PUBLISHED) or (list(properties) if len(properties) == 1 else [])


def sources(scripts: list[str]) -> list[str]:
    """Values of variables that are named for the source: `var source = "商务部新闻办公室"`."""
    return [value for value in _named(scripts, _SOURCE) if re.search(r"[\u4e00-\u9fff]{2}", value) and len(value) <= 40]


def _named(scripts: list[str], names: re.Pattern[str]) -> list[str]:
    return [value for script in scripts for name, value in variables(script).items() if names.fullmatch(name)]


def objects(scripts: list[str]) -> Iterator[dict[str, str]]:
    """The strings of every flat object literal, with or without quotes around its names."""
    for script in scripts:
        if len(script) <= 50 * _LONGEST:
            for found in _OBJECT.finditer(script):
                yield {name: _unquoted(string) for name, string in _PAIR.findall(found[0])}


def _unquoted(string: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], string[1:-1])
