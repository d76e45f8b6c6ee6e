"""The digest as a clerk gets it."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from parsel import Selector
from PIL import Image
from pymongo.database import Database

from gzcrawl.registry import Department, Registry
from scheduler.alerts.people import waive_alert
from scheduler.findings import Evidence, Finding, Severity, Verdict
from scheduler.notify.charts import bars
from scheduler.notify.digest import Blind, Digest, build_digest
from scheduler.notify.language import ZH, language
from scheduler.notify.layout import sections
from scheduler.notify.pictures import BUDGET, Picture, within
from scheduler.notify.render import html, message, text
from scheduler.rules import METAS
from tests.alerts.rounds import round_of

Db = Database[dict[str, Any]]

NOW = datetime(2025, 10, 13, 1, 0, tzinfo=UTC)
REGISTRY = Registry((Department(id="wjw", name="章江市卫生健康委员会", responsible="王芳", contact="0797-1234567"),))
PNG = bars((("10.13", 1),), ZH).data


def finding(subject: str, verdict: Verdict, reason: str = "已17天未更新", **changes: Any) -> Finding:
    values: dict[str, Any] = {"rule": "dormant", "department": "wjw", "severity": Severity.HIGH}
    return Finding(subject=subject, verdict=verdict, reason=reason, **(values | changes))


def digest(db: Db, round_id: str, *findings: Finding, at: datetime = NOW, **more: Any) -> Digest:
    round_of(db, round_id, findings, at)
    outcomes = {"weibo": {"ok": 3, "blocked": 1}}
    return build_digest(db, round_id=round_id, at=at, registry=REGISTRY, rules=METAS, outcomes=outcomes, **more)


def mail(made: Digest) -> EmailMessage:
    sent = message(made, sender="a@b.example", recipient="c@d.example", message_id="<x@b.example>")
    received = message_from_bytes(sent.as_bytes(), policy=policy.default)
    assert isinstance(received, EmailMessage)
    return received


def test_it_tells_what_is_new_what_stands_what_was_resolved_and_what_could_not_be_seen(db: Db) -> None:
    digest(db, "r1", finding("old", Verdict.VIOLATION), finding("mended", Verdict.VIOLATION))
    later = digest(
        db, "r2", finding("old", Verdict.VIOLATION), finding("mended", Verdict.OK, "最近一次更新在今天"),
        finding("new", Verdict.VIOLATION), finding("soon", Verdict.WARNING), finding("dark", Verdict.UNKNOWN, "被拦截"),
        at=NOW + timedelta(days=1),
    )  # fmt: skip
    assert [e.alert.subject for e in later.new] == ["new"]
    assert [e.alert.subject for e in later.standing] == ["old"]
    assert [e.alert.subject for e in later.reminders] == ["soon"]
    assert [e.alert.subject for e in later.resolved] == ["mended"]
    assert [b.reason for b in later.blind] == ["被拦截"]
    assert later.chart[-2:] == (("10.13", 2), ("10.14", 2))


def test_what_could_not_be_tested_of_a_site_is_one_line_and_every_finding_is_kept(db: Db) -> None:
    blind = [
        finding(f"{check}@{site}", Verdict.UNKNOWN, f"{site}的{check}未能检测：连接超时", rule="website")
        for site in ("site1", "site2")
        for check in ("https", "ipv6", "html5")
    ]
    made = digest(db, "r1", *blind[:4], finding("https@site3", Verdict.OK, rule="website"))
    assert [b.reason for b in made.blind] == [
        "site1的html5未能检测：连接超时；该网站另有2项同样未能核查",
        "site2的https未能检测：连接超时",
    ]
    assert db.findings.count_documents({"verdict": "unknown"}) == 4


def test_the_same_round_makes_the_same_digest_again(db: Db) -> None:
    found = (finding("a", Verdict.VIOLATION), finding("b", Verdict.UNKNOWN))
    assert digest(db, "r1", *found) == digest(db, "r1", *found)


def test_the_subject_says_the_number_and_the_worst(db: Db) -> None:
    made = digest(
        db,
        "r1",
        finding("a", Verdict.VIOLATION, rule="qr_code", severity=Severity.MEDIUM),
        finding("b", Verdict.VIOLATION),
    )
    assert (
        mail(made)["Subject"]
        == "【政务新媒体巡查】10月13日：新增 2 项，未整改 2 项，最重：章江市卫生健康委员会（僵尸账号）"
    )


def test_a_quiet_morning_says_so(db: Db) -> None:
    made = digest(db, "r1", finding("a", Verdict.OK))
    assert mail(made)["Subject"] == "【政务新媒体巡查】10月13日：没有未整改的问题"
    assert "本轮核实了 1 项" in text(made)
    assert list(mail(made).iter_attachments()) == []


def test_a_waived_alert_is_listed_apart_with_its_reason(db: Db) -> None:
    digest(db, "r1", finding("a", Verdict.VIOLATION))
    waive_alert(db, "dormant|a", by="李四", reason="机构合并中", until=None, now=NOW)
    made = digest(db, "r2", finding("a", Verdict.VIOLATION), at=NOW + timedelta(days=1))
    assert (made.new, made.standing, len(made.waived)) == ((), (), 1)
    assert "机构合并中（李四" in html(made)


def test_text_and_html_tell_the_same_and_the_workbook_has_a_row_for_each(db: Db) -> None:
    evidence = (Evidence(kind="post", ref="weibo:1", at=NOW, url="https://m.weibo.cn/detail/1", quote="最后一条"),)
    made = digest(db, "r1", finding("a", Verdict.VIOLATION, evidence=evidence), finding("b", Verdict.WARNING))
    received = mail(made)
    bodies = [received.get_body((kind,)) for kind in ("plain", "html")]
    for body in bodies:
        assert body is not None
        content = body.get_content()
        assert "章江市卫生健康委员会" in content
        assert "已17天未更新" in content
        assert "https://m.weibo.cn/detail/1" in content
        assert "查看" in content
    (attached,) = received.iter_attachments()
    book = load_workbook(io.BytesIO(attached.get_content()))
    assert [row[3].value for row in book.active.iter_rows(min_row=2)] == ["新增", "新增"]
    book.close()


def test_the_mail_carries_its_pictures_and_loads_nothing_from_outside(db: Db) -> None:
    shown = Picture(data=PNG, alt="首页截图", width=120)
    found = (finding("a", Verdict.VIOLATION), finding("b", Verdict.VIOLATION))
    made = digest(db, "r1", *found, pictures_of=lambda _alert: (shown,))
    received = mail(made)
    body = received.get_body(("html",))
    assert body is not None
    page = Selector(body.get_content())
    carried = {f"cid:{part['Content-ID'].strip('<>')}" for part in received.walk() if part["Content-ID"]}
    assert set(page.xpath("//img/@src").getall()) == carried
    assert len(carried) == 2  # the chart, and the picture of both once
    assert page.xpath("//img/@alt").getall()[:2] == ["首页截图", "首页截图"]
    for alone in (page, Selector(html(made))):
        assert alone.xpath("//script | //link | //iframe | //*[@background]").getall() == []
        assert all(src.startswith(("cid:", "data:image/")) for src in alone.xpath("//img/@src").getall())
        assert "url(" not in alone.get()


def test_pictures_beyond_the_budget_are_left_out_and_the_mail_stays_whole(db: Db) -> None:
    kept = within([Picture(data=bytes([n]) * 1000, alt="") for n in range(5)], budget=2500)
    assert len(kept) == 2
    big = Picture(data=b"x" * (BUDGET + 1), alt="过大")
    made = digest(db, "r1", finding("a", Verdict.VIOLATION), pictures_of=lambda _alert: (big,))
    assert "过大" not in html(made)
    assert "已17天未更新" in html(made)


def test_three_hundred_findings_stay_readable_and_all_stand_in_the_workbook(db: Db) -> None:
    found = [
        finding(f"a{n}", Verdict.VIOLATION, rule="dormant" if n % 2 else "qr_code", department=f"d{n % 60}")
        for n in range(300)
    ]
    dark = tuple(Blind(Department(id=f"d{n}", name=f"单位{n}"), METAS["dormant"], "被拦截") for n in range(300))
    made = replace(digest(db, "r1", *found), blind=dark)
    received = mail(made)
    assert "未整改 300 项" in received["Subject"]
    assert len(html(made, language("en")).encode()) < 100_000
    for page in (html(made), text(made)):
        assert len(page.encode()) < 100_000
        assert page.count("已17天未更新") == 40
        assert "还有 260 项见附件" in page
        assert "另有 270 个单位" in page
    (attached,) = received.iter_attachments()
    book = load_workbook(io.BytesIO(attached.get_content()))
    assert book.active.max_row == 301
    book.close()


def test_findings_stand_by_department_and_family(db: Db) -> None:
    found = [
        finding("a", Verdict.VIOLATION, "甲", severity=Severity.CRITICAL),
        finding("b", Verdict.VIOLATION, "乙", rule="qr_code", department="jyj"),
        finding("c", Verdict.VIOLATION, "丙", rule="qr_code"),
        finding("d", Verdict.VIOLATION, "丁", severity=Severity.LOW),
    ]
    made = digest(db, "r1", *found, family_of=lambda rule: {"dormant": "账号更新", "qr_code": "网站"}[rule])
    told = [(group.name, [(family, [e.alert.reason for e in of_it]) for family, of_it in group.families])
            for section in sections(made) for group in section.groups]  # fmt: skip
    assert told == [
        ("章江市卫生健康委员会", [("账号更新", ["甲", "丁"]), ("网站", ["丙"])]),
        ("jyj", [("网站", ["乙"])]),
    ]
    said = text(made)
    assert [said.index(reason) for reason in "甲丁丙乙"] == sorted(said.index(reason) for reason in "甲丁丙乙")


@pytest.mark.parametrize("counts", [[], [0], [0, 0, 0], [5], list(range(30)), [10**9, 0]])
def test_a_chart_is_drawn_whatever_the_numbers(counts: list[int]) -> None:
    days = tuple((f"10.{n}", count) for n, count in enumerate(counts))
    drawn = bars(days, ZH)
    with Image.open(io.BytesIO(drawn.data)) as image:
        assert image.format == "PNG"
    if counts:
        assert f"{counts[-1]} 项" in drawn.alt


EVIL = st.sampled_from(
    [
        "<script>alert(1)</script>",
        '"><img src=x>',
        "a\r\nBcc: evil@example.com",
        "=cmd|' /C calc'!A0",
        "{{ 7*7 }}",
        "\x00\x1b[31m",
        "{0}",
    ]
) | st.text(max_size=40)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(reason=EVIL, quote=EVIL, name=EVIL, url=EVIL)
def test_whatever_outside_text_contains_it_is_shown_as_text(reason: str, quote: str, name: str, url: str) -> None:
    from scheduler.alerts.life import step
    from scheduler.notify.digest import Entry

    evidence = (Evidence(kind="post", ref="r", url=url, quote=quote),)
    alert, changes = step(None, finding("a", Verdict.VIOLATION, reason, evidence=evidence), NOW)
    assert alert is not None
    made = Digest(
        round_id="r", at=NOW, new=(Entry(alert, Department(id="x", name=name), METAS["dormant"], changes[0]),)
    )
    received = mail(made)
    assert received["Bcc"] is None
    assert "\n" not in str(received["Subject"])
    page = Selector(html(made))
    assert page.xpath("//script | //img").getall() == []  # no chart: no days are given
    assert all(link.startswith(("http://", "https://")) for link in page.xpath("//a/@href").getall())
    (attached,) = received.iter_attachments()
    book = load_workbook(io.BytesIO(attached.get_content()))
    assert {cell.data_type for row in book.active.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}
    book.close()
