"""The platforms' own interfaces, opened to us by a department that grants its credentials.

WeChat: cgi-bin/stable_token and cgi-bin/freepublish/batchget (developers.weixin.qq.com, 发布能力). The list holds what
was *published* (发布), not what was mass-sent (群发), and its time is that of the last change: so it is an index of
addresses and a lower bound, as an album is.
Weibo: 2/statuses/user_timeline (open.weibo.com), all posts of the granting account.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from gzcrawl.items import Outcome, Platform, Post, Precision
from gzcrawl.sources import Page, Parsed
from gzcrawl.sources.cleaning import as_dict, as_int, as_list, one_line, text_of
from gzcrawl.sources.encoding import decode
from gzcrawl.sources.outcomes import refusal
from gzcrawl.sources.times import epoch
from gzcrawl.sources.wechat.urls import clean_url, native_id_of
from gzcrawl.sources.weibo.timeline import parse_statuses

WECHAT, WEIBO = "official.wechat", "official.weibo"

_ERRORS: dict[int, str] = {
    # WeChat: 全局返回码
    **dict.fromkeys((40001, 40014, 41001, 42001), "official_token_invalid"),
    **dict.fromkeys((40013, 40125, 41002, 41004, 40243), "official_credentials_wrong"),
    **dict.fromkeys((40164, 61004), "official_address_not_allowed"),
    **dict.fromkeys((45009, 45011), "official_quota"),
    **dict.fromkeys((48001, 48004, 50002), "official_not_granted"),
    # Weibo: 错误代码说明
    **dict.fromkeys((21314, 21315, 21316, 21317, 21319, 21327, 21332), "official_token_invalid"),
    **dict.fromkeys((21301, 21324, 21325), "official_credentials_wrong"),
    10012: "official_address_not_allowed",
    **dict.fromkeys((10022, 10023, 10024), "official_quota"),
    **dict.fromkeys((10014, 21321, 10005), "official_not_granted"),
}


def parse_token(page: Page, now: datetime) -> Parsed:  # noqa: ARG001 -- its time of life is relative
    """The answer of stable_token. Hints: `token`, `expires_in` (seconds). The token is a secret: never stored in a poll."""
    answer = _answer(page)
    if isinstance(answer, Parsed):
        return answer
    token, seconds = text_of(answer.get("access_token")), as_int(answer.get("expires_in"))
    if not token or not seconds:
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="official_no_token")
    return Parsed(outcome=Outcome.OK, hints={"token": token, "expires_in": seconds})


def parse_published(page: Page, now: datetime) -> Parsed:
    """One page of freepublish/batchget. Hints: `total`, the number of items there are.

    Times are known to the month only: `update_time` moves when an article is changed, and a time that is too late would
    accuse; the article's own page tells the right one.
    """
    answer = _answer(page)
    if isinstance(answer, Parsed):
        return answer
    total, items = as_int(answer.get("total_count")), answer.get("item")
    if total is None or not (isinstance(items, list) or total == 0):
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="official_no_list", detail=", ".join(answer)[:200])
    if total == 0:
        return Parsed(outcome=Outcome.EMPTY, reason="official_nothing_published")
    posts = []
    for item in map(as_dict, as_list(items)):
        changed = epoch(text_of(item.get("update_time")))
        for article in map(as_dict, as_list(as_dict(item.get("content")).get("news_item"))):
            if article.get("is_deleted") is not True:
                posts.append(_article(article, changed.at if changed else None, now))
    good = [post for post in posts if post]
    if len(good) < len(posts) or not as_list(items):
        detail = f"{len(posts) - len(good)} of {len(posts)} articles"
        return Parsed(
            outcome=Outcome.LAYOUT_CHANGED, reason="official_article_unreadable", detail=detail, items=[*good]
        )
    if not good:  # all of them were deleted
        return Parsed(outcome=Outcome.EMPTY, reason="official_nothing_published")
    return Parsed(outcome=Outcome.OK, items=[*good], hints={"total": total})


def _article(article: dict[str, Any], changed: datetime | None, now: datetime) -> Post | None:
    url, title = clean_url(text_of(article.get("url"))), one_line(article.get("title"))
    if not url or not title or changed is None or changed > now:
        return None
    return Post(
        platform=Platform.WECHAT,
        native_id=native_id_of(url),
        source=WECHAT,
        url=url,
        title=title,
        text=text_of(article.get("digest")),
        published_at=changed,
        precision=Precision.MONTH,
        extra={"changed_at": changed},
    )


def parse_user_timeline(page: Page, now: datetime) -> Parsed:
    """One page of statuses/user_timeline; hints as for the public timeline."""
    answer = _answer(page)
    if isinstance(answer, Parsed):
        return answer
    statuses, total = answer.get("statuses"), as_int(answer.get("total_number"))
    if not isinstance(statuses, list) or total is None:
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="official_no_list", detail=", ".join(answer)[:200])
    if not statuses and total:
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="official_no_list", detail=f"0 of {total}")
    if not statuses:
        return Parsed(outcome=Outcome.EMPTY, hints={"end": True})
    parsed = parse_statuses([as_dict(status) for status in statuses], WEIBO, now)
    parsed.hints["end"] = len(statuses) >= total
    return parsed


def _answer(page: Page) -> dict[str, Any] | Parsed:
    """The JSON object, or what its error says. Errors come with status 200 (WeChat) or 400 to 403 (Weibo)."""
    try:
        answer = as_dict(json.loads(decode(page)))
    except (ValueError, RecursionError) as error:
        return refusal(page) or Parsed(
            outcome=Outcome.LAYOUT_CHANGED, reason="official_bad_json", detail=str(error)[:200]
        )
    number = as_int(answer.get("errcode")) or as_int(answer.get("error_code"))
    if number:
        said = f"{number} {text_of(answer.get('errmsg')) or text_of(answer.get('error'))}"
        return Parsed(outcome=Outcome.BLOCKED, reason=_ERRORS.get(number, "official_error"), detail=said[:200])
    return refusal(page) or answer
