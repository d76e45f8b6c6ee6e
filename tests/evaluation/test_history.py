"""What was said can be said again: judged for a past instant from what was known then."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymongo.database import Database

from gzcrawl.clock import ENV
from gzcrawl.items import Outcome, Poll, QrSighting
from gzcrawl.store import read
from gzcrawl.store.registry import load_registry, save_registry
from scheduler.cli import main
from scheduler.evaluation import judged_at
from scheduler.findings import Finding
from tests.evaluation.test_incremental import ACCOUNTS, BASIS, DEPARTMENTS, LIVES, REGISTRY, START, City, Step, told

Db = Database[dict[str, Any]]

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["look", "blocked", "gone", "post", "undated", "leak", "home", "announce", "pause", "wait"]),
        st.integers(0, len(ACCOUNTS) - 1),
        st.sampled_from([1, 5, 26, 24 * 4, 24 * 13]),  # hours
    ),
    min_size=1,
    max_size=5,
)


class Clocked(City):
    """A city whose clock the product has too: what is imported or announced is known from then on."""

    def __init__(self, db: Db, uri: str, patch: pytest.MonkeyPatch) -> None:
        self.patch = patch
        patch.setenv(ENV, START.isoformat())
        super().__init__(db, uri)

    def live(self, step: Step) -> None:
        self.patch.setenv(ENV, (self.now + timedelta(hours=step[2])).isoformat())
        super().live(step)


def judging(findings: list[Finding]) -> list[Finding]:
    """All but the counts of posts, which only inform: they are kept for each quarter, as they are now."""
    return [finding for finding in findings if finding.rule != "originality"]


def again(db: Db, at: datetime) -> list[Finding]:
    found = (finding for judged in judged_at(db, at, BASIS) for finding in judged.findings)
    return sorted(found, key=lambda finding: finding.key)


@LIVES
@given(st.lists(STEPS, min_size=2, max_size=4))
def test_a_past_instant_is_judged_as_it_was_then(db: Db, db_uri: str, rounds: list[list[Step]]) -> None:
    for name in db.list_collection_names():
        db[name].delete_many({})
    with pytest.MonkeyPatch.context() as patch:
        city = Clocked(db, db_uri, patch)
        said: dict[datetime, list[Any]] = {}
        for steps in rounds:
            for step in steps:
                city.live(step)
            city.evaluate()
            said[city.now] = city.whole()
        city.live(("wait", 0, 1))
        for at, findings in said.items():
            assert told(judging(again(db, at))) == told(judging(findings))


def test_a_code_that_is_still_seen_later_was_there_in_between(
    db: Db, db_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the first and the last sight of a code are kept: a later round must not make it missing before."""
    city = Clocked(db, db_uri, monkeypatch)
    site = f"{DEPARTMENTS[0].id}-site"
    for number in (1, 2, 3):
        city.live(("wait", 0, 24))
        poll = Poll(
            round_id=f"q{number}", target_id=site, channel="qr.static", url="u", at=city.now, outcome=Outcome.OK
        )
        code = QrSighting(round_id=f"q{number}", site_id=site, page_url="u", image_url="i", image_sha256="0", at=city.now,
                          payload="https://weibo.com/u/7000000001", meaning="weibo_account")  # fmt: skip
        city.store([poll, code] if number < 3 else [poll])
    seen = [bool(read.seen(db, [site], START, START + timedelta(days=day)).sightings) for day in (1, 2, 3)]
    assert seen == [True, True, False]


def test_the_registry_is_that_of_the_time(db: Db, db_uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    city = Clocked(db, db_uri, monkeypatch)
    city.live(("wait", 0, 5))
    save_registry(db, replace(REGISTRY, departments=DEPARTMENTS[:2], accounts=ACCOUNTS[:4], sites=()))
    assert load_registry(db, START).by_id == REGISTRY.by_id
    assert len(load_registry(db, city.now).departments) == 2
    assert load_registry(db, START - timedelta(seconds=1)).departments == ()


def test_the_console_judges_the_past_and_refuses_the_future(
    db: Db, db_uri: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GZCRAWL_MONGO_URI", db_uri)
    city = Clocked(db, db_uri, monkeypatch)
    city.live(("gone", 0, 1))
    gone = city.now
    city.live(("wait", 0, 24))
    assert main(["evaluate", "--at", gone.isoformat(), "--rule", "closure", "--json"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [f["verdict"] for f in found if f["subject"] == ACCOUNTS[0].id] == ["violation"]
    assert main(["evaluate", "--at", (city.now + timedelta(days=1)).isoformat()]) == 2
    assert "将来" in capsys.readouterr().err
    assert main(["evaluate", "--at", (START - timedelta(days=1)).isoformat()]) == 1
    assert "台账" in capsys.readouterr().err


def test_an_assessment_finds_the_lapse_and_its_ground(
    db: Db, db_uri: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    monkeypatch.setenv("GZCRAWL_MONGO_URI", db_uri)
    city = Clocked(db, db_uri, monkeypatch)
    city.live(("gone", 0, 1))
    city.live(("wait", 0, 48))
    table = tmp_path / "考核.xlsx"
    assert main(["assess", "--period", "2025-09", "--compare", "national-2019", "-o", str(table)]) == 0
    shown = capsys.readouterr()
    assert [line.split()[1] for line in shown.out.splitlines()[1:]] == ["章江市司法局", "章江市卫生局", "章江市教育局"]
    assert table.stat().st_size > 4000
    assert main(["assess", "--period", "2025-09", "--department", "jy"]) == 0
    assert "closure|jy-weibo" in capsys.readouterr().out
    assert main(["assess", "--period", "2026"]) == 2
