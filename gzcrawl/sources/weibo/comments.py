"""Comments under a post: m.weibo.cn/comments/hotflow?id=MID&mid=MID&max_id_type=0.

`data.data[]` are comments, each with `comments`: the first replies to it, or `false`; `data.max_id` is 0 on the last page. A guest
is often shown the first page only, or asked to log in. Without any comment the answer is `{"ok": 0}` or an empty list.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gzcrawl.items import Comment, Outcome
from gzcrawl.sources import Page, Parsed
from gzcrawl.sources.cleaning import as_dict, as_int, as_list, one_line, text_of
from gzcrawl.sources.times import read_time
from gzcrawl.sources.weibo.answer import data_of, error, message, read_answer
from gzcrawl.sources.weibo.mblog import mid_of, user_id
from gzcrawl.sources.weibo.text import read_html

NOTHING_SAID = ("暂无评论", "还没有人评论", "没有评论")


def parse_comments(page: Page, now: datetime) -> Parsed:
    """Hints: `total` (comments and replies, as counted by Weibo), `max_id` and `max_id_type` of the next page, `end`."""
    answer = read_answer(page)
    if isinstance(answer, Parsed):
        return answer
    data = data_of(answer)
    rows = data.get("data")
    if not isinstance(rows, list):
        if as_int(answer.get("ok")) == 0 and any(said in message(answer) for said in NOTHING_SAID):
            return _none(0)
        return error(answer, "weibo_no_comments")
    if not rows:
        return _none(as_int(data.get("total_number")))
    comments = [_comment(as_dict(row), now) for row in rows]
    read = [comment for comment in comments if comment]
    following = as_int(data.get("max_id")) or 0
    hints = {
        "total": as_int(data.get("total_number")),
        "max_id": following or None,
        "max_id_type": as_int(data.get("max_id_type")) or 0,
        "end": not following,
    }
    if len(read) < len(comments):
        detail = f"{len(comments) - len(read)} of {len(comments)} comments"
        return Parsed(
            outcome=Outcome.LAYOUT_CHANGED, reason="weibo_comment_unreadable", detail=detail, items=[*read], hints=hints
        )
    return Parsed(outcome=Outcome.OK, items=[*read], hints=hints)


def _none(total: int | None) -> Parsed:
    """Nothing shown: there is nothing only where Weibo counts nothing."""
    if total == 0:
        return Parsed(outcome=Outcome.EMPTY, reason="weibo_nothing_said", hints={"total": 0, "end": True})
    return Parsed(outcome=Outcome.BLOCKED, reason="weibo_comments_hidden", detail=f"total_number {total}")


def _comment(row: dict[str, Any], now: datetime) -> Comment | None:
    id, moment = mid_of(row), read_time(text_of(row.get("created_at")), now)
    if not id or not moment:
        return None
    replies = [_comment(as_dict(reply), now) for reply in as_list(row.get("comments"))]
    user = as_dict(row.get("user"))
    return Comment(
        native_id=id,
        author_id=user_id(user),
        author_name=one_line(user.get("screen_name")) or None,
        text=read_html(text_of(row.get("text"))).plain,
        published_at=moment.at,
        precision=moment.precision,
        replies=[reply for reply in replies if reply],
        replies_total=as_int(row.get("total_number")) or 0,
    )
