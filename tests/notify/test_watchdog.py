"""When the monitor itself is in trouble the administrator hears of it, past the outbox and past the database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from gzcrawl.items import SHANGHAI
from gzcrawl.store import rounds
from scheduler import sandbox
from scheduler.cli import main
from scheduler.cli.watchdog import CHANNEL, STATE
from scheduler.notify.outbox import enqueue
from scheduler.notify.ping import ENV as PING_URL
from scheduler.notify.ping import ping
from tests.notify.httpserver import Receiver, receiver
from tests.notify.mailserver import Box, mail_server

Db = Database[dict[str, Any]]

MONDAY = datetime(2025, 10, 13, 9, 0, tzinfo=SHANGHAI)
HOUR = timedelta(hours=1)
ADMIN = "admin@zhangjiang.example"


@pytest.fixture
def box(db_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    for name in ("http_proxy", "https_proxy", PING_URL, CHANNEL):
        monkeypatch.delenv(name, raising=False)
    with mail_server() as (box, server):
        for name, value in {
            "GZCRAWL_MONGO_URI": db_uri, "GZCRAWL_DATA": str(tmp_path), "GZCRAWL_SMTP_HOST": "127.0.0.1",
            "GZCRAWL_SMTP_PORT": str(server.port), "GZCRAWL_SMTP_SECURITY": "none", "GZCRAWL_MAIL_TO": "clerk@x.example",
            "GZCRAWL_MAIL_FROM": "gzcrawl@x.example", "GZCRAWL_MAIL_ADMIN": ADMIN,
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        yield box


@pytest.fixture
def watchdog(box: Box, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run it so many hours after MONDAY; (exit code, what the administrator gets by mail)."""

    def run(hours: float, *more: str) -> tuple[int, list[str]]:
        monkeypatch.setenv("GZCRAWL_NOW", (MONDAY + hours * HOUR).isoformat())
        before = len(box.messages)
        code = main(["watchdog", "--quiet", *more])
        assert {m["To"] for m in box.messages[before:]} <= {ADMIN}
        return code, [m.get_body().get_content().strip() for m in box.messages[before:]]  # type: ignore[union-attr]

    return run


def round_done(db: Db, at: datetime) -> None:
    rounds.advance(db, rounds.begin(db, at), "done", finished_at=at)


def poll(db: Db, at: datetime, outcome: str, channel: str = "weibo.timeline") -> None:
    db.polls.insert_one(
        {
            "_id": f"{at.isoformat()}|a|{channel}", "round_id": "r", "target_id": "a", "channel": channel, "url": "", "at": at,
            "outcome": outcome, "reason": outcome, "seen": 0, "complete": False, "covers_from": None, "covers_to": None,
        }
    )  # fmt: skip


def test_that_patrols_have_stopped_is_told_once_then_daily_and_once_more_when_it_is_over(db: Db, watchdog: Any) -> None:
    round_done(db, MONDAY)
    assert watchdog(12) == (0, [])
    code, (told,) = watchdog(12.1)
    assert code == 1
    assert told.startswith("新出现：巡查已停止：最近一轮完成于 10-13 09:00")
    assert watchdog(13) == watchdog(36) == (1, [])
    code, (told,) = watchdog(36.2)
    assert told.startswith("仍然存在：巡查已停止")
    round_done(db, MONDAY + 37 * HOUR)
    code, (told,) = watchdog(37.5)
    assert code == 0
    assert told.startswith("已恢复：巡查已停止")
    assert watchdog(38) == (0, [])


def test_a_patrol_that_never_was_is_told_too(watchdog: Any) -> None:
    assert "还没有完成过一轮" in watchdog(0)[1][0]


def test_a_source_that_shows_nothing_for_a_day_is_blind_and_one_nobody_asks_is_not(db: Db, watchdog: Any) -> None:
    for hours in range(0, 31, 6):
        poll(db, MONDAY + hours * HOUR, "ok" if hours == 0 else "blocked")
        poll(db, MONDAY + hours * HOUR, "unreachable", "sogou.articles")  # never seen at all
    poll(db, MONDAY, "ok", "govsite.home")
    round_done(db, MONDAY + 26 * HOUR)
    assert watchdog(26) == (0, [])
    _code, (told,) = watchdog(26.5)
    assert told.count("什么也看不到") == 2
    assert "来源“微博”自 10-13 09:00 起" in told
    assert "搜狗" in told
    assert "政府网站" not in told
    assert "微博" not in watchdog(27, "--blind-hours", "48")[1][0].replace("已恢复：来源“微博”", "")


def test_an_outbox_that_is_stuck_and_dead_letters_reach_the_administrator_without_the_outbox(
    db: Db, watchdog: Any
) -> None:
    round_done(db, MONDAY)
    mail = EmailMessage()
    mail["Subject"], mail["Message-ID"] = "摘要", "<1@x.example>"
    enqueue(db, "digest|r1", "clerk@x.example", mail, MONDAY)
    enqueue(db, "digest|r1", "gone@x.example", mail, MONDAY)
    db.outbox.update_one({"recipient": "gone@x.example"}, {"$set": {"state": "dead"}})
    _code, (told,) = watchdog(6)
    assert told == "新出现：有 1 封通知没有送达、已放弃重试，请运行 gzcrawl mail outbox 查看原因"
    _code, (told,) = watchdog(6.1)
    assert "新出现：通知自 10-13 09:00 起发不出去，请运行 gzcrawl mail test" in told
    assert "仍然存在：有 1 封" in told
    assert db.outbox.count_documents({}) == 2


def test_a_database_that_is_away_is_told_and_nothing_counts_as_over_meanwhile(
    db: Db, db_uri: str, watchdog: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "巡查已停止" in watchdog(0)[1][0]
    monkeypatch.setenv("GZCRAWL_MONGO_URI", "mongodb://127.0.0.1:9/?directConnection=true")
    monkeypatch.setattr("gzcrawl.store.connect.SELECT_MS", 200)
    code, (told,) = watchdog(1)
    assert code == 1
    assert told.startswith("新出现：数据库用不了：连接不上 MongoDB（127.0.0.1:9）")
    assert watchdog(2) == (1, [])
    monkeypatch.setenv("GZCRAWL_MONGO_URI", db_uri)
    _code, (told,) = watchdog(3)
    assert "仍然存在：巡查已停止" in told
    assert "已恢复：数据库用不了" in told


def test_what_no_way_has_taken_is_told_again_and_a_channel_is_a_second_way(
    db: Db, box: Box, watchdog: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    box.answer = "451 not now"
    assert watchdog(0) == (1, [])
    assert "没有告诉管理员" in capsys.readouterr().err
    with receiver() as (robot, host):
        monkeypatch.setenv(CHANNEL, f"json://{host}/hook")
        assert watchdog(1) == (1, [])
        assert watchdog(2) == (1, [])
    ((_path, headers, body),) = robot.got
    assert body["title"] == "【政务新媒体巡查】看门狗：1 项异常"
    assert body["text"].startswith("新出现：巡查已停止")
    assert headers["Idempotency-Key"] == body["id"]


def test_wrong_mail_settings_are_said_on_the_console_and_a_broken_file_of_what_was_told_hides_nothing(
    db: Db, watchdog: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    watchdog(0)
    for broken in ("[]", "{", '{"patrol": 1}'):
        (tmp_path / STATE).write_text(broken)
        assert "新出现" in watchdog(1)[1][0]
    assert set(json.loads((tmp_path / STATE).read_text())) == {"patrol"}
    capsys.readouterr()
    monkeypatch.setenv("GZCRAWL_SMTP_PORT", "x")
    assert watchdog(2) == (1, [])
    assert "发信设置有误：GZCRAWL_SMTP_PORT" in capsys.readouterr().err


# The other way round: a server outside that expects to hear from us.


@pytest.fixture
def checks(box: Box, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with receiver() as (state, host):
        monkeypatch.setenv(PING_URL, f"http://{host}/ping/uuid/")
        yield state


def test_a_round_reports_its_start_and_how_it_ended(
    checks: Receiver, db: Db, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["patrol"]) == 1  # the registry is empty
    assert [path for path, _headers, _body in checks.got] == ["/ping/uuid/start", "/ping/uuid/fail"]
    assert "台账是空的" in checks.got[-1][2]["text"]
    assert "台账是空的" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", ["http://127.0.0.1:9/topsecret", "ftp://x/topsecret", "http://[topsecret"])
def test_a_ping_that_fails_is_said_without_its_address_and_hurts_nothing(
    monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setenv(PING_URL, wrong)
    said: list[str] = []
    ping("", "第 r1 轮，退出码 0", say=said.append)
    assert len(said) == 1
    assert "topsecret" not in said[0]


def test_an_answer_that_is_no_success_is_said(checks: Receiver) -> None:
    checks.status = 404
    said: list[str] = []
    ping("/start", say=said.append)
    assert said == [f"报到没有成功：{PING_URL} 回答 HTTP 404"]


def test_the_sandbox_reports_to_nobody(checks: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_sandbox(*_args: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sandbox, "sandbox", no_sandbox)
    assert main(["patrol", "--sandbox"]) == 130
    assert checks.got == []
