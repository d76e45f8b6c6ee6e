"""After whatever was seen and however much time has passed, judging what can have changed comes to what judging everything does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pymongo.database import Database

from gzcrawl.items import Announcement, Outcome, Platform, Poll, Post, Precision, Profile
from gzcrawl.registry import Account, Department, Registry, Site
from gzcrawl.store import announcements, names
from gzcrawl.store.connect import connect_async
from gzcrawl.store.observations import Observation, write
from gzcrawl.store.registry import load_registry, save_registry
from gzcrawl.store.schema import VALIDATORS
from scheduler.alerts.documents import in_writing
from scheduler.calendar import Calendar
from scheduler.evaluation import Basis, alone, evaluate, findings, judge_departments, shared
from scheduler.findings import Finding, Judged, Verdict
from scheduler.profile import load_profile
from scheduler.words import Word, WordList

Db = Database[dict[str, Any]]

START = datetime(2025, 9, 20, 1, 0, tzinfo=UTC)
BASIS = Basis(calendar=Calendar(), profile=load_profile())
DEPARTMENTS = tuple(
    Department(id=id, name=f"章江市{name}局", responsible="王芳", contact="1", roster_on=date(2025, 7, 1))
    for id, name in (("jy", "教育"), ("ws", "卫生"), ("sf", "司法"))
)
ACCOUNTS = tuple(
    Account(id=f"{d.id}-{p}", department=d.id, platform=p, name=d.name, uid=f"7{n}", opened_on=date(2025, 9, 10))
    for n, d in enumerate(DEPARTMENTS)
    for p in (Platform.WEIBO, Platform.WECHAT)
)
SITES = tuple(
    Site(id=f"{d.id}-site", department=d.id, name=d.name, home=f"https://{d.id}.example/") for d in DEPARTMENTS
)
REGISTRY = Registry(DEPARTMENTS, ACCOUNTS, SITES)

Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["look", "blocked", "gone", "post", "undated", "leak", "name", "home", "announce", "pause", "wait"]),
        st.integers(0, len(ACCOUNTS) - 1),
        st.sampled_from([0, 1, 5, 13, 26, 50, 24 * 4, 24 * 13]),  # hours
    ),
    min_size=2,
    max_size=10,
)  # fmt: skip


class City:
    """A small city that lives on; every step is stored as the crawl or an operator would."""

    def __init__(self, db: Db, uri: str) -> None:
        self.db, self.uri, self.now, self.number = db, uri, START, 0
        save_registry(db, REGISTRY)

    def live(self, step: Step) -> None:
        what, which, hours = step
        self.now += timedelta(hours=hours)
        self.number += 1
        account = ACCOUNTS[which]
        if what == "announce":
            item = Announcement(id=f"a{self.number}", title="关于做好秋季流感防控工作的通知", body="请各单位做好防控。" * 5,
                                published_at=self.now, precision=Precision.SECOND, publisher="ws")  # fmt: skip
            announcements.save(self.db, [item])
        elif what == "pause":
            paused = replace(account, paused_from=self.now.date(), paused_until=self.now.date() + timedelta(days=3))
            save_registry(self.db, replace(REGISTRY, accounts=tuple(paused if a is account else a for a in ACCOUNTS)))
        elif what != "wait":
            self.store(list(self._seen(what, account)))

    def store(self, items: list[Observation]) -> None:
        asyncio.run(self._store(items))

    async def _store(self, items: list[Observation]) -> None:
        client, db = connect_async(self.uri)
        try:
            await write(db, [(item, self.now) for item in items])
        finally:
            await client.close()

    def _seen(self, what: str, account: Account) -> Iterator[Observation]:
        channel = "weibo.timeline" if account.platform is Platform.WEIBO else "wechat.album:1"
        poll = Poll(round_id=f"r{self.number}", target_id=account.id, channel=channel, url="u", at=self.now,
                    outcome=Outcome.OK, seen=1)  # fmt: skip
        match what:
            case "blocked" | "gone":
                yield replace(poll, outcome=Outcome(what), reason="weibo_user_not_found")
            case "home":
                yield replace(poll, target_id=f"{account.department}-site", channel="govsite.home", outcome=Outcome.OK)
            case "name":
                yield replace(poll, channel="weibo.profile")
                yield Profile(platform=account.platform, source="weibo.profile", native_id=account.uid,
                              account_id=account.id, name=f"名{self.number % 3}", verified=True, verification="x")  # fmt: skip
            case _:
                yield replace(poll, covers_from=self.now - timedelta(days=20), covers_to=self.now, complete=True)
                yield from self._post(what, account)

    def _post(self, what: str, account: Account) -> Iterator[Post]:
        text = {"leak": "联系人身份证号360702198001010016", "post": "关于做好秋季流感防控工作的通知"}.get(
            what, "今日提示"
        )
        if what != "look":
            yield Post(platform=account.platform, native_id=str(self.number), source="weibo.timeline", account_id=account.id,
                       title=text, text=text, published_at=None if what == "undated" else self.now - timedelta(hours=1),
                       precision=Precision.UNKNOWN if what == "undated" else Precision.SECOND)  # fmt: skip

    def evaluate(self) -> None:
        evaluate(self.db, f"e{self.number}", load_registry(self.db), self.now, BASIS)

    def whole(self) -> list[Any]:
        registry = load_registry(self.db)
        judged = judge_departments(self.db, registry, registry.departments, self.now, BASIS)
        return sorted((finding for one in judged for finding in one.findings), key=lambda finding: finding.key)


def told(found: list[Finding]) -> dict[str, int]:
    """A number for each finding that changes with anything it says."""
    return {key: mark for key, (mark, *_) in in_writing(Judged("", tuple(found)), "").findings.items()}


LIVES = settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
"""Each example is a whole life of the city in a real database, which it empties first: few of them, and no shrinking."""


@LIVES
@given(st.lists(STEPS, min_size=2, max_size=4))
def test_what_is_kept_is_what_judging_everything_finds(db: Db, db_uri: str, rounds: list[list[Step]]) -> None:
    for name in db.list_collection_names():
        db[name].delete_many({})
    city = City(db, db_uri)
    for steps in rounds:
        for step in steps:
            city.live(step)
        city.evaluate()
        assert told(findings(city.db, *Verdict)) == told(city.whole())


def test_several_processes_say_what_one_says(db: Db, db_uri: str) -> None:
    city = City(db, db_uri)
    for which, what in enumerate(("look", "leak", "gone", "undated", "announce", "blocked")):
        city.live((what, which, 5))
    known = (REGISTRY, DEPARTMENTS, city.now, replace(BASIS, words=WordList((Word("违规词"),))))
    assert list(shared(db_uri, "r", *known)) == list(alone(db, "r", *known))


def test_where_nothing_was_seen_and_no_hour_has_struck_nothing_is_judged(db: Db, db_uri: str) -> None:
    city = City(db, db_uri)
    city.live(("look", 0, 1))
    city.evaluate()
    again = evaluate(db, "e9", load_registry(db), city.now + timedelta(minutes=5), BASIS)
    assert (again.departments, again.whole) == (0, False)
    city.live(("look", 2, 1))
    assert evaluate(db, "e9", load_registry(db), city.now, BASIS).departments == 1


def test_a_finding_that_did_not_change_is_not_written_again(db: Db, db_uri: str) -> None:
    city = City(db, db_uri)
    city.evaluate()
    before = {f["_id"]: f["round_id"] for f in db.findings.find()}
    city.live(("blocked", 0, 0))
    city.evaluate()
    after = {f["_id"]: f["round_id"] for f in db.findings.find()}
    changed = {key for key in after if after[key] != before.get(key)}
    assert changed
    assert all(ACCOUNTS[0].department in key for key in changed)


def test_another_profile_judges_everything_again(db: Db, db_uri: str) -> None:
    city = City(db, db_uri)
    city.evaluate()
    other = Basis(calendar=Calendar(), profile=load_profile("national-2019"))
    assert evaluate(db, "e9", load_registry(db), city.now, other).whole


def test_what_is_written_is_what_analysts_are_promised(db: Db, db_uri: str) -> None:
    """Checked here: it is written without asking the validators."""
    city = City(db, db_uri)
    city.live(("announce", 0, 0))
    city.evaluate()
    for name in (names.FINDINGS, names.REPOSTS, names.EVALUATIONS):
        assert db[name].count_documents({}) == db[name].count_documents({"$jsonSchema": VALIDATORS[name]}) > 0
