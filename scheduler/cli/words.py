"""`gzcrawl words`: the operator's word list tried on a text."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from scheduler.cli.errors import CliError
from scheduler.cli.patrol import default_profile
from scheduler.profile import load_profile
from scheduler.words import ENV, WordList, configured, load


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    words = subparsers.add_parser("words", help="词表：检查文字中的不规范用语")
    actions = words.add_subparsers(metavar="动作", required=True)
    check = actions.add_parser("check", help="检查文件或一段文字；有不规范用语时退出码为 1")
    check.add_argument("what", nargs="+", metavar="文件|文字", help="文件路径，或直接写文字；- 为标准输入")
    check.add_argument("--list", type=Path, metavar="词表", help=f"词表文件（默认用 {ENV} 或方案中的）")
    check.add_argument("--profile", default=default_profile(), help="方案名或 TOML 文件")
    check.set_defaults(run=run_check)


def run_check(args: argparse.Namespace) -> int:
    words = _list(args)
    found = False
    for name, text in _texts(args.what):
        for hit in words.find(text):
            found = True
            instead = f"，宜写作“{hit.suggestion}”" if hit.suggestion else ""
            print(f"{name}{hit.term}{instead}（{hit.severity}）：……{hit.context}……")
    if not found:
        print(f"没有发现词表（{len(words.words)} 个词）所列的用语")
    return int(found)


def _list(args: argparse.Namespace) -> WordList:
    words = load(args.list) if args.list else configured(load_profile(args.profile))
    if words is None:
        raise CliError(
            f"没有设置词表：用 --list 指定，或设置 {ENV}，或在方案的 rules.wording.list 写明（docs/wording.md）"
        )
    return words


def _texts(what: list[str]) -> Iterator[tuple[str, str]]:
    """(name to show, text) of each argument."""
    for each in what:
        if each == "-":
            yield "", sys.stdin.read()
        elif len(each) < 200 and Path(each).is_file():
            try:
                yield f"{each}：", Path(each).read_text(encoding="utf-8")
            except UnicodeDecodeError as error:
                raise CliError(f"{each} 不是 UTF-8 文本") from error
        else:
            yield "", each
