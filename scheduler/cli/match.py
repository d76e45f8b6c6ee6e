"""`gzcrawl match`: decisions for pairs of announcement and post, one JSON object a line."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gzcrawl.items import SHANGHAI, Announcement, Platform, Post, Precision, RepostKind, RepostOf
from scheduler.cli.errors import CliError
from scheduler.matching import match


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = subparsers.add_parser(
        "match", help="判断帖子是否转发了公告：逐行读 JSON，逐行输出结论和理由；有读不出的行时退出码为 1"
    )
    command.add_argument("pairs", metavar="PAIRS.jsonl", help="每行一对 {pair_id, announcement, post}；“-”表示标准输入")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """One line out for each pair that can be read; the others are named by line on standard error, and the exit code is 1."""
    try:
        with sys.stdin.buffer if args.pairs == "-" else Path(args.pairs).open("rb") as lines:
            answered = [
                _answer(line, number)
                for number, line in enumerate(lines, start=1)
                if line.strip(b"\xef\xbb\xbf \t\r\n")
            ]
    except BrokenPipeError:
        raise
    except OSError as error:
        raise CliError(f"读不了 {args.pairs}：{error}") from error
    bad = answered.count(False)
    if bad:
        print(f"gzcrawl: {len(answered)} 行中有 {bad} 行读不出，其余都已给出结论", file=sys.stderr)
    return 1 if bad else 0


def _answer(line: bytes, number: int) -> bool:
    """Print the decision for one line; False (and a message) when the line is no pair."""
    try:
        pair = json.loads(line.decode("utf-8-sig"), parse_constant=_refused)
        announcement, post = announcement_of(_part(pair, "announcement")), post_of(_part(pair, "post"))
        id = pair.get("pair_id")
        json.dumps(id, allow_nan=False)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        print(f"gzcrawl: 第 {number} 行不是有效的一对（{type(error).__name__}: {error}），已跳过", file=sys.stderr)
        return False
    found = match(announcement, post)
    answer = {
        "pair_id": id,
        "decision": str(found.decision),
        "score": round(found.score, 4),
        "why": list(found.why),
    }
    # A lone surrogate in an id cannot be written as UTF-8.
    print(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace").decode(), flush=True)
    return True


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} 不是 JSON")


def _part(pair: Any, name: str) -> Mapping[str, Any]:
    """The announcement or the post of a pair; a missing or empty one has nothing in it."""
    if (
        not isinstance(pair, dict)
        or not isinstance(pair.get(name) or {}, dict)
        or not ("announcement" in pair or "post" in pair)
    ):
        raise ValueError(f"没有 {name}")
    return pair.get(name) or {}


def announcement_of(value: Mapping[str, Any]) -> Announcement:
    at, precision = moment(value.get("published_at"))
    native = value.get("id")
    return Announcement(
        id=str(native or ""),
        title=_text(value, "title"),
        body=_text(value, "body"),
        url=_word(value, "url"),
        published_at=at,
        precision=precision,
        publisher=_word(value, "publisher"),
        native_ids=[str(native)] if native else [],
    )


def post_of(value: Mapping[str, Any]) -> Post:
    at, precision = moment(value.get("published_at"))
    original = value.get("retweeted_id")
    platform = str(value.get("platform") or Platform.WEIBO)
    return Post(
        platform=Platform(platform) if platform in list(Platform) else Platform.WEBSITE,
        native_id=str(value.get("id") or ""),
        source="pair",
        title=_text(value, "title") or None,
        text=_text(value, "text"),
        links=_links(value.get("links")),
        published_at=at,
        precision=precision,
        author_name=_word(value, "author"),
        repost_of=RepostOf(kind=RepostKind.RETWEET, native_id=str(original)) if original else None,
    )


def _text(value: Mapping[str, Any], name: str) -> str:
    """The text of a field, a number's too; "" where it is missing."""
    found = value.get(name)
    if not isinstance(found, str | int | float | None) or isinstance(found, bool):
        raise ValueError(f"{name} 不是文字")
    return "" if found is None else str(found)


def _word(value: Mapping[str, Any], name: str) -> str | None:
    """A field that tells more about a pair; anything but text is as if it were missing."""
    found = value.get(name)
    return found if isinstance(found, str) and found else None


def _links(value: Any) -> list[str]:
    """One address, or several; anything else is none."""
    return (
        [value]
        if isinstance(value, str)
        else [str(link) for link in value or [] if link]
        if isinstance(value, list)
        else []
    )


def moment(text: Any) -> tuple[datetime | None, Precision]:
    """A written time, with or without time of day and zone (then Asia/Shanghai) -> (UTC, precision); none is unknown.

    ISO 8601, also with 年月日 or slashes.
    """
    written = re.sub(r"[年月/]", "-", str(text or "")).replace("日", " ").strip()
    written = re.sub(r"-(\d)(?!\d)", r"-0\1", written)
    try:
        at = datetime.fromisoformat(written)
        at = (at if at.tzinfo else at.replace(tzinfo=SHANGHAI)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None, Precision.UNKNOWN
    return at, Precision.DAY if len(written) <= len("2025-06-01") else Precision.SECOND
