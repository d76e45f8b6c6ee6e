"""WeChat, as mp.weixin.qq.com shows official accounts to the public."""

from gzcrawl.sources.wechat.about import parse_about
from gzcrawl.sources.wechat.album import parse_album
from gzcrawl.sources.wechat.article import parse_article

__all__ = ["parse_about", "parse_album", "parse_article"]
