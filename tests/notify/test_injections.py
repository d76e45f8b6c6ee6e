"""What others write is text, all the way from the registry to the mail, the workbook, the evidence, the console and a robot."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import yaml
from openpyxl import load_workbook
from parsel import Selector
from pymongo.database import Database

from gzcrawl.items import SHANGHAI
from gzcrawl.store.registry import load_registry
from scheduler.alerts.policy import policy_of
from scheduler.calendar import Calendar
from scheduler.cli import main
from scheduler.findings import Evidence, Finding, Severity, Verdict
from scheduler.notify.recipients import Recipient
from scheduler.patrol import Round
from scheduler.profile import load_profile
from scheduler.rules import METAS
from scheduler.tell import Telling, tell
from tests.alerts.rounds import round_of
from tests.notify.httpserver import Receiver, receiver
from tests.notify.mailserver import Box, mail_server

Db = Database[dict[str, Any]]

NOW = datetime(2025, 10, 13, 9, 0, tzinfo=SHANGHAI)
NAME = "<script>alert(1)</script>$where局"
ACCOUNT = '=HYPERLINK("http://evil.example","点我")'
TITLE = "\x1b]0;pwned\x07\x1b[2J公告\r\nBcc: evil@evil.example\r\n\r\n{{ 7*7 }}"
POST = '</td></tr></table><img src=http://evil.example/x.png onerror=alert(1)> {"$gt": ""} \u202egpj.exe @all <@all> [x](http://evil.example)'
FORMULA = "=cmd|' /C calc'!A0"
ID = "dormant|$where.a"


@pytest.fixture
def told(db: Db, db_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Box, Receiver]]:
    """One round about a department that means harm, told by mail and to a robot."""
    for name, value in {"MONGO_URI": db_uri, "DATA": str(tmp_path), "NOW": NOW.isoformat()}.items():
        monkeypatch.setenv(f"GZCRAWL_{name}", value)
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    registry = {
        "departments": [{"id": "evil", "name": NAME, "responsible": FORMULA, "contact": "1"}],
        "accounts": [{"id": "evil-weibo", "department": "evil", "platform": "weibo", "name": ACCOUNT, "uid": "9025842603"}],
        "sites": [],
    }  # fmt: skip
    file = tmp_path / "registry.yaml"
    file.write_text(yaml.safe_dump(registry, allow_unicode=True))
    assert main(["registry", "import", str(file)]) == 0
    evidence = (
        Evidence(kind="post", ref="$gt", at=NOW, url="javascript:alert(1)", quote=POST),
        Evidence(kind="post", ref="weibo:1", at=NOW, url='https://weibo.com/1?a="><script>', quote=FORMULA),
    )
    found = Finding(
        rule="dormant", subject="$where.a", department="evil", verdict=Verdict.VIOLATION, severity=Severity.HIGH,
        reason=f"{ACCOUNT}：《{TITLE}》{POST}", evidence=evidence, facts={"title": TITLE},
    )  # fmt: skip
    policy = policy_of(load_profile(), Calendar())
    round_of(db, "r1", [found], NOW, policy)
    with mail_server() as (box, server), receiver() as (robot, host):
        how = Telling(
            settings=server, rules=METAS, policy=policy, calendar=Calendar(), data_dir=tmp_path,
            recipients=(
                Recipient(name="网信办", to="office@x.example", at_once=Severity.HIGH, digest="daily"),
                Recipient(name="群", to=f"json://{host}/", at_once=Severity.HIGH, digest="daily"),
            ),
        )  # fmt: skip
        done = Round(
            id="r1", at=NOW, registry=load_registry(db), outcomes={"weibo": {"ok": 1}}, crawl_complete=True
        )  # fmt: skip
        assert tell(db, done, how, digests=True, say=lambda _line: None)
        yield box, robot


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_the_mail_shows_it_as_text_and_loads_runs_and_sends_nothing(told: tuple[Box, Receiver]) -> None:
    box, _robot = told
    assert len(box.messages) == 2
    for mail in box.messages:
        assert (mail["To"], mail["Bcc"]) == ("office@x.example", None)
        assert not re.search(r"[\r\n\x1b]", mail["Subject"])
        page = Selector(body(mail, "html"))
        assert page.xpath("//script | //*[@onerror] | //img[not(starts-with(@src, 'cid:'))]").getall() == []
        assert all(link.startswith("https://weibo.com/") for link in page.xpath("//a/@href").getall())
        assert NAME in "".join(page.xpath("//text()").getall())
        assert "{{ 7*7 }}" in body(mail, "plain")
        assert "\nBcc:" not in body(mail, "plain")
        assert not re.search(r"[\x1b\u202e]", body(mail, "plain") + body(mail, "html"))


def test_the_workbook_has_no_formula(told: tuple[Box, Receiver]) -> None:
    box, _robot = told
    for mail in box.messages:
        for attached in mail.iter_attachments():
            book = load_workbook(io.BytesIO(attached.get_content()))
            assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {
                "s",
                "n",
                "inlineStr",
            }
            assert FORMULA in [cell.value for row in book.active.iter_rows() for cell in row]
            book.close()


def test_a_robot_gets_it_without_lines_of_its_own(told: tuple[Box, Receiver]) -> None:
    _box, robot = told
    for _path, _headers, message in robot.got:
        assert set(message) == {"id", "title", "text"}
        assert not re.search(r"[\r\n\x1b]", message["title"])
        assert "\nBcc:" not in message["text"]
        assert "\x1b" not in message["text"]


def test_the_console_and_the_export_obey_nothing_of_it(
    told: tuple[Box, Receiver], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out.zip"
    for command in (
        ["alerts", "list"], ["alerts", "show", ID], ["alerts", "ack", ID, "--note", TITLE], ["evidence", "show", ID],
        ["evidence", "export", ID, "-o", str(target)], ["mail", "outbox"], ["registry", "check"], ["alerts", "show", "\x1b[2J"],
    ):  # fmt: skip
        main(command)
        said = capsys.readouterr()
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", said.out + said.err), command
    assert main(["alerts", "list", "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert TITLE in listed["reason"]
    with zipfile.ZipFile(target) as archive:
        assert all(re.fullmatch(r"[\w./一-鿿-]+", name) and ".." not in name for name in archive.namelist())
        page = Selector(archive.read("说明.html").decode())
    assert page.xpath("//script | //*[@onerror] | //img | //a[starts-with(@href, 'javascript')]").getall() == []
    assert NAME in "".join(page.xpath("//text()").getall())
