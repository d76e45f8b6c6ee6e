"""Pictures of stored answers: readable, masked, made without a network, sealed, and never in the way of a mail."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from parsel import Selector
from PIL import Image
from pymongo.database import Database

from gzcrawl.browser import ENV as BROWSER
from gzcrawl.browser import launch_options
from gzcrawl.evidence import EvidenceStore
from gzcrawl.items import SHANGHAI, Capture
from gzcrawl.registry import Department, Registry
from gzcrawl.sources import Page
from gzcrawl.store.captures import behind
from gzcrawl.store.documents import to_document
from scheduler.alerts.policy import policy_of
from scheduler.calendar import Calendar
from scheduler.cli import main
from scheduler.evidence.bundle import Bundle, gather
from scheduler.evidence.camera import TALLEST, WIDTH, CameraError, photograph
from scheduler.evidence.seal import prune, verify
from scheduler.evidence.sheet import Sheet, sheet
from scheduler.evidence.shown import make, there
from scheduler.findings import Verdict
from scheduler.notify.recipients import Recipient
from scheduler.patrol import Round
from scheduler.profile import load_profile
from scheduler.rules import METAS
from scheduler.tell import Telling, tell
from tests.evidence.looks import CHANNEL, DAY, T0, judge, look
from tests.notify.mailserver import mail_server

Db = Database[dict[str, Any]]

ID = "11010519491231002X"  # the standard's own example
MARK, LABEL = (255, 248, 225), (31, 78, 121)
browser = pytest.mark.skipif(launch_options() is None, reason="no Chromium")


EMPTY_LIST = '{"ok":0,"msg":"这里还没有内容","data":{"cards":[]}}'


def answer(*posts: tuple[str, str]) -> str:
    """What m.weibo.cn says of these (mid, text)."""
    user = {"id": 9025842603, "screen_name": "健康章江", "verified": True, "verified_type": 1}
    blogs = [{"id": mid, "mid": mid, "created_at": "Tue Sep 23 09:00:00 +0800 2025", "text": text, "user": user}
             for mid, text in posts]  # fmt: skip
    return json.dumps({"ok": 1, "data": {"cards": [{"card_type": 9, "mblog": blog} for blog in blogs]}})


def sheet_of(body: str, channel: str = CHANNEL, *marked: str) -> Sheet:
    page = Page(url="https://m.weibo.cn/x", body=body.encode(), headers={"content-type": "text/html; charset=utf-8"})
    made = sheet(page, T0, channel=channel, target="wjw-weibo", sha256="ab" * 32, marked=marked)
    assert made is not None
    return made


def article(text: str) -> str:
    return (
        '<html><head><meta property="og:title" content="通知"><script>var ct="1760000000";var nickname="健康章江";'
        f'var biz="MzA=";</script></head><body><h1 id="activity-name">通知</h1><div id="js_content">{text}</div></body></html>'
    )


def words(html: str) -> str:
    return " ".join(Selector(html).xpath("//body//text()").getall())


def test_an_answer_of_an_interface_is_set_as_text_with_the_post_it_is_about_marked() -> None:
    made = sheet_of(answer(("1", "最新"), *((str(n), f"第{n}条") for n in range(2, 40))), CHANNEL, "weibo:30")
    assert Selector(made.content).xpath("//*[contains(@class, 'marked')]//text()").re("第30条") == ["第30条"]
    shown = words(made.content)
    assert "2025-09-23 09:00" in shown
    assert "第8条" in shown
    assert "还有 30 条没有列出" in shown
    label = words(made.label)
    for said in ("不是网页截图", "2025-10-13 09:00:00 取得", "ab" * 32, "https://m.weibo.cn/x"):
        assert said in label


def test_an_account_that_is_gone_is_shown_by_what_was_answered() -> None:
    assert words(sheet_of('{"ok":0,"msg":"用户不存在"}').content).strip()


@pytest.mark.parametrize("channel", [CHANNEL, "wechat.article:x:1:1"])
def test_no_personal_number_is_shown_whole(channel: str) -> None:
    text = f"申请人身份证{ID}，本人电话13812345678，银行卡号6217000000000000122，邮箱 a@b.cn"
    made = sheet_of(answer(("1", text)) if channel == CHANNEL else article(text), channel)
    for number in (ID, "13812345678", "a@b.cn"):
        assert number not in made.content
    assert "1101**********002X" in made.content or "110105************" in made.content


def test_a_number_that_markup_tears_apart_is_not_shown_in_an_article() -> None:
    made = sheet_of(article(f"身份证<b>{ID[:9]}</b><i>{ID[9:]}</i>"), "wechat.article:x:1:1")
    assert ID[9:] not in made.content
    assert "排成文字" in made.label


def test_others_text_stays_text() -> None:
    made = sheet_of(answer(("1", "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=http://e.example/x&gt;")), CHANNEL)
    assert Selector(made.content).xpath("//script | //img").getall() == []
    assert "<script>alert(1)</script>" in words(made.content)


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """A server that a page would like to reach, and what was asked of it."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(204)
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", paths
    server.shutdown()
    thread.join()
    server.server_close()


@browser
@pytest.mark.browser
def test_a_hostile_page_runs_nothing_asks_nothing_and_stays_below_our_label(asked: tuple[str, list[str]]) -> None:
    url, paths = asked
    hostile = (
        f"<meta http-equiv=refresh content='0;url={url}/refresh'><link rel=stylesheet href='{url}/css'>"
        f"<style>*{{display:block!important}}html{{margin-top:-500px;background:url({url}/bg)}}</style><body style='height:90000px'>"
        f"<img src='{url}/img'><iframe src='{url}/frame'></iframe><script>fetch('{url}/js');document.body.innerHTML=''</script>"
        f"<p style='margin-top:600px'>{'正文' * 50}</p>"
    )
    sheets = [Sheet(sheet_of(answer(("1", "最新"))).label, hostile)] * 2
    first, second = photograph(sheets)
    assert paths == []
    assert first.tobytes() == second.tobytes()
    assert first.getpixel((2, 2)) == LABEL
    assert first.width == WIDTH
    assert TALLEST < first.height < TALLEST + 300


def gathered(db: Db) -> Bundle:
    found = gather(db, "dormant|wjw-weibo")
    assert found is not None
    return found


@pytest.fixture
def files(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path)


@pytest.fixture
def seen(db: Db, db_uri: str, files: EvidenceStore) -> str:
    """A violation that rests on one post in one answer; its poll."""
    poll, _sha256 = look(db_uri, files, "r1", T0, answer(("4", "更新的"), ("5", f"最后一条 {ID}")))
    judge(db, files, "r1", T0, poll)
    return poll


@browser
@pytest.mark.browser
def test_an_export_shows_what_was_seen_and_the_picture_is_sealed_and_cleared(
    db: Db, db_uri: str, files: EvidenceStore, tmp_path: Path, seen: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    for name, value in {"MONGO_URI": db_uri, "DATA": str(tmp_path), "NOW": T0.isoformat()}.items():
        monkeypatch.setenv(f"GZCRAWL_{name}", value)
    out = tmp_path / "out.zip"
    assert main(["evidence", "export", "dormant|wjw-weibo", "-o", str(out)]) == 0
    with zipfile.ZipFile(out) as archive:
        (name,) = [name for name in archive.namelist() if name.startswith("所见/")]
        with Image.open(io.BytesIO(archive.read(name))) as picture:
            colours = {colour for _count, colour in picture.convert("RGB").getcolors(1 << 24) or []}
        page = Selector(archive.read("说明.html").decode())
        assert page.xpath("//img/@src").getall() == [name]
        assert name in archive.read("SHA256SUMS.txt").decode()
    assert any(max(abs(a - b) for a, b in zip(colour, MARK, strict=True)) < 6 for colour in colours)
    (kept,) = (tmp_path / "evidence" / "shown").iterdir()
    before = kept.read_bytes()
    assert main(["evidence", "show", "dormant|wjw-weibo"]) == 0
    assert str(kept) in capsys.readouterr().out

    assert (
        main(["evidence", "export", "dormant|wjw-weibo", "-o", str(out)]) == 0
    )  # again: nothing is made, nothing is added
    assert kept.read_bytes() == before
    assert verify(db, files).problems == ()
    assert len(list(db.audit.find({"change": "evidence_pictured"}))) == 1
    kept.write_bytes(before + b"x")
    make(db, files, [gathered(db)], T0)  # sealing it again forgives nothing
    assert verify(db, files).problems == (f"截图与封存时不符：evidence/shown/{kept.name}",)
    kept.write_bytes(before)
    terms = {"unreferenced": DAY, "longest": 1095 * DAY}
    far = datetime.fromtimestamp(kept.stat().st_mtime, SHANGHAI)
    prune(db, files, far + 30 * DAY, **terms)
    assert kept.exists()
    prune(db, files, far + 1100 * DAY, **terms)
    assert not kept.exists()
    assert verify(db, files).problems == ()


def test_without_a_browser_the_rest_is_exported(
    db: Db, db_uri: str, tmp_path: Path, seen: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"GZCRAWL_MONGO_URI": db_uri, "GZCRAWL_DATA": str(tmp_path), BROWSER: "none"}.items():
        monkeypatch.setenv(name, value)
    out = tmp_path / "out.zip"
    assert main(["evidence", "export", "dormant|wjw-weibo", "-o", str(out)]) == 0
    assert "没有浏览器" in capsys.readouterr().err
    with zipfile.ZipFile(out) as archive:
        assert "原文/01-weibo-timeline.txt" in archive.namelist()
        assert not any(name.startswith("所见/") for name in archive.namelist())
    with pytest.raises(CameraError):
        list(photograph([sheet_of(answer(("1", "最新")))]))


@browser
@pytest.mark.browser
def test_an_answer_that_proves_nothing_by_itself_is_not_shown_beside_a_finding(
    db: Db, db_uri: str, files: EvidenceStore
) -> None:
    """Weibo's empty list; that nothing was ever posted is what the profile says."""
    empty, _sha256 = look(db_uri, files, "r1", T0, EMPTY_LIST)
    judge(db, files, "r1", T0, empty)
    make(db, files, [gathered(db)], T0, most=1)
    assert there(files, gathered(db)) == []
    told, _sha256 = look(db_uri, files, "r2", T0 + DAY, answer(("5", "最后一条")))
    judge(db, files, "r2", T0 + DAY, told)
    make(db, files, [gathered(db)], T0 + DAY, most=1)
    assert len(there(files, gathered(db))) == 1


def test_a_warning_accuses_nobody_and_is_not_shown(db: Db, db_uri: str, files: EvidenceStore) -> None:
    poll, _sha256 = look(db_uri, files, "r1", T0, answer(("5", "最后一条")))
    judge(db, files, "r1", T0, poll, Verdict.WARNING)
    make(db, files, [gathered(db)], T0)
    assert there(files, gathered(db)) == []


def test_what_a_profile_said_leads_to_the_answer_that_said_it_first(db: Db) -> None:
    for number, at in enumerate((T0 - DAY, T0, T0 + DAY)):
        kept = Capture(
            round_id=f"r{number}", target_id="wjw-weibo", channel="weibo.profile", url="u", at=at, status=200, headers=[],
            sha256=str(number), size=1,
        )  # fmt: skip
        db.captures.insert_one(to_document(kept) | {"_id": kept.key})

    def shas(at: datetime) -> list[str]:
        return [capture["sha256"] for capture in behind(db, "profile", "wjw-weibo|weibo.profile", at)]

    assert shas(T0) == ["1"]
    assert shas(T0 - 9 * DAY) == ["0"]  # the answer of that day is cleared already
    assert shas(T0 + 9 * DAY) == ["2"]
    assert behind(db, "profile", "jyj-weibo|weibo.profile", T0) == []


def digest_mail(db: Db, data_dir: Path, at: datetime, id: str) -> Selector:
    with mail_server() as (box, server):
        how = Telling(
            settings=server, rules=METAS, policy=policy_of(load_profile(), Calendar()), calendar=Calendar(), data_dir=data_dir,
            recipients=(Recipient(name="甲", to="a@x.example", digest="round"),),
        )  # fmt: skip
        registry = Registry((Department(id="wjw", name="卫健委"),))
        done = Round(id=id, at=at, registry=registry, outcomes={}, crawl_complete=True)
        assert tell(db, done, how, digests=True, say=lambda _line: None)
        (mail,) = box.messages
        body = mail.get_body(("html",))
        assert body is not None
        return Selector(body.get_content())


@browser
@pytest.mark.browser
def test_a_digest_shows_a_new_violation_small_and_a_standing_one_no_more(db: Db, tmp_path: Path, seen: str) -> None:
    shown = "//img[contains(@alt, '由保存的应答生成')]"
    assert len(digest_mail(db, tmp_path, T0, "r1").xpath(shown)) == 1
    assert len(digest_mail(db, tmp_path, T0 + 2 * DAY, "r2").xpath(shown)) == 0


def test_without_a_browser_the_digest_is_sent_all_the_same(
    db: Db, tmp_path: Path, seen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(BROWSER, "none")
    assert "已20天未更新" in digest_mail(db, tmp_path, T0, "r1").get()
