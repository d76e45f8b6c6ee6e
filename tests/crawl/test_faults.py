"""Each planted fault of the sandbox city ends in its outcome, and nowhere in an observation that accuses."""

from __future__ import annotations

from gzcrawl.items import Platform
from gzcrawl.registry import State
from tests.crawl.conftest import Crawls, WatchedCity, at

ENDS = {
    "false_empty": {("blocked", "weibo_maybe_throttled")},
    "gone": {("gone", "weibo_user_not_found")},
    "cancelled": {("gone", "weibo_account_closed")},
    "hidden": {("gone", "weibo_account_hidden")},
    "http_418": {("blocked", "http_refused"), ("blocked", "left_alone")},
    "http_432": {("blocked", "http_refused"), ("blocked", "left_alone")},
    "login": {("blocked", "weibo_login"), ("blocked", "left_alone")},
    "visitor": {("blocked", "weibo_visitor"), ("blocked", "left_alone")},
    "down": {("unreachable", "connection_lost"), ("unreachable", "connection_refused")},
    "http_500": {("unreachable", "http_error")},
    "http_503": {("unreachable", "http_error")},
    "http_412": {("blocked", "waf_ruishu"), ("blocked", "left_alone")},
    "http_521": {("blocked", "waf_jsl"), ("blocked", "left_alone")},
}


def test_each_planted_fault_ends_in_its_outcome(crawls: Crawls) -> None:
    city = WatchedCity(now=at("13T09:00"))
    crawls.crawl(city, "weibo", "govsite")
    story = city.world.story
    told = {**{id: s.answers for id, s in story.accounts.items()}, **{id: s.answers for id, s in story.sites.items()}}
    unasked = {a.id for a in city.registry.accounts if a.state is State.CLOSED or a.platform is Platform.WECHAT}
    planted = {id: answers for id, answers in told.items() if answers != "normal" and id not in unasked}
    assert set(planted.values()) == set(ENDS)
    for id, answers in planted.items():
        polls = list(crawls.db.polls.find({"target_id": id, "channel": {"$ne": "weibo.profile"}}))
        polls = polls or list(crawls.db.polls.find({"target_id": id}))
        ends = {(poll["outcome"], poll["reason"]) for poll in polls}
        assert ends <= ENDS[answers], (id, ends)
        assert ends, id
        assert not any(poll["complete"] for poll in polls), id
