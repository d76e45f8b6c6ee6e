"""Messages wait in the outbox until a real mail server has taken them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from pymongo.database import Database

from gzcrawl.store import alerts as store
from scheduler.notify import outbox
from scheduler.notify.channels import Note
from scheduler.notify.outbox import deliver, enqueue
from scheduler.notify.render import message_id
from scheduler.notify.settings import MailSettingsError, mail_settings
from scheduler.notify.smtp import DeliveryError, send
from tests.notify.httpserver import receiver
from tests.notify.mailserver import mail_server, only, settings

Db = Database[dict[str, Any]]

NOW = datetime(2025, 10, 13, 1, 0, tzinfo=UTC)
CLERK = "clerk@zhangjiang.example"


def mail() -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "摘要", "gzcrawl@zhangjiang.example", CLERK
    message["Message-ID"] = message_id("digest|r1", "gzcrawl@zhangjiang.example")
    message.set_content("新增 1 项")
    return message


def test_a_message_put_in_twice_is_sent_once(db: Db) -> None:
    with mail_server() as (box, server):
        assert enqueue(db, "digest|r1", CLERK, mail(), NOW)
        assert deliver(db, server, NOW).sent == 1
        assert not enqueue(db, "digest|r1", CLERK, mail(), NOW)
        assert deliver(db, server, NOW).sent == 0
    assert [m["Subject"] for m in box.messages] == ["摘要"]


def test_a_server_that_is_down_for_a_day_loses_nothing(db: Db) -> None:
    with mail_server() as (_box, server):
        pass  # its port is free again: nobody listens there
    enqueue(db, "digest|r1", CLERK, mail(), NOW)
    now = NOW
    while now < NOW + timedelta(days=1):
        report = deliver(db, server, now)
        assert report.sent == 0
        now += timedelta(minutes=5)
    (waiting,) = store.outbox(db)
    assert "连接不上" in waiting["last_error"]
    assert waiting["attempts"] < 15
    with mail_server() as (box, server):
        assert deliver(db, server, now + timedelta(hours=4)).sent == 1
    assert len(box.messages) == 1


def test_a_server_that_is_away_is_asked_once_a_run_and_robots_get_theirs_meanwhile(db: Db) -> None:
    with mail_server() as (_box, server):
        pass
    for number in range(20):
        enqueue(db, f"digest|r{number}", CLERK, mail(), NOW)
    enqueue(db, "digest|r1", "企业微信群", Note(id="1", title="摘要", text="新增 1 项"), NOW)
    with receiver() as (robot, host):
        report = deliver(db, server, NOW, {"企业微信群": f"json://{host}/"})
    assert (report.sent, report.waiting, len(report.errors), len(robot.got)) == (1, 20, 1, 1)
    with mail_server() as (box, server):
        assert deliver(db, server, NOW + outbox.FIRST_WAIT).sent == 20
    assert len(box.messages) == 20


def test_a_sender_killed_after_the_servers_answer_repeats_the_same_message_id(
    db: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    enqueue(db, "digest|r1", CLERK, mail(), NOW)
    with mail_server() as (box, server):
        with monkeypatch.context() as patched:
            patched.setattr(store, "settle", lambda *_args, **_facts: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                deliver(db, server, NOW)
        assert deliver(db, server, NOW).sent == 1
    assert len(box.messages) == 2
    assert len({m["Message-ID"] for m in box.messages}) == 1


def test_a_refused_recipient_is_a_dead_letter_and_does_not_hold_up_the_others(db: Db) -> None:
    enqueue(db, "digest|r1", "gone@zhangjiang.example", mail(), NOW)
    enqueue(db, "digest|r1", CLERK, mail(), NOW)
    with mail_server() as (box, server):
        box.refused = "gone@zhangjiang.example"
        report = deliver(db, server, NOW)
        assert (report.sent, report.dead) == (1, 1)
        assert "拒收收件人 gone@zhangjiang.example" in report.errors[0]
        box.refused = ""
        assert store.retry_dead(db, NOW) == 1
        assert deliver(db, server, NOW).sent == 1


def test_a_temporary_refusal_is_tried_again(db: Db) -> None:
    enqueue(db, "digest|r1", CLERK, mail(), NOW)
    with mail_server() as (box, server):
        box.answer = "451 try again later"
        assert deliver(db, server, NOW).waiting == 1
        assert deliver(db, server, NOW).sent == 0
        box.answer = "250 OK"
        assert deliver(db, server, NOW + outbox.FIRST_WAIT).sent == 1


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # of the test's own server
def test_a_wrong_password_says_so(db: Db) -> None:
    with mail_server(**only("office", "right")) as (box, server):
        right = replace(server, user="office", password="right")
        send(right, mail(), CLERK)
        assert len(box.messages) == 1
        with pytest.raises(DeliveryError, match="不接受用户名或密码"):
            send(replace(right, password="wrong"), mail(), CLERK)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"host": "mail.invalid"}, "找不到邮件服务器 mail.invalid"),
        ({"security": "starttls"}, "GZCRAWL_SMTP_SECURITY"),
        ({"security": "tls"}, "GZCRAWL_SMTP_SECURITY"),
    ],
)
def test_each_thing_that_can_be_wrong_is_named(changes: dict[str, Any], said: str) -> None:
    with mail_server() as (_box, server), pytest.raises(DeliveryError, match=said):
        send(replace(server, **changes), mail(), CLERK)


def test_settings_that_are_missing_or_wrong_name_their_variable() -> None:
    assert mail_settings({}) is None
    good = {"GZCRAWL_SMTP_HOST": "h", "GZCRAWL_MAIL_TO": "a@b.c, d@e.f", "GZCRAWL_MAIL_FROM": "x@y.z"}
    assert mail_settings(good) == settings(
        587, host="h", security="starttls", sender="x@y.z", recipients=("a@b.c", "d@e.f")
    )
    for change, said in (
        ({"GZCRAWL_MAIL_TO": ""}, "GZCRAWL_MAIL_TO"),
        ({"GZCRAWL_SMTP_PORT": "x"}, "GZCRAWL_SMTP_PORT"),
        ({"GZCRAWL_SMTP_SECURITY": "ssl"}, "starttls"),
        ({"GZCRAWL_MAIL_FROM": "nobody"}, "GZCRAWL_MAIL_FROM"),
        ({"GZCRAWL_SMTP_PASSWORD_FILE": "/nowhere"}, "/nowhere"),
    ):
        with pytest.raises(MailSettingsError, match=said):
            mail_settings(good | change)
