"""What could not be seen is unknown: a city behind walls, and one whose servers are down, is accused of nothing by any rule."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fixtures.city import City
from fixtures.city.chaos import FAULTS
from fixtures.city.response import NOT_FOUND, Response
from gzcrawl.browser import ENV as ENV_BROWSER
from gzcrawl.items import Announcement, Precision
from gzcrawl.store import announcements
from gzcrawl.store.connect import connect
from scheduler.cli.patrol import basis_of
from scheduler.evaluation import findings
from scheduler.findings import Blocked, Finding, Verdict
from scheduler.patrol import patrol
from scheduler.profile import DEFAULT
from scheduler.rules import RULES
from scheduler.rules.base import Rule
from scheduler.sandbox import environment, sandbox, settle

ACCUSING = (Verdict.VIOLATION, Verdict.WARNING)
WALLS = {
    "m.weibo.cn": ("login", "visitor", "HTTP 432", "too fast"),
    "weixin.sogou.com": ("captcha", "to a wall"),
    "mp.weixin.qq.com": ("weixin captcha",),
}
CHANCE = random.Random(1)
SEEN_ANYWAY = {"certificate"}
"""Checks of a site whose answer comes before any wall."""
AN_ANSWER = ("site_down",)
"""Rules to which a wall is an answer: the site is there."""
FIREWALL = ("HTTP 412", "HTTP 521", "HTTP 403", "portal")


class WalledCity(City):
    """Every answer is a wall of the kind the host puts up; `down`: an error of the server."""

    def __init__(self, *, down: bool) -> None:
        super().__init__()
        self._down = down

    def answer(self, scheme: str, host: str, path: str, query: str = "") -> Response:
        answer = super().answer(scheme, host, path, query)  # KeyError: not a host of the city
        if self._down:
            return FAULTS["HTTP 503"](answer, CHANCE)
        if path == "/robots.txt":
            return NOT_FOUND
        walls = WALLS.get(host, FIREWALL)
        return FAULTS[walls[zlib.crc32(f"{path}|{query}".encode()) % len(walls)]](answer, CHANCE)


@pytest.fixture(scope="module", params=["walls", "down"])
def blocked(request: Any, mongo_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Finding]]:
    """What all rules say after a first patrol over it; an event and an announcement are known from the operator."""
    city, folder = WalledCity(down=request.param == "down"), tmp_path_factory.mktemp("blocked")
    uri = mongo_uri.replace("/?", f"/blocked_{request.param}?")
    with environment({ENV_BROWSER: "none"}), sandbox(Path(folder), city=city), connect(uri) as db:
        settle(db, city, uri)
        told = Announcement(
            id="operator:1",
            title="关于做好强降雨防范工作的紧急通知",
            body="请各单位立即做好防范。" * 5,
            published_at=city.now - timedelta(days=7),
            precision=Precision.SECOND,
            origin="operator",
        )
        announcements.save(db, [told])
        patrol(db, uri=uri, data_dir=Path(folder), basis=basis_of(DEFAULT), say=lambda _text: None)
        yield findings(db, *Verdict)
        db.client.drop_database(db.name)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.meta.id)
def test_a_rule_whose_source_is_blocked_accuses_nobody(rule: Rule, blocked: list[Finding], request: Any) -> None:
    said = [finding for finding in blocked if finding.rule == rule.meta.id]
    if rule.meta.blocked is Blocked.AS_EVER:
        assert said
        return
    accused = [
        f"{f.subject}: {f.reason}" for f in said if f.verdict in ACCUSING and f.subject.split("@")[0] not in SEEN_ANYWAY
    ]
    assert accused == []
    is_blind = rule.meta.blocked is Blocked.UNKNOWN
    if not (rule.meta.id in AN_ANSWER and "walls" in request.node.name):
        assert (Verdict.UNKNOWN in {finding.verdict for finding in said}) is is_blind
