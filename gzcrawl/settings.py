"""Scrapy settings. What an operator changes comes from environment variables (docs/deploy.md lists them)."""

from __future__ import annotations

import logging
import os
import warnings

from scrapy.exceptions import ScrapyDeprecationWarning

BOT_NAME = "gzcrawl"
SPIDER_MODULES = ["gzcrawl.spiders"]
NEWSPIDER_MODULE = "gzcrawl.spiders"

# Manners: an honest name with a contact, robots.txt obeyed, one request per host at a time, a delay between two.
CONTACT = os.environ.get("GZCRAWL_CONTACT", "")
USER_AGENT = (
    "Mozilla/5.0 (compatible; gzcrawl/0.1; government account monitor" + (f"; {CONTACT}" if CONTACT else "") + ")"
)
ROBOTSTXT_OBEY = True
GZCRAWL_ROBOTS_IGNORE = os.environ.get("GZCRAWL_ROBOTS_IGNORE", "").split()
"""Spiders for which the operator has switched robots.txt off, e.g. "weibo wechat" (docs/deploy.md says when)."""
DOWNLOAD_DELAY = float(os.environ.get("GZCRAWL_DELAY", "1"))
DOWNLOAD_DELAY_JITTER = 0.5
CONCURRENT_REQUESTS = 16
CONCURRENT_ITEMS = 2  # the pipeline only collects; Scrapy starts so many tasks for each response
CONCURRENT_REQUESTS_PER_DOMAIN = 1
AUTOTHROTTLE_ENABLED = DOWNLOAD_DELAY > 0
AUTOTHROTTLE_START_DELAY = max(DOWNLOAD_DELAY, 0.01)
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0

# Bounds: nothing waits for ever or fills the memory.
DOWNLOAD_TIMEOUT = float(os.environ.get("GZCRAWL_TIMEOUT", "30"))
DOWNLOAD_MAXSIZE = 20 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
RETRY_TIMES = 1
RETRY_HTTP_CODES = [500, 502, 503, 504, 408]
REDIRECT_MAX_TIMES = 10

# Every answer is an observation: refusals are judged by gzcrawl.sources, not dropped.
HTTPERROR_ALLOW_ALL = True
COOKIES_ENABLED = True
# Scrapy's cookies ask tldextract, which would fetch its newest list from the internet; the one it came with will do.
os.environ.setdefault("TLDEXTRACT_PUBLIC_SUFFIX_LIST_URLS", "")
METAREFRESH_ENABLED = False

DOWNLOADER_MIDDLEWARES = {
    "gzcrawl.middlewares.EgressGuard": 90,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "gzcrawl.middlewares.Robots": 100,
    "gzcrawl.middlewares.Revalidate": 110,  # outside compression (590): what is kept is plain
    "gzcrawl.middlewares.Manners": 800,  # nearest to the wire: sees every answer, before retry and redirect do
}
ITEM_PIPELINES = {"gzcrawl.pipelines.StorePipeline": 300}
EXTENSIONS = {
    "gzcrawl.extensions.Progress": 500,
    "spidermon.contrib.scrapy.extensions.Spidermon": 510,  # after Progress, which counts the outcomes
}
SPIDERMON_ENABLED = True
SPIDERMON_SPIDER_CLOSE_MONITORS = ("gzcrawl.monitors.CrawlMonitors",)

GZCRAWL_INTERVAL_MINUTES = int(os.environ.get("GZCRAWL_INTERVAL_MINUTES", "240"))
"""Default time between two polls of one target, where the registry does not say otherwise."""

GZCRAWL_RENDER_DAYS = float(os.environ.get("GZCRAWL_RENDER_DAYS", "5"))
"""A browser looks at a home page so often although all its codes were found without one: it alone tells how easily
they are found. Shorter than `max_observation_age_days` of the rule."""

GZCRAWL_PROBE_HOURS = float(os.environ.get("GZCRAWL_PROBE_HOURS", "20"))
"""The technical checks of a site are made so often: once a day, whatever the hour."""

GZCRAWL_DNS = os.environ.get("GZCRAWL_DNS", "")
"""`host:port` of the resolver that probes ask; empty: the system's."""

GZCRAWL_COMMENTS_PER_ROUND = int(os.environ.get("GZCRAWL_COMMENTS_PER_ROUND", "100"))
"""Weibo posts whose comments are read in one round, at most; 0: comments are not asked for."""

GZCRAWL_LINKS_PER_ROUND = int(os.environ.get("GZCRAWL_LINKS_PER_ROUND", "500"))
"""Links of home pages and posts asked in one round, at most; each is remembered for a week."""

# Nothing of ours listens on a port, and our callbacks are known to be generators.
REMOTE_CONTROL_ENABLED = False
TELNETCONSOLE_ENABLED = False
WARN_ON_GENERATOR_RETURN_VALUE = False

LOG_LEVEL = os.environ.get("GZCRAWL_LOG_LEVEL", "WARNING")
# What they report is recorded as the outcome of a poll; their tracebacks would bury what a person should read. A filter,
# because Scrapy sets the levels of its loggers after it has read this.
for _name in ("downloadermiddlewares.robotstxt", "downloadermiddlewares.retry", "core.downloader.tls"):
    if LOG_LEVEL != "DEBUG":
        logging.getLogger(f"scrapy.{_name}").addFilter(lambda record: record.levelno >= logging.CRITICAL)
# Spidermon's own use of Scrapy, nothing an operator can do about.
warnings.filterwarnings("ignore", category=ScrapyDeprecationWarning, module=r"spidermon\.")
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
