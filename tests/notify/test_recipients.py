"""Who is told what, when: recipients from a file, at once and by digest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from pymongo.database import Database

from gzcrawl.items import SHANGHAI
from gzcrawl.registry import Department, Registry
from gzcrawl.store import alerts as store
from gzcrawl.store.registry import save_registry
from scheduler.alerts.mute import Silence
from scheduler.alerts.people import acknowledge_alert, add_silence, end_silence
from scheduler.alerts.policy import policy_of
from scheduler.calendar import Calendar
from scheduler.cli import main
from scheduler.findings import Finding, Severity, Verdict
from scheduler.notify.announce import announce
from scheduler.notify.outbox import deliver
from scheduler.notify.recipients import ENV, Recipient, Scope, load_recipients
from scheduler.notify.settings import MailSettingsError, mail_settings
from scheduler.patrol import Round
from scheduler.profile import load_profile
from scheduler.rules import METAS
from scheduler.tell import Telling, tell
from tests.alerts.rounds import round_of
from tests.notify.mailserver import mail_server

Db = Database[dict[str, Any]]

MONDAY = datetime(2025, 10, 13, 8, 30, tzinfo=SHANGHAI)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
POLICY = policy_of(load_profile(), Calendar())
REGISTRY = Registry(
    (
        Department(id="wjw", name="卫健委", email="wjw@zhangjiang.example"),
        Department(id="jyj", name="教育局", email="jyj@zhangjiang.example"),
        Department(id="sfj", name="司法局"),
    )
)
OFFICE = Recipient(name="网信办", to="office@zhangjiang.example", at_once=Severity.HIGH)


def finding(department: str, rule: str = "dormant", subject: str = "a", **changes: Any) -> Finding:
    values: dict[str, Any] = {"verdict": Verdict.VIOLATION, "severity": Severity.HIGH, "reason": "已17天未更新"}
    return Finding(rule=rule, subject=f"{department}-{subject}", department=department, **(values | changes))


def told(db: Db, recipients: Sequence[Recipient], now: datetime) -> list[tuple[str, str]]:
    """(recipient, subject) of what is put into the outbox now."""
    before = {entry["_id"] for entry in store.outbox(db)}
    announce(db, recipients, registry=REGISTRY, rules=METAS, policy=POLICY, sender="a@b.example", now=now)
    fresh = [entry for entry in store.outbox(db) if entry["_id"] not in before]
    return sorted((e["recipient"], e["subject"].removeprefix("【政务新媒体巡查】")) for e in fresh)


def test_what_is_severe_is_told_at_once_in_one_mail_for_each_department_and_family(db: Db) -> None:
    found = [
        finding("wjw"), finding("wjw", subject="b"), finding("wjw", "qr_code"), finding("jyj"),
        finding("sfj", severity=Severity.LOW), finding("sfj", subject="b", verdict=Verdict.WARNING),
    ]  # fmt: skip
    round_of(db, "r1", found, MONDAY, POLICY)
    assert told(db, [OFFICE], MONDAY) == [
        ("网信办", "卫健委：网站 1 项，最重：官网二维码"),
        ("网信办", "卫健委：账号更新 2 项，最重：僵尸账号"),
        ("网信办", "教育局：账号更新 1 项，最重：僵尸账号"),
    ]
    assert told(db, [OFFICE], MONDAY + HOUR) == []


def test_each_department_hears_of_its_own_only(db: Db, tmp_path: Path) -> None:
    file = tmp_path / "recipients.toml"
    file.write_text('[each_department]\nat_once = "high"\ndigest = "weekly"\n', encoding="utf-8")
    recipients = load_recipients(None, REGISTRY, {ENV: str(file)})
    round_of(db, "r1", [finding("wjw"), finding("jyj"), finding("sfj")], MONDAY, POLICY)
    assert [name for name, _subject in told(db, recipients, MONDAY)] == ["卫健委", "教育局"]  # the third has no address
    addresses = {entry["recipient"]: entry["address"] for entry in store.outbox(db)}
    assert addresses == {"卫健委": "wjw@zhangjiang.example", "教育局": "jyj@zhangjiang.example"}


def test_at_night_it_waits_for_the_morning_and_is_not_told_if_it_ended_before(db: Db) -> None:
    day_only = Recipient(
        name="值班", to="d@x.example", at_once=Severity.HIGH, hours=(MONDAY.time(), (MONDAY + 9 * HOUR).time())
    )
    night = MONDAY + 15 * HOUR
    round_of(db, "r1", [finding("wjw"), finding("jyj")], night, POLICY)
    assert told(db, [day_only], night) == []
    round_of(db, "r2", [finding("wjw"), finding("jyj", verdict=Verdict.OK)], night + HOUR, POLICY)
    assert told(db, [day_only], MONDAY + DAY) == [("值班", "卫健委：账号更新 1 项，最重：僵尸账号")]


def test_what_is_silenced_or_out_of_sight_waits(db: Db) -> None:
    silence = Silence(id="", reason="r", by="张三", starts_at=MONDAY, ends_at=MONDAY + DAY, department="wjw")
    made = add_silence(db, silence, MONDAY)
    round_of(db, "r1", [finding("wjw"), finding("jyj")], MONDAY, POLICY)
    round_of(db, "r2", [finding("wjw"), finding("jyj", verdict=Verdict.UNKNOWN)], MONDAY + HOUR, POLICY)
    assert told(db, [OFFICE], MONDAY + HOUR) == []
    end_silence(db, made.id, by="张三", now=MONDAY + 2 * HOUR)
    round_of(db, "r3", [finding("wjw"), finding("jyj")], MONDAY + 2 * HOUR, POLICY)
    assert len(told(db, [OFFICE], MONDAY + 2 * HOUR)) == 2


def test_what_nobody_acknowledged_in_three_working_days_goes_to_the_second_address(db: Db) -> None:
    chief = Recipient(name="分管领导", to="chief@x.example", digest="never", escalation=True)
    found = [finding("wjw"), finding("jyj")]
    round_of(db, "r0", found, MONDAY, POLICY)
    acknowledge_alert(db, "dormant|jyj-a", by="李四", note="", now=MONDAY)
    for day in range(1, 8):
        now = MONDAY + day * DAY
        round_of(db, f"r{day}", found, now, POLICY)
        said = told(db, [chief], now)
        assert said == ([("分管领导", "逾期未确认，卫健委：账号更新 1 项，最重：僵尸账号")] if day == 4 else [])


@pytest.mark.parametrize(
    ("digest", "days"),
    [
        ("daily", "2025-09-29 09-30 10-01 10-02 10-03 10-04 10-05 10-06 10-07 10-08 10-09 10-10 10-11 10-12"),
        ("workdays", "2025-09-29 09-30 10-09 10-10 10-11"),  # the National Day holiday, and a Saturday worked instead
        ("weekly", "2025-09-29 10-09"),  # the first working day of the week
        ("never", ""),
    ],
)
def test_a_digest_is_due_on_its_days_from_half_past_eight(digest: str, days: str) -> None:
    recipient = Recipient(name="x", to="x@y.example", digest=digest)
    begin = datetime(2025, 9, 29, 8, 30, tzinfo=SHANGHAI)
    due = [begin + n * DAY for n in range(14) if recipient.digest_due((begin + n * DAY).astimezone(UTC), Calendar())]
    assert [f"{day:%m-%d}" for day in due] == [day[-5:] for day in days.split()]
    assert not any(recipient.digest_due(begin + n * DAY - HOUR, Calendar()) for n in range(14))


def test_digests_tell_each_reader_what_is_new_since_their_last_one(db: Db, tmp_path: Path) -> None:
    leader = Recipient(name="领导", to="leader@x.example", digest="weekly", scope=Scope(operator=False))
    department = Recipient(name="卫健委", to="w@x.example", scope=Scope(departments=frozenset({"wjw"}), operator=False))
    quiet = Recipient(name="司法局", to="s@x.example", scope=Scope(departments=frozenset({"sfj"}), operator=False))
    with mail_server() as (box, server):
        how = Telling(
            settings=server, recipients=(OFFICE, leader, department, quiet), rules=METAS, policy=POLICY,
            calendar=Calendar(), data_dir=tmp_path,
        )  # fmt: skip
        for day in range(8):
            now = MONDAY + day * DAY
            found = (finding("jyj"), *((finding("wjw"),) if day >= 3 else ()))
            round_of(db, f"r{day}", found, now, POLICY)
            done = Round(id=f"r{day}", at=now, registry=REGISTRY, outcomes={}, crawl_complete=True)
            with time_machine.travel(now, tick=True):
                for _again in range(2):
                    assert tell(db, done, how, digests=True, say=lambda _line: None)
    by_reader: dict[str, list[str]] = {}
    for mail in box.messages:
        if "未整改" in mail["Subject"]:
            by_reader.setdefault(mail["To"], []).append(mail["Subject"].partition("】")[2].partition("，最重")[0])
    assert len(by_reader["office@zhangjiang.example"]) == 6  # working days
    assert by_reader["leader@x.example"] == ["10月13日：新增 1 项，未整改 1 项", "10月20日：新增 1 项，未整改 2 项"]
    assert by_reader["w@x.example"] == [
        "10月16日：新增 1 项，未整改 1 项",
        "10月17日：未整改 1 项",
        "10月20日：未整改 1 项",
    ]
    assert "s@x.example" not in by_reader
    own = next(m for m in box.messages if m["To"] == "w@x.example").get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "教育局" not in own
    assert "未能核实" not in own
    assert db.alerts.count_documents({"notified_at": None}) == 0


def test_a_mail_server_that_is_down_for_a_day_loses_nothing_and_is_not_flooded(
    db: Db, db_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with mail_server() as (_box, server):
        port = server.port
    for name, value in {
        "GZCRAWL_MONGO_URI": db_uri, "GZCRAWL_DATA": str(tmp_path), "GZCRAWL_SMTP_HOST": "127.0.0.1",
        "GZCRAWL_SMTP_PORT": str(port), "GZCRAWL_SMTP_SECURITY": "none", "GZCRAWL_MAIL_TO": "clerk@x.example",
        "GZCRAWL_MAIL_FROM": "gzcrawl@x.example",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("GZCRAWL_NOW", raising=False)
    save_registry(db, REGISTRY)
    round_of(db, "r1", [finding("wjw"), finding("jyj")], MONDAY, POLICY)
    announce(db, [OFFICE], registry=REGISTRY, rules=METAS, policy=POLICY, sender="a@b.example", now=MONDAY)
    for half_hour in range(48):
        with time_machine.travel(MONDAY + half_hour * HOUR / 2, tick=True):
            assert main(["mail", "retry"]) in (0, 1)
    assert max(entry["attempts"] for entry in store.outbox(db)) < 15
    assert "连接不上邮件服务器" in capsys.readouterr().out
    with mail_server() as (box, server), time_machine.travel(MONDAY + DAY + 4 * HOUR, tick=True):
        monkeypatch.setenv("GZCRAWL_SMTP_PORT", str(server.port))
        assert main(["mail", "retry"]) == 0
    assert len({m["Message-ID"] for m in box.messages}) == len(box.messages) == 2


def test_a_dead_letter_stands_in_the_operators_digest_and_in_nobody_elses(db: Db, tmp_path: Path) -> None:
    gone = Recipient(name="已调离", to="gone@x.example", at_once=Severity.HIGH, digest="never")
    leader = Recipient(name="领导", to="leader@x.example", digest="daily", scope=Scope(operator=False))
    found = (finding("wjw"),)
    round_of(db, "r1", found, MONDAY, POLICY)
    with mail_server() as (box, server):
        box.refused = "gone@x.example"
        told(db, [gone], MONDAY)
        assert deliver(db, server, MONDAY).dead == 1
        how = Telling(
            settings=server, recipients=(OFFICE, leader), rules=METAS, policy=POLICY, calendar=Calendar(), data_dir=tmp_path
        )  # fmt: skip
        done = Round(id="r1", at=MONDAY, registry=REGISTRY, outcomes={}, crawl_complete=True)
        with time_machine.travel(MONDAY, tick=True):
            tell(db, done, how, digests=True, say=lambda _line: None)
    digests = {m["To"]: m.get_body(("plain",)).get_content() for m in box.messages if "未整改" in m["Subject"]}  # type: ignore[union-attr]
    assert "已调离" in digests["office@zhangjiang.example"]
    assert "已调离" not in digests["leader@x.example"]


def test_a_file_of_recipients_says_who_and_when(tmp_path: Path) -> None:
    file = tmp_path / "recipients.toml"
    file.write_text(
        """
        [[recipient]]
        name = "值班员"
        to = "duty@x.example"
        at_once = "high"
        hours = "22:00-07:30"
        [[recipient]]
        name = "企业微信群"
        to = "wecombot://key"
        departments = ["wjw"]
        rules = ["dormant"]
        digest = "never"
        """,
        encoding="utf-8",
    )
    duty, group = load_recipients(None, REGISTRY, {ENV: str(file)})
    assert (duty.digest, duty.scope.operator, duty.mail) == ("workdays", True, "duty@x.example")
    assert [duty.awake(MONDAY + n * HOUR) for n in (0, 14, 20, 23)] == [False, True, True, False]
    assert (group.mail, group.scope) == (
        None, Scope(departments=frozenset({"wjw"}), rules=frozenset({"dormant"}), operator=False)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[recipient]]\nname = "x"\nto = "nobody"', "不是邮箱地址"),
        ('[[recipient]]\nname = "x"\nto = "a@b.c\\nBcc: d@e.f"', "不是邮箱地址"),
        ('[[recipient]]\nto = "a@b.c"', "没有 name"),
        ('[[recipient]]\nname = "x"\nto = "a@b.c"\ndigest = "hourly"', "digest"),
        ('[[recipient]]\nname = "x"\nto = "a@b.c"\nat_once = "loud"', "at_once"),
        ('[[recipient]]\nname = "x"\nto = "a@b.c"\nhours = "always"', "hours"),
        ('[[recipient]]\nname = "x"\nto = "a@b.c"\ndepartments = ["nowhere"]', "nowhere"),
        ('[[recipient]]\nname = "x"\nto = "a@b.c"\nweekly = true', "weekly"),
        ('[[recipient]]\nname = "x"\nto = "a@b.c"\n' * 2, "name 重复"),
        ("recipient = 1", "recipients.toml"),
        ("[[", "读不了"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "recipients.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(MailSettingsError, match=said):
        load_recipients(None, REGISTRY, {ENV: str(file)})


def test_without_a_file_everybody_in_mail_to_gets_each_rounds_digest() -> None:
    settings = mail_settings({"GZCRAWL_SMTP_HOST": "h", "GZCRAWL_MAIL_TO": "a@b.c", "GZCRAWL_MAIL_FROM": "x@y.z"})
    (found,) = load_recipients(settings, REGISTRY, {})
    assert (found.mail, found.digest_due(MONDAY - 5 * HOUR, Calendar()), found.at_once) == ("a@b.c", True, None)
