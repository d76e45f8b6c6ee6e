"""Profiles: `data.userInfo` (mobile), `data.user` (desktop), and the cards of the information and the home page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from gzcrawl.items import Outcome, Platform, Profile
from gzcrawl.sources import Page, Parsed
from gzcrawl.sources.cleaning import as_dict, as_int, as_list, one_line, readable, text_of
from gzcrawl.sources.weibo.answer import NO_CONTENT, data_of, error, message, read_answer
from gzcrawl.sources.weibo.mblog import count, user_id
from gzcrawl.sources.weibo.timeline import MAYBE_THROTTLED

SOURCE = "weibo.profile"


def parse_profile(page: Page, now: datetime) -> Parsed:  # noqa: ARG001 -- a profile has no times
    """One account. Hints: `containerid` of its timeline, `statuses_count`, `candidates` (its listed sub-accounts).

    Beside the profile proper it reads the information page (containerid 230283UID_-_INFO: name, verification,
    sub-accounts) and the home page (230283UID: yesterday's number of posts; no name).
    """
    answer = read_answer(page)
    if isinstance(answer, Parsed):
        return answer
    data = data_of(answer)
    user = as_dict(data.get("userInfo")) or as_dict(data.get("user"))
    if user:
        return _from_user(answer, user, data)
    info = as_dict(data.get("cardlistInfo"))
    page_of = re.match(r"230283(\d+)", text_of(info.get("containerid")))
    if page_of and data.get("cards"):
        return _from_cards(page_of[1], as_list(data["cards"]))
    if NO_CONTENT in message(answer):
        return Parsed(outcome=Outcome.BLOCKED, reason=MAYBE_THROTTLED, detail=message(answer))
    return error(answer, "weibo_no_user")


def _from_user(answer: dict[str, Any], user: dict[str, Any], data: dict[str, Any]) -> Parsed:
    profile = read_user(user)
    if not profile.native_id or not readable(profile.name or ""):
        return error(answer, "weibo_no_user")
    tabs = list(_tabs(data))
    profile.extra["tabs"] = tabs
    hints = {
        "containerid": next((tab["containerid"] for tab in tabs if tab["type"] == "weibo"), None),
        "statuses_count": profile.statuses_count,
    }
    return Parsed(outcome=Outcome.OK, items=[profile], hints=hints)


def read_user(user: dict[str, Any]) -> Profile:
    """A user object. `verified_reason` is absent where `verified` is false; the desktop posts' users never have it.

    `verified_type` is believed only together with `verified`: 200 and 220 (达人) come with false.
    """
    verified = user.get("verified") if isinstance(user.get("verified"), bool) else None
    return Profile(
        platform=Platform.WEIBO,
        source=SOURCE,
        native_id=user_id(user),
        name=one_line(user.get("screen_name")) or None,
        verified=verified,
        verified_type=as_int(user.get("verified_type")),
        verification=one_line(user.get("verified_reason")) or None,
        description=text_of(user.get("description")) or None,
        statuses_count=count(user.get("statuses_count")),
        extra={"followers": count(user.get("followers_count"))},
    )


def _tabs(data: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Tabs with the containerid of each. The kind is `tab_type`, in old answers `tabKey`: never the position."""
    for tab in map(as_dict, as_list(as_dict(data.get("tabsInfo")).get("tabs"))):
        kind = text_of(tab.get("tab_type")) or text_of(tab.get("tabKey"))
        containerid = text_of(tab.get("containerid"))
        if kind and containerid:
            yield {"type": kind, "containerid": containerid}


def _from_cards(uid: str, cards: list[Any]) -> Parsed:
    items = [as_dict(item) for card in cards for item in as_list(as_dict(card).get("card_group"))]
    profile = Profile(platform=Platform.WEIBO, source=SOURCE, native_id=uid)
    for item in items:
        label, content = text_of(item.get("item_name")), text_of(item.get("item_content"))
        if label == "昵称":
            profile.name = one_line(content) or None
        elif label == "简介":
            profile.description = content or None
        elif text_of(item.get("item_type")).startswith("verify"):  # the verification line has no name
            profile.verification, profile.verified = one_line(content) or None, True
    kind = re.search(rf"ouid:{uid}\|.{{0,200}}?verified_type:(-?\d{{1,4}})", "".join(map(_log, items)))
    profile.verified_type = int(kind[1]) if kind else None
    candidates = list(_sub_accounts(cards))
    day = {name: number for item in items for name, number in _statistics(item)}
    profile.extra = {"sub_accounts": candidates, "yesterday": day}
    if not (profile.name or day or candidates) or (profile.name and not readable(profile.name)):
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="weibo_no_user", detail=f"{len(cards)} cards")
    return Parsed(outcome=Outcome.OK, items=[profile], hints={"candidates": candidates})


def _log(item: dict[str, Any]) -> str:
    return text_of(as_dict(item.get("actionlog")).get("ext")) + "\n"


def _sub_accounts(cards: list[Any]) -> Iterator[dict[str, Any]]:
    """Accounts a government account lists as its own (card_type 30), under the heading of their group."""
    for card in cards:
        group = ""
        for item in map(as_dict, as_list(as_dict(card).get("card_group"))):
            if as_int(item.get("card_type")) == 42:
                group = one_line(item.get("desc"))
            user = read_user(as_dict(item.get("user")))
            if as_int(item.get("card_type")) == 30 and user.native_id:
                verification = one_line(item.get("desc1")) or user.verification
                yield {
                    "uid": user.native_id,
                    "name": user.name,
                    "verification": verification,
                    "verified_type": user.verified_type,
                    "group": group,
                }


def _statistics(item: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """`昨日发博数` … with a number or "100万+"."""
    for entry in map(as_dict, as_list(item.get("group"))):
        name, number = one_line(entry.get("item_desc")), count(entry.get("item_title"))
        if name and number is not None:
            yield name, number
