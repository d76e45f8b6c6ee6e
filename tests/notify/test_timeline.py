"""Which messages arrive in which window of time, and that no other does: two weeks, as Alertmanager tests itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from gzcrawl.items import SHANGHAI
from gzcrawl.registry import Department, Registry
from scheduler.alerts.apply import refresh_mutes
from scheduler.alerts.mute import Silence
from scheduler.alerts.people import acknowledge_alert, add_silence, waive_alert
from scheduler.alerts.policy import policy_of
from scheduler.calendar import Calendar
from scheduler.findings import Finding, Severity, Verdict
from scheduler.notify.announce import announce
from scheduler.notify.outbox import deliver
from scheduler.notify.recipients import Recipient
from scheduler.profile import load_profile
from tests.alerts.rounds import round_of
from tests.notify.mailserver import Box, mail_server

Db = Database[dict[str, Any]]

STEP = timedelta(hours=6)
MONDAY = datetime(2025, 10, 13, 3, 0, tzinfo=SHANGHAI)
END = MONDAY + timedelta(days=13)
POLICY = policy_of(load_profile(), Calendar())
REGISTRY = Registry(tuple(Department(id=id, name=id) for id in ("wjw", "jyj", "sfj", "czj", "mzj")))
OFFICE = Recipient(name="office", to="office@x.example", at_once=Severity.HIGH)
DAYTIME = Recipient(name="daytime", to="daytime@x.example", at_once=Severity.HIGH, hours=(time(8), time(20)))
CHIEF = Recipient(name="chief", to="chief@x.example", escalation=True)


def on(text: str) -> datetime:
    return datetime.fromisoformat(f"2025-10-{text}:00+08:00")


@dataclass(frozen=True)
class Seen:
    """What the rule says of a department from then on."""

    at: str
    department: str
    verdict: Verdict = Verdict.VIOLATION


BAD, GOOD, DARK = Verdict.VIOLATION, Verdict.OK, Verdict.UNKNOWN

STORY = (
    Seen("13T09:00", "wjw"),  # nobody acknowledges it
    Seen("13T21:00", "jyj"),  # at night; acknowledged in the morning
    Seen("15T15:00", "czj"),  # within a silence that ends on the 17th
    Seen("14T03:00", "sfj"),  # at night, and over before the day
    Seen("14T07:00", "sfj", GOOD),
    *(Seen(f"{day}T{hour}:00", "mzj", BAD if hour == "09" else GOOD) for day in range(20, 25) for hour in ("09", "15")),
    Seen("18T03:00", "wjw", DARK),  # out of sight for a day
    Seen("19T03:00", "wjw"),
)

WANTED = (
    ("13T09:00", "13T09:00", "office", "wjw"),
    ("13T09:00", "13T09:00", "daytime", "wjw"),
    ("13T21:00", "13T21:00", "office", "jyj"),
    ("14T08:00", "14T12:00", "daytime", "jyj"),  # it waited for the day
    ("14T03:00", "14T03:00", "office", "sfj"),
    ("17T00:00", "17T06:00", "chief", "wjw"),  # Thursday has passed without an acknowledgement
    ("17T00:00", "17T06:00", "office", "wjw"),
    ("17T08:00", "17T12:00", "daytime", "wjw"),
    ("17T12:00", "17T18:00", "office", "czj"),  # its silence ended
    ("17T12:00", "17T18:00", "daytime", "czj"),
    # The mail server is away from the 20th at noon to the 21st at noon. mzj comes and goes.
    ("20T09:00", "20T09:00", "office", "mzj"),
    ("20T09:00", "20T09:00", "daytime", "mzj"),
    ("21T12:00", "21T21:00", "office", "mzj"),
    ("21T12:00", "21T21:00", "daytime", "mzj"),
    ("22T09:00", "22T09:00", "office", "mzj"),
    ("22T09:00", "22T09:00", "daytime", "mzj"),
    ("23T09:00", "23T09:00", "office", "mzj"),
    ("23T09:00", "23T09:00", "daytime", "mzj"),  # the third return: from now on it flaps and is not told again
    ("24T00:00", "24T06:00", "office", "wjw"),  # a week after it was last told
    ("24T08:00", "24T12:00", "daytime", "wjw"),
)
"""(not before, not after, to whom, of which department), Beijing time."""


def act(db: Db, now: datetime) -> None:
    """What people do."""
    if now == on("14T09:00"):
        acknowledge_alert(db, "dormant|jyj-a", by="张三", note="", now=now)
    if now == on("13T15:00"):
        silence = Silence(
            id="", reason="搬迁", by="李四", starts_at=on("15T00:00"), ends_at=on("17T12:00"), department="czj"
        )
        add_silence(db, silence, now)
    if now == on("17T21:00"):
        waive_alert(db, "dormant|czj-a", by="李四", reason="合并中", until=None, now=now)


@pytest.mark.slow
def test_every_message_arrives_in_its_window_and_no_other_does(db: Db) -> None:
    arrived: list[tuple[datetime, str, str]] = []
    with mail_server() as (box, server):
        now = MONDAY
        while now < END:
            latest = {seen.department: seen.verdict for seen in sorted(STORY, key=lambda s: s.at) if on(seen.at) <= now}
            found = [
                Finding(rule="dormant", subject=f"{d}-a", department=d, verdict=v, severity=Severity.HIGH, reason="r")
                for d, v in latest.items()
            ]
            round_of(db, f"{now:%m%dT%H}", found, now, POLICY)
            act(db, now)
            refresh_mutes(db, now, POLICY)
            announce(
                db, (OFFICE, DAYTIME, CHIEF), registry=REGISTRY, rules={}, policy=POLICY, sender="g@x.example", now=now
            )
            box.answer = "451 not now" if on("20T12:00") <= now < on("21T12:00") else "250 OK"
            arrived += deliveries(db, box, server, now)
            now += STEP
    assert len({mail["Message-ID"] for mail in box.messages}) == len(box.messages)
    unexpected = []
    wanted = [(on(begin), on(end), name, department) for begin, end, name, department in WANTED]
    for at, name, department in arrived:
        match = next((w for w in wanted if w[0] <= at <= w[1] and w[2:] == (name, department)), None)
        if match:
            wanted.remove(match)
        else:
            unexpected.append((f"{at:%dT%H:%M}", name, department))
    assert (unexpected, wanted) == ([], [])


def deliveries(db: Db, box: Box, server: Any, now: datetime) -> list[tuple[datetime, str, str]]:
    before = len(box.messages)
    deliver(db, server, now)
    said = [(m["To"].partition("@")[0], m["Subject"].partition("】")[2]) for m in box.messages[before:]]
    return [(now, name, next(d.id for d in REGISTRY.departments if d.id in subject)) for name, subject in said]
