"""Real crawls of the sandbox city, round after round, with every request counted."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import pytest
from pymongo.database import Database

from fixtures.city import City
from fixtures.city.response import Response
from gzcrawl.mongod import ENV_URI
from gzcrawl.store import rounds
from gzcrawl.store.registry import save_registry
from scheduler.sandbox import environment, sandbox


class WatchedCity(City):
    """Notes every request; `instead` answers some of them otherwise."""

    def __init__(self, **city: Any) -> None:
        super().__init__(**city)
        self.asked: list[tuple[str, str, str]] = []
        self.instead: dict[str, Response] = {}  # by host

    def answer(self, scheme: str, host: str, path: str, query: str = "") -> Response:
        if (scheme, path) != ("https", "/") or query:  # the server asks this itself before it opens a tunnel
            self.asked.append((host, path, query))
        if path != "/robots.txt" and host in self.instead:
            return self.instead[host]
        return super().answer(scheme, host, path, query)

    def per_account(self) -> Counter[str]:
        """Requests to m.weibo.cn by uid."""
        queries = [parse_qs(query) for host, _path, query in self.asked if host == "m.weibo.cn"]
        return Counter(query["value"][0] for query in queries if "value" in query)

    def searches(self) -> Counter[str]:
        """Requests to Sogou by kind: 1 accounts, 2 articles."""
        return Counter(dict(parse_qsl(query)).get("type", "") for host, _path, query in self.asked if "sogou" in host)


class Crawls:
    def __init__(self, folder: Path, uri: str, db: Database[dict[str, Any]]) -> None:
        self.folder, self.uri, self.db = folder, uri, db

    def crawl(self, city: City, *spiders: str, browser: bool = False, **settings: str) -> str:
        """One crawl at the city's time; its round's id. `settings`: environment variables."""
        variables = {ENV_URI: self.uri} | settings | ({} if browser else {"GZCRAWL_BROWSER": "none"})
        round_id = rounds.begin(self.db, city.now)
        save_registry(self.db, city.registry)
        command = [sys.executable, "-m", "gzcrawl.crawl", "--round", round_id, *spiders]
        with sandbox(self.folder, city=city), environment(variables):
            said = self.folder / "crawl.log"
            # It ends when its standard input does, which stays open as long as we wait.
            with said.open("w") as log, subprocess.Popen(command, stdin=subprocess.PIPE, stderr=log) as process:
                code = process.wait(timeout=120)
        assert code == 0, said.read_text()[-3000:]
        rounds.advance(self.db, round_id, "done")
        return round_id


@pytest.fixture
def crawls(tmp_path: Path, db_uri: str, db: Database[dict[str, Any]]) -> Iterator[Crawls]:
    with environment({"GZCRAWL_DATA": str(tmp_path)}):
        yield Crawls(tmp_path, db_uri, db)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2025-10-{text}+08:00")
