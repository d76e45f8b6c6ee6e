"""Government websites of any system: articles, lists of articles, home pages."""

from gzcrawl.sources.govsite.article import parse_article
from gzcrawl.sources.govsite.home import parse_home
from gzcrawl.sources.govsite.listing import parse_list
from gzcrawl.sources.govsite.urls import canonical_url, elsewhere

__all__ = ["canonical_url", "elsewhere", "parse_article", "parse_home", "parse_list"]
