"""What a person does at the console, on a real database."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from pymongo.database import Database

from fixtures.city import WORDS
from gzcrawl.items import Announcement, Precision
from gzcrawl.store import announcements
from gzcrawl.store.registry import load_registry
from scheduler.cli import main
from scheduler.findings import Evidence, Finding, Verdict
from tests.alerts.rounds import round_of
from tests.cli.conftest import NOW

Db = Database[dict[str, Any]]


def test_the_registry_goes_in_and_out_as_a_workbook_unchanged(city: Any, db: Db, tmp_path: Path) -> None:
    before = load_registry(db)
    assert city("registry", "export", tmp_path / "r.xlsx")[0] == 0
    code, said = city("registry", "import", tmp_path / "r.xlsx")
    assert (code, "新增 0，修改 0，删除 0" in said) == (0, True)
    assert load_registry(db) == before
    assert city("registry", "template", tmp_path / "t.xlsx")[0] == 0
    assert "示例行不会被导入" in city("registry", "template", tmp_path / "t.xlsx")[1]


def test_contradictions_are_listed_with_an_exit_code(city: Any) -> None:
    code, said = city("registry", "check")
    assert code == 1
    assert "个在用账号" in said


def test_an_announcement_is_named_listed_and_taken_back(city: Any, db: Db) -> None:
    address = "https://www.zhangjiang.example/zfgb/1.html"
    named = ("announce", "add", address, "--title", "关于停水的公告", "--published", "2025-10-12T09:00:00+08:00")
    code, said = city(*named, "--publisher", "wjw", "--for", "county")
    assert code == 0
    assert "须转发的单位 3 个" in said
    assert "关于停水的公告" in city("announce", "list")[1]
    assert city("announce", "remove", "website:www.zhangjiang.example/zfgb/1.html")[0] == 0
    assert db.announcements.count_documents({}) == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--published", "yesterday"], "不是有效的时间"),
        (["--published", "2025-10-12T09:00:00+08:00", "--publisher", "nobody"], "没有单位"),
        (["--published", "2025-10-12T09:00:00+08:00", "--for", "nowhere"], "没有任何单位"),
    ],
)
def test_an_announcement_that_makes_no_sense_is_refused(city: Any, db: Db, wrong: list[str], said: str) -> None:
    code, printed = city("announce", "add", "https://a.example/1", "--title", "题", *wrong)
    assert code == 1
    assert said in printed
    assert db.announcements.count_documents({}) == 0


def test_alerts_are_listed_shown_acknowledged_and_waived(city: Any, db: Db) -> None:
    evidence = (Evidence(kind="post", ref="weibo:1", at=NOW, url="https://m.weibo.cn/detail/1", quote="最后一条"),)
    finding = Finding(
        rule="dormant",
        subject="jyj-weibo",
        department="jyj",
        verdict=Verdict.VIOLATION,
        reason="已超过17天未更新",
        evidence=evidence,
    )
    round_of(db, "r1", [finding], NOW - timedelta(days=1))
    assert "已超过17天未更新" in city("alerts", "list")[1]
    assert json.loads(city("alerts", "list", "--json")[1])[0]["_id"] == "dormant|jyj-weibo"
    assert city("alerts", "ack", "dormant|jyj-weibo", "--by", "张三", "--note", "已电话通知")[0] == 0
    assert (
        city("alerts", "waive", "dormant|jyj-weibo", "--by", "李四", "--reason", "机构合并", "--until", "2025-12-31")[0]
        == 0
    )
    shown = city("alerts", "show", "dormant|jyj-weibo")[1]
    for said in ("https://m.weibo.cn/detail/1", "已豁免", "机构合并（李四）", "张三：已电话通知"):
        assert said in shown
    assert "已经过去" in city("alerts", "waive", "dormant|jyj-weibo", "--reason", "x", "--until", "2020-01-01")[1]
    assert "没有预警" in city("alerts", "list", "--department", "wjw")[1]


def test_a_confirmed_code_is_learned_from_its_picture(city: Any, db: Db, tmp_path: Path) -> None:
    code = zxingcpp.create_barcode("http://weixin.qq.com/r/newcode", zxingcpp.BarcodeFormat.QRCode)
    picture = io.BytesIO()
    Image.fromarray(code.to_image(scale=4)).save(picture, "PNG")
    (tmp_path / "code.png").write_bytes(picture.getvalue())
    assert city("qr", "learn", "wjw-wechat", tmp_path / "code.png")[0] == 0
    account = load_registry(db).by_id["wjw-wechat"]
    assert "http://weixin.qq.com/r/newcode" in account.qr_payloads  # type: ignore[union-attr]
    assert "没有账号" in city("qr", "learn", "nobody", "http://weixin.qq.com/r/x")[1]
    found = json.loads(city("qr", "decode", tmp_path / "code.png")[1])
    assert found[0]["codes"][0] | {"box": None} == {
        "payload": "http://weixin.qq.com/r/newcode", "meaning": "wechat_account", "box": None,
    }  # fmt: skip


def test_an_empty_outbox_says_so_and_needs_no_mail_server(city: Any) -> None:
    assert city("mail", "outbox") == (0, "发件箱是空的，没有等待发送的邮件\n")
    assert city("mail", "retry") == (0, "")


def test_pairs_are_matched_line_by_line_and_a_bad_line_does_not_stop_the_others(console: Any, tmp_path: Path) -> None:
    pair = {
        "pair_id": "p1",
        "announcement": {"title": "关于停水的公告", "body": ""},
        "post": {"text": "关于停水的公告"},
    }
    (tmp_path / "pairs.jsonl").write_text(f"not json\n{json.dumps(pair)}\n[]\n", encoding="utf-8")
    code, said = console("match", tmp_path / "pairs.jsonl")
    assert code == 1
    assert "第 1 行" in said
    answer = json.loads(next(line for line in said.splitlines() if line.startswith("{")))
    assert (answer["pair_id"], answer["decision"]) == ("p1", "repost")


def test_a_pair_with_empty_fields_or_strange_values_gets_its_line_and_only_broken_lines_are_named(
    console: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice = {"title": "章江市水务局关于城东片区暂停供水的公告", "body": "因管道抢修，9月28日8时至14时停水。" * 1500}
    posts = [
        {"text": notice["body"], "title": None, "links": None, "published_at": "2025年9月8日 8:05", "platform": "抖音"},
        {"text": None, "links": "http://a.example/t1.html", "published_at": 5},
        {},
        {"text": "\ud800", "links": [None, 7, {}], "published_at": "0001-01-01"},
    ]
    lines = [json.dumps({"pair_id": i, "announcement": notice | {"url": "http://a.example/t1.html"}, "post": post})
             for i, post in enumerate(posts)]  # fmt: skip
    lines.insert(1, '{"pair_id": 9, "announcement": "文字", "post": {}}')
    lines.insert(2, '{"pair_id": 10, "post": ' + "[" * 9000)
    given = b"\n".join([*(line.encode() for line in lines), b"\xff\xfe{", b"   "])
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given)))
    code, said = console("match", "-")
    answers = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert code == 1
    assert [(a["pair_id"], a["decision"]) for a in answers] == [(0, "repost"), (1, "repost"), (2, "no"), (3, "no")]
    assert all(f"第 {number} 行不是有效的一对" in said for number in (2, 3, 7))
    assert "7 行中有 3 行读不出" in said


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    for command in (
        "patrol",
        "scheduler",
        "registry",
        "announce",
        "alerts",
        "mail",
        "match",
        "parse",
        "qr",
        "profile",
        "db",
        "mongo",
    ):
        assert command in printed


def test_a_silence_is_set_listed_and_ended_at_the_console(city: Any, db: Db) -> None:
    department = load_registry(db).departments[0].id
    round_of(db, "r", [finding_for(department)], NOW)
    code, said = city(
        "silence", "add", "--department", department, "--until", "2025-10-20", "--reason", "合并", "--by", "张三"
    )
    assert (code, "现有 1 条预警不再通知" in said) == (0, True)
    id = said.split("编号 ")[1][:8]
    assert "（不通知）" in city("alerts", "list")[1]
    assert "至 2025-10-21 00:00" in city("silence", "list")[1]
    assert city("silence", "end", id)[0] == 0
    assert "（不通知）" not in city("alerts", "list")[1]
    assert "没有静默" in city("silence", "list")[1]
    assert "已结束" in city("silence", "list", "--all")[1]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("add", "--until", "2025-10-20", "--reason", "r"), "--department"),
        (("add", "--department", "nobody", "--until", "2025-10-20", "--reason", "r"), "nobody"),
        (("add", "--rule", "dormant", "--until", "soon", "--reason", "r"), "--until"),
        (("add", "--rule", "dormant", "--until", "2025-01-01", "--reason", "r"), "2025-01-01"),
        (("end", "nothing"), "silence list"),
    ],
)
def test_a_silence_that_makes_no_sense_says_why(city: Any, args: tuple[str, ...], said: str) -> None:
    code, told = city("silence", *args)
    assert code == 1
    assert said in told


def finding_for(department: str) -> Finding:
    return Finding(rule="dormant", subject="x", department=department, verdict=Verdict.VIOLATION, reason="已17天未更新")


def test_an_event_is_declared_listed_ended_and_taken_back(city: Any, db: Db) -> None:
    named = ("event", "add", "--title", "油气泄漏", "--from", "2025-10-12T09:00:00+08:00", "--keywords", "油气，泄漏")
    code, said = city(*named, "--until", "2025-10-14T09:00:00+08:00", "--for", "county,wjw")
    assert code == 0
    assert "应回应的单位 4 个" in said
    id = db.events.find_one()["_id"]  # type: ignore[index]
    assert "油气、泄漏 → county、wjw" in city("event", "list")[1]
    assert city("event", "end", id)[0] == 0
    assert db.events.find_one()["ends_at"] == NOW  # type: ignore[index]
    assert "没有正在进行的舆情" in city("event", "end", id)[1]
    assert city("event", "remove", id)[0] == 0
    assert "没有编号" in city("event", "remove", id)[1]
    assert "没有任何在用单位" in city(*named, "--until", "2025-10-14T09:00:00+08:00", "--for", "nobody")[1]
    assert "须晚于开始" in city(*named, "--until", "2025-10-12T09:00:00+08:00")[1]


def test_a_person_checks_a_text_or_a_file(console: Any, tmp_path: Path) -> None:
    (tmp_path / "draft.txt").write_text("请到市卫计委咨询", encoding="utf-8")
    code, said = console("words", "check", "--list", WORDS, tmp_path / "draft.txt", "原卫计委")
    assert code == 1
    assert said.count("卫计委，宜写作“卫健委”（medium）：……请到市卫计委咨询……") == 1
    assert console("words", "check", "--list", WORDS, "卫健委")[0] == 0
    assert "没有设置词表" in console("words", "check", "卫健委")[1]


def test_a_doubtful_repost_is_shown_beside_the_announcement_decided_once_and_not_asked_again(city: Any, db: Db) -> None:
    item = Announcement(id="a", title="关于停水的公告", body="城西停水。", published_at=NOW, precision=Precision.SECOND)
    announcements.save(db, [item])
    post = {
        "platform": "weibo",
        "native_id": "9",
        "source": "weibo.timeline",
        "text": "城西明天停水",
        "account_id": "wjw-weibo",
    }
    times = {"published_at": NOW, "precision": "second", "first_seen_at": NOW, "last_seen_at": NOW}
    db.posts.insert_one({"_id": "weibo:9", **post, **times, "pinned": False, "sources": [], "edits": []})
    pair = {"announcement_id": "a", "post_key": "weibo:9", "account_id": "wjw-weibo", "made_by": "m"}
    db.matches.insert_one({"_id": "a|weibo:9", **pair, "decision": "uncertain", "score": 0.4, "why": ["正文包含 40%"]})
    code, said = city("reposts", "review")
    assert code == 0
    assert all(part in said for part in ("正文包含 40%", "关于停水的公告", "城西明天停水"))
    assert city("reposts", "decide", "a", "weibo:9", "no", "--by", "张三")[0] == 0
    assert db.decisions.find_one()["by"] == "张三"
    assert "没有需要认定" in city("reposts", "review")[1]
    assert city("reposts", "decide", "a", "weibo:8", "no")[0] == 1
    assert city("reposts", "show", "a")[0] == 1


def test_a_suggestion_is_accepted_with_a_deadline_from_now_on(city: Any, db: Db) -> None:
    post = {
        "platform": "weibo",
        "native_id": "9",
        "source": "weibo.timeline",
        "text": "【停水】城西停水",
        "account_id": "wjw-weibo",
    }
    times = {"published_at": NOW, "precision": "second", "first_seen_at": NOW, "last_seen_at": NOW}
    db.posts.insert_one({"_id": "weibo:9", **post, **times, "pinned": False, "sources": [], "edits": []})
    facts = {"title": "停水", "published_at": NOW, "departments": ["wjw", "jyj"], "posts": ["weibo:9"], "state": "open"}
    db.suggestions.insert_one({"_id": "weibo:9", **facts})
    assert "2 个单位发布" in city("announce", "suggestions")[1]
    assert city("announce", "accept", "weibo:9", "--for", "县区", "--by", "张三")[0] == 0
    stored = db.announcements.find_one()
    assert (stored["_id"], stored["obligated"], stored["publisher"], stored["origin"]) == (
        "weibo:9",
        "county",
        "wjw",
        "suggested",
    )
    assert stored["due"] > NOW
    assert "没有建议" in city("announce", "suggestions")[1]
