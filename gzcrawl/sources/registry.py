"""All parsers by name. The names stand in polls, in posts (`sources`) and after `gzcrawl parse`."""

from __future__ import annotations

from gzcrawl.sources import Parser, feed, govsite, official, sogou, wechat, weibo

PARSERS: dict[str, Parser] = {
    "weibo.timeline": weibo.parse_timeline,
    "weibo.profile": weibo.parse_profile,
    "weibo.desktop": weibo.parse_desktop,
    "weibo.longtext": weibo.parse_long_text,
    "weibo.comments": weibo.parse_comments,
    "sogou.accounts": sogou.parse_accounts,
    "sogou.articles": sogou.parse_articles,
    "wechat.article": wechat.parse_article,
    "wechat.album": wechat.parse_album,
    "wechat.about": wechat.parse_about,
    "govsite.article": govsite.parse_article,
    "govsite.list": govsite.parse_list,
    "govsite.home": govsite.parse_home,
    "feed": feed.parse_feed,
    "official.wechat": official.parse_published,
    "official.weibo": official.parse_user_timeline,
}
