"""The whole text of a post of which lists show the beginning."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from gzcrawl.items import Outcome, Platform, Post
from gzcrawl.sources import Page, Parsed
from gzcrawl.sources.attribution import source_label
from gzcrawl.sources.cleaning import as_dict, text_of
from gzcrawl.sources.weibo.answer import error, read_answer
from gzcrawl.sources.weibo.mblog import read_post
from gzcrawl.sources.weibo.text import read_html

SOURCE = "weibo.longtext"


def parse_long_text(page: Page, now: datetime) -> Parsed:
    """statuses/extend, ajax/statuses/longtext (text only), statuses/show or the page of one post (the whole post).

    The first two do not say when it was published or by whom: their post has the id the page was asked for, its text
    and its links, and nothing else.
    """
    answer = read_answer(page)
    if isinstance(answer, Parsed):
        return answer
    data = as_dict(answer.get("data"))
    for status in (data, answer):
        if "created_at" in status and (post := read_post(status, SOURCE, now)):
            return Parsed(outcome=Outcome.OK, items=[replace(post, long_text=False)])
    content = text_of(data.get("longTextContent")) or text_of(answer.get("longTextContent"))
    asked = re.search(r"[?&]id=(\w+)", page.url)
    if not content:
        return error(answer, "weibo_no_long_text")
    text = read_html(content)
    post = Post(
        platform=Platform.WEIBO,
        native_id=asked[1] if asked else "",
        source=SOURCE,
        text=text.plain,
        links=text.links,
        source_label=source_label(text.plain),
    )
    return Parsed(outcome=Outcome.OK, items=[post])
