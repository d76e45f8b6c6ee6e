"""One public page, fetched as the spiders would: same downloader, name, bounds, robots.txt and egress guard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from scrapy.utils.project import get_project_settings
from twisted.python.failure import Failure

from gzcrawl import clock
from gzcrawl.sources import Page, Parsed
from gzcrawl.sources.outcomes import failure as outcome_of_failure
from gzcrawl.spiders.base import page_of

Answer = tuple[Page, datetime] | Parsed
"""The page and the instant it came, or the outcome of a request that got none."""


class _OnePage(scrapy.Spider):
    name = "one-page"

    def __init__(self, url: str, robots: bool, answers: list[Answer], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._url, self._robots, self._answers = url, robots, answers

    async def start(self) -> Any:
        yield scrapy.Request(
            self._url, callback=self.keep, errback=self.keep_failure, meta={"dont_obey_robotstxt": not self._robots}
        )

    def keep(self, response: Response) -> Iterator[Any]:
        self._answers.append((page_of(response), clock.now()))
        yield from ()

    def keep_failure(self, failure: Failure) -> None:
        self._answers.append(outcome_of_failure(failure.value))


def fetch(url: str, *, robots: bool = True) -> Answer:
    """Fetch one page. Once per process: it runs a reactor. `robots`: obey robots.txt."""
    answers: list[Answer] = []
    settings = get_project_settings()
    settings.setmodule("gzcrawl.settings", priority="project")
    settings.setdict({"ITEM_PIPELINES": {}, "EXTENSIONS": {"scrapy.extensions.telnet.TelnetConsole": None}}, "cmdline")
    process = AsyncCrawlerProcess(settings)
    process.crawl(_OnePage, url=url, robots=robots, answers=answers)
    process.start()
    if not answers:
        raise RuntimeError(f"no answer and no failure for {url}")
    return answers[0]
