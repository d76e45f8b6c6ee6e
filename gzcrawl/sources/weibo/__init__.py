"""Weibo, as m.weibo.cn and weibo.com/ajax answer it."""

from gzcrawl.sources.weibo.comments import parse_comments
from gzcrawl.sources.weibo.longtext import parse_long_text
from gzcrawl.sources.weibo.profile import parse_profile
from gzcrawl.sources.weibo.timeline import parse_desktop, parse_timeline, settle_empty

__all__ = ["parse_comments", "parse_desktop", "parse_long_text", "parse_profile", "parse_timeline", "settle_empty"]
