"""What an article declares to be a repost of, by WeChat's own means.

`_copyright_stat` is "0" (nothing declared), "1" (原创) or "2" (another account's). "2" is a *reprint* with the full
text (`reprint_type` 3, 以下文章来源于…) or a *share* (`reprint_type` 2: an empty body and a card). A copy made by hand
shows none of this; then only words such as 来源：… tell.
"""

from __future__ import annotations

from collections.abc import Mapping

from parsel import Selector

from gzcrawl.items import RepostKind, RepostOf
from gzcrawl.sources.cleaning import one_line
from gzcrawl.sources.wechat.script import first, plain
from gzcrawl.sources.wechat.urls import clean_url, native_id, native_id_of

_SHARE, _REPRINT = "2", "3"


def copyright_stat(values: Mapping[str, str]) -> str:
    return first(values, "_copyright_stat", "copyright_stat", "cgi.copyright_info.copyright_stat")


def read_repost(values: Mapping[str, str], root: Selector, *, empty_body: bool) -> RepostOf | None:
    """The declared source; None if the article is not declared to be another account's."""
    author_id = first(values, "source_username", "cgi.copyright_info.source_username")
    share_url = root.xpath("//*[@id='js_share_source']/@data-url").get(default="")
    if copyright_stat(values) != "2" and not author_id and not share_url:
        return None
    kind = first(values, "reprint_type", "cgi.copyright_info.reprint_type")
    shared = kind == _SHARE or (kind != _REPRINT and empty_body and bool(share_url))
    url = clean_url(share_url or values.get("cgi.copyright_info.reprint_url", ""))
    biz = first(values, "source_encode_biz", "cgi.copyright_info.source_encode_biz", "source_biz")
    mid = first(values, "source_mid", "cgi.copyright_info.source_mid")
    idx = first(values, "source_idx", "cgi.copyright_info.source_idx")
    return RepostOf(
        kind=RepostKind.SHARE if shared else RepostKind.REPRINT,
        native_id=native_id(biz, mid, idx) or native_id_of(url) or None,
        author_id=author_id or None,
        author_name=_source_name(values, root) or None,
        url=url or None,
    )


def _source_name(values: Mapping[str, str], root: Selector) -> str:
    """The name of the source account: in the data, on its card, or in the sentence 以下文章来源于新周刊 ，作者何驰."""
    if name := one_line(plain(values.get("cgi.copyright_info.platform", ""))):
        return name
    for path in (
        "string(//*[contains(@class, 'original_primary_nickname')])",
        "string(//*[@id='js_share_author'])",
        "string(//*[contains(@class, 'original_primary_card_tips')]/span)",
    ):
        name = one_line(root.xpath(path).get()).removeprefix("以下文章来源于").strip(" ，,")
        if name:
            return name
    return ""
