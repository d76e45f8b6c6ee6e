"""Questions to the office among the comments under its posts, and whether it answered. Pure; nobody's name is kept.

Cautious on both sides: what may be chatter is no question, and whatever the office said under the question counts as an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from gzcrawl.items import Comment
from gzcrawl.privacy import mask

QUOTE = 60

_ASKS = re.compile(r"请问|咨询|想问|问一下|请教")
_HOW = re.compile(
    r"吗|怎么|如何|何时|什么时候|哪里|哪儿|哪个|多久|多少|能否|是否|可不可以|能不能|有没有|几点|需要什么|要带什么"
)
_CHATTER = re.compile(
    r"难道|谁不知道|不是吗|就这|有意思吗|好意思|凭什么|脸|呵呵|哈哈|搞笑|笑死|你们配|懂吗|是吧|不会吧"
)
_TO_OTHERS = re.compile(r"^\s*(?:回复\s*)?@|//@")
_NAMES = re.compile(r"@[\w\-·]+")


def is_question(text: str) -> bool:
    """Whether a comment asks the office something: words of asking, or a question word with a question mark."""
    if _CHATTER.search(text) or _TO_OTHERS.search(text) or len(text) < 6:
        return False
    how, mark = _HOW.search(text), re.search(r"[?？]", text)
    return bool((_ASKS.search(text) and (how or mark)) or (how and mark))


def questions(comments: list[Comment], uid: str, later: Iterable[tuple[datetime, str]]) -> Iterator[dict[str, Any]]:
    """What is stored of each question. `later`: (time, text) of the account's own posts.

    `answered_at`: by a reply of the account under it, its own comment after it, or a later post that names who asked;
    `whole`: every reply to the question was seen.
    """
    posts = list(later)
    spoken = [comment.published_at for comment in comments if comment.author_id == uid]
    for comment in comments:
        if comment.author_id in (uid, None) or not is_question(comment.text):
            continue
        answers = [reply.published_at for reply in comment.replies if reply.author_id == uid]
        answers += [at for at in spoken if at >= comment.published_at]
        if comment.author_name:
            answers += [at for at, text in posts if at >= comment.published_at and f"@{comment.author_name}" in text]
        yield {
            "id": comment.native_id,
            "asked_at": comment.published_at,
            "precision": str(comment.precision),
            "text": _NAMES.sub("@某人", mask(comment.text))[:QUOTE],
            "answered_at": min(answers, default=None),
            "whole": comment.replies_total <= len(comment.replies),
        }
