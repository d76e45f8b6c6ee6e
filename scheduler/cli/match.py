"""`gzcrawl match`: decisions for pairs of announcement and post, one JSON object a line."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gzcrawl.items import SHANGHAI, Announcement, Platform, Post, Precision, RepostKind, RepostOf
from scheduler.cli.errors import CliError
from scheduler.matching import match


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = subparsers.add_parser("match", help="判断帖子是否转发了公告：逐行读 JSON，逐行输出结论和理由")
    command.add_argument("pairs", type=Path, metavar="PAIRS.jsonl", help="每行一对 {pair_id, announcement, post}")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    bad = 0
    try:
        with args.pairs.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    bad += not _answer(line, number)
    except (OSError, UnicodeDecodeError) as error:
        raise CliError(f"读不了 {args.pairs}：{error}") from error
    return 1 if bad else 0


def _answer(line: str, number: int) -> bool:
    """Print the decision for one line; False (and a message) when the line is no pair."""
    try:
        pair = json.loads(line)
        found = match(announcement_of(pair["announcement"]), post_of(pair["post"]))
        answer = {
            "pair_id": pair.get("pair_id"),
            "decision": str(found.decision),
            "score": round(found.score, 4),
            "why": list(found.why),
        }
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        print(f"gzcrawl: 第 {number} 行不是有效的一对（{type(error).__name__}: {error}），已跳过", file=sys.stderr)
        return False
    print(json.dumps(answer, ensure_ascii=False))
    return True


def announcement_of(value: Mapping[str, Any]) -> Announcement:
    at, precision = moment(value.get("published_at"))
    native = value.get("id")
    return Announcement(
        id=str(native or ""),
        title=str(value.get("title") or ""),
        body=str(value.get("body") or ""),
        url=value.get("url") or None,
        published_at=at,
        precision=precision,
        publisher=value.get("publisher") or None,
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
        title=value.get("title") or None,
        text=str(value.get("text") or ""),
        links=[str(link) for link in value.get("links") or []],
        published_at=at,
        precision=precision,
        author_name=value.get("author") or None,
        repost_of=RepostOf(kind=RepostKind.RETWEET, native_id=str(original)) if original else None,
    )


def moment(text: str | None) -> tuple[datetime | None, Precision]:
    """ISO 8601, with or without time and zone (then Asia/Shanghai) -> (UTC, precision); (None, unknown) for no time."""
    if not text:
        return None, Precision.UNKNOWN
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None, Precision.UNKNOWN
    precision = Precision.DAY if len(text.strip()) <= len("2025-06-01") else Precision.SECOND
    return (at if at.tzinfo else at.replace(tzinfo=SHANGHAI)).astimezone(UTC), precision
