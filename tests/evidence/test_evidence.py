"""Evidence: kept as it came, handed out readable, and a change to it shows."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsel import Selector
from pymongo.database import Database
from warcio.archiveiterator import ArchiveIterator

from gzcrawl.evidence import EvidenceStore, capture
from gzcrawl.items import QrSighting
from gzcrawl.sources import Page
from gzcrawl.store.documents import to_document
from scheduler.evidence.bundle import gather
from scheduler.evidence.export import export
from scheduler.evidence.personal import masked_text
from scheduler.evidence.seal import prune, seal, verify
from scheduler.findings import Evidence, Finding, Verdict
from tests.alerts.rounds import round_of
from tests.evidence.looks import DAY, T0, TOLD, judge, look, page

Db = Database[dict[str, Any]]

SECRET = "<script>alert(1)</script> 联系人 13812345678，36070219900101123X"


@pytest.fixture
def files(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path)


def exported(db: Db, files: EvidenceStore, **options: Any) -> zipfile.ZipFile:
    bundle = gather(db, "dormant|wjw-weibo")
    assert bundle is not None
    return zipfile.ZipFile(io.BytesIO(export(bundle, files, TOLD, T0 + DAY, **options)))


def records(archive: zipfile.ZipFile) -> list[tuple[str, bytes]]:
    found = ArchiveIterator(io.BytesIO(archive.read("证据.warc.gz")))
    return [(r.rec_type, r.content_stream().read()) for r in found if r.rec_type != "warcinfo"]


def test_the_same_bytes_are_kept_once_and_come_back_exactly(files: EvidenceStore) -> None:
    body = "正文\r\n\x00 ".encode() + bytes(range(256))
    kept = files.keep(Page(url="https://a.example/", body=body), T0)
    assert files.keep(Page(url="https://b.example/", body=body), T0 + DAY) == kept == hashlib.sha256(body).hexdigest()
    assert [sha256 for sha256, _path in files.kept()] == [kept]
    assert files.first(kept)[0].body == body


def test_a_process_killed_while_it_writes_leaves_no_half_file(
    files: EvidenceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            files.keep(page("正文"), T0)
    assert list(files.kept()) == []
    assert files.first(files.keep(page("正文"), T0))[0].body == "正文".encode()


def test_cookies_are_not_kept(files: EvidenceStore) -> None:
    kept = capture(files, page("正文"), T0, "r", "t", "c")
    assert "set-cookie" not in dict(map(tuple, kept.headers))
    assert b"SUB=secret" not in files.path(kept.sha256).read_bytes()


def test_an_export_tells_what_was_seen_when_and_by_which_rule_without_our_software(
    db: Db, db_uri: str, files: EvidenceStore
) -> None:
    poll, sha256 = look(db_uri, files, "r1", T0, "<p>一条微博</p>")
    judge(db, files, "r1", T0, poll)
    archive = exported(db, files)
    sums = dict(reversed(line.split("  ")) for line in archive.read("SHA256SUMS.txt").decode().splitlines())
    assert set(archive.namelist()) == {*sums, "SHA256SUMS.txt"}
    assert all(hashlib.sha256(archive.read(name)).hexdigest() == value for name, value in sums.items())
    assert sums["原文/01-weibo-timeline.txt"] == sha256
    assert records(archive) == [("response", "<p>一条微博</p>".encode())]
    shown = Selector(archive.read("说明.html").decode())
    words = " ".join(shown.xpath("//body//text()").getall())
    for said in (
        "已20天未更新",
        "超过15天没有更新",
        "2025-10-13 09:00:00",
        "最后一条",
        "发现",
        sha256,
        TOLD.department,
    ):
        assert said in words
    assert set(shown.xpath("//a/@href").getall()) <= set(archive.namelist())
    assert shown.xpath("//script | //*[starts-with(@src, 'http')] | //b[text()='卫健委']").getall() == []


def test_an_answer_that_came_twice_is_in_the_archive_once(db: Db, db_uri: str, files: EvidenceStore) -> None:
    for number in (1, 2):
        poll, _sha256 = look(db_uri, files, f"r{number}", T0 + number * DAY, "<p>一条微博</p>")
        judge(db, files, f"r{number}", T0 + number * DAY, poll, Verdict.VIOLATION if number == 1 else Verdict.OK)
    assert sorted(kind for kind, _body in records(exported(db, files))) == ["response", "revisit"]


def test_personal_data_is_masked_in_what_is_handed_out_and_said_to_be(
    db: Db, db_uri: str, files: EvidenceStore
) -> None:
    poll, sha256 = look(db_uri, files, "r1", T0, SECRET.replace("123X", "1230"))
    judge(db, files, "r1", T0, poll)
    archive = exported(db, files)
    for name in archive.namelist():
        assert b"13812345678" not in archive.read(name)
    ((kind, body),) = records(archive)
    assert (kind, b"138****5678" in body) == ("conversion", True)
    shown = archive.read("说明.html").decode()
    assert sha256 in shown
    assert "个人信息已遮盖" in shown
    ((kind, body),) = records(exported(db, files, whole=True))
    assert (kind, b"13812345678" in body) == ("response", True)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("电话13812345678。", "电话138****5678。"),
        ("mid 5138123456780", "mid 5138123456780"),  # a longer number is no telephone
        ("11010519491231002X", "110105************"),  # the standard's own example
        ("110105194912310021", "110105194912310021"),  # wrong check digit: an order number
        ("zhang.san@126.com", "***@126.com"),
        ("0797-8391234", "0797-8391234"),  # an office's line is public
    ],
)
def test_what_counts_as_personal(text: str, shown: str) -> None:
    assert masked_text(text) == shown


@given(st.text())
def test_masking_is_idempotent_and_never_fails(text: str) -> None:
    assert masked_text(masked_text(text)) == masked_text(text)


def test_every_kind_of_tampering_is_found(db: Db, db_uri: str, files: EvidenceStore) -> None:
    hashes = []
    for number in (1, 2):
        poll, sha256 = look(db_uri, files, f"r{number}", T0 + number * DAY, f"<p>{number}</p>")
        judge(db, files, f"r{number}", T0 + number * DAY, poll)
        hashes.append(sha256)
    good = verify(db, files)
    assert (good.problems, good.rounds, good.files) == ((), 2, 2)
    assert verify(db, files, good.head).problems == ()
    assert "没有 beef" in verify(db, files, "beef").problems[0]

    db.captures.update_one({"round_id": "r1"}, {"$set": {"at": T0}})
    assert "第 r1 轮" in verify(db, files).problems[0]
    db.captures.update_one({"round_id": "r1"}, {"$set": {"at": T0 + DAY}})

    whole = files.path(hashes[0]).read_bytes()
    files.path(hashes[0]).write_bytes(files.path(hashes[1]).read_bytes())
    assert "SHA-256" in verify(db, files).problems[0]
    files.path(hashes[0]).write_bytes(whole[:-9])
    assert "损坏" in verify(db, files).problems[0]
    files.path(hashes[0]).unlink()
    assert any("不在了" in problem for problem in verify(db, files).problems)
    files.path(hashes[0]).write_bytes(whole)

    last = db.audit.find_one(sort=[("seq", -1)])
    assert last is not None
    db.audit.delete_one({"_id": last["_id"]})
    assert "末尾缺失" in verify(db, files).problems[0]


CROP = "evidence/qr/site-1.webp"


def screenshots(db: Db, tmp_path: Path) -> Finding:
    """A look at a page with its picture and the crop of a code, and what a rule says of it."""
    for name in ("evidence/qr/site.webp", CROP):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"RIFF" + name.encode())
    db.polls.insert_one(
        {
            "_id": "r1|site|qr.rendered", "round_id": "r1", "target_id": "site", "channel": "qr.rendered", "url": "", "at": T0,
            "outcome": "ok", "reason": "ok", "seen": 1, "complete": True, "covers_from": None, "covers_to": None,
            "picture": "evidence/qr/site.webp",
        }
    )  # fmt: skip
    sighting = QrSighting(
        round_id="r1", site_id="site", page_url="https://a.example/", image_url="https://a.example/", image_sha256="",
        at=T0, payload="https://b.example/", meaning="other", place="rendered",
        extra={"picture": "evidence/qr/site.webp", "crop": CROP},
    )  # fmt: skip
    db.qr_sightings.insert_one(to_document(sighting) | {"_id": sighting.key})
    evidence = (
        Evidence(kind="poll", ref="r1|site|qr.rendered", at=T0, quote="首页"),
        Evidence(kind="qr", ref=sighting.key, at=T0, quote="二维码"),
    )
    return Finding(
        rule="qr_code", subject="a@site", department="wjw", verdict=Verdict.VIOLATION, reason="r", evidence=evidence
    )


def test_screenshots_are_sealed_handed_out_and_cleared_like_answers(
    db: Db, files: EvidenceStore, tmp_path: Path
) -> None:
    found = screenshots(db, tmp_path)
    seal(db, files, "r1", T0)
    round_of(db, "r1", [found], T0)
    assert (verify(db, files).problems, verify(db, files).files) == ((), 2)
    bundle = gather(db, found.key)
    assert bundle is not None
    archive = zipfile.ZipFile(io.BytesIO(export(bundle, files, TOLD, T0 + DAY)))
    assert archive.read("截图/site-1.webp") == (tmp_path / CROP).read_bytes()
    shown = archive.read("说明.html").decode()
    assert "没有遮盖个人信息" in shown
    assert set(Selector(shown).xpath("//img/@src").getall()) == {"截图/site.webp", "截图/site-1.webp"}

    (tmp_path / CROP).write_bytes(b"another")
    seal(db, files, "r1", T0 + DAY)  # sealing it again forgives nothing
    assert verify(db, files).problems == (f"截图与封存时不符：{CROP}",)
    (tmp_path / CROP).unlink()
    assert verify(db, files).problems == (f"截图不在了：{CROP}",)
    screenshots_of_nobody = tmp_path / "evidence/qr/idle.webp"
    screenshots_of_nobody.write_bytes(b"x")
    (tmp_path / CROP).write_bytes(b"RIFF" + CROP.encode())
    for file in (tmp_path / "evidence/qr").iterdir():
        os.utime(file, (T0.timestamp(), T0.timestamp()))
    terms = {"unreferenced": 14 * DAY, "longest": 1095 * DAY}
    assert prune(db, files, T0 + 20 * DAY, **terms) == (0, 1)
    assert not screenshots_of_nobody.exists()
    assert verify(db, files).problems == ()
    assert prune(db, files, T0 + 1100 * DAY, **terms) == (0, 2)
    assert verify(db, files).problems == ()


def test_a_name_of_a_screenshot_leads_nowhere_else(files: EvidenceStore, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    assert files.picture("secret") is None
    assert files.picture("evidence/qr/../../secret") is None


def test_what_no_alert_rests_on_is_cleared_in_time_and_what_one_rests_on_stays(
    db: Db, db_uri: str, files: EvidenceStore
) -> None:
    poll, needed = look(db_uri, files, "r1", T0, "<p>依据</p>")
    judge(db, files, "r1", T0, poll)
    _poll, idle = look(db_uri, files, "r2", T0 + DAY, "<p>其他</p>")
    seal(db, files, "r2", T0 + DAY)
    for sha256 in (needed, idle):
        os.utime(files.path(sha256), (T0.timestamp(), T0.timestamp()))
    # The post of the alert was last seen in r2: that answer is its evidence too.
    db.captures.update_one({"round_id": "r2"}, {"$set": {"posts": []}})
    seal(db, files, "r2", T0 + DAY)
    terms = {"unreferenced": 14 * DAY, "longest": 1095 * DAY}
    assert prune(db, files, T0 + 10 * DAY, **terms) == (0, 0)
    assert prune(db, files, T0 + 20 * DAY, **terms) == (1, 1)
    assert [sha256 for sha256, _path in files.kept()] == [needed]
    assert verify(db, files).problems == ()
    assert prune(db, files, T0 + 1100 * DAY, **terms) == (1, 1)
    archive = exported(db, files)
    assert "没有保存原件，或已超过保存期限" in archive.read("说明.html").decode()
