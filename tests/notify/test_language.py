"""Mails in the reader's language: complete, and the record as it is."""

from __future__ import annotations

import ast
import io
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from parsel import Selector
from playwright.sync_api import sync_playwright
from pymongo.database import Database

from gzcrawl.browser import launch_options
from gzcrawl.registry import Department, Registry
from scheduler.alerts.policy import policy_of
from scheduler.calendar import Calendar
from scheduler.findings import Finding, Severity, Verdict
from scheduler.notify import render
from scheduler.notify.digest import Digest, Notice
from scheduler.notify.language import FOLDER, ZH, Language, language, languages
from scheduler.notify.recipients import ENV, load_recipients
from scheduler.notify.settings import MailSettingsError
from scheduler.patrol import Round
from scheduler.profile import load_profile
from scheduler.rules import METAS
from scheduler.tell import Telling, tell
from tests.alerts.rounds import round_of
from tests.notify.digests import NOW, alert, entry, whole
from tests.notify.mailserver import mail_server

Db = Database[dict[str, Any]]

ROOT = Path(__file__).parents[2] / "scheduler"
NOTIFY = ("announce", "charts", "digest", "layout", "render", "statuses", "texts", "workbook")
SPEAKING = (*(f"notify/{name}.py" for name in NOTIFY), "thumbnails.py")
"""Modules of the scheduler whose Chinese texts stand in a mail."""
HAN = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
FILES = [code for code in languages() if code != ZH.code]


def said_in(path: Path) -> Iterator[str]:
    """Chinese texts of a module, docstrings left out."""
    tree = ast.parse(path.read_text())
    documents = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in documents else None
        if isinstance(text, str) and HAN.search(text):
            yield text


def said_in_templates() -> Iterator[str]:
    environment = render._environment(ZH.code)
    for path in sorted((ROOT / "notify" / "templates").iterdir()):
        for _line, _function, said in environment.extract_translations(path.read_text()):  # type: ignore[attr-defined]
            text = said[0] if isinstance(said, tuple) else said  # the others are its facts
            if text and HAN.search(text):
                yield text


def used() -> set[str]:
    families = {load_profile(name).rule(id).values["family"] for name in ("ganzhou", "national-2019") for id in METAS}
    code = {text for name in SPEAKING for text in said_in(ROOT / name)}
    return code | set(said_in_templates()) | families


@pytest.mark.parametrize("code", FILES)
def test_a_language_knows_every_text_of_a_mail_and_no_other(code: str) -> None:
    texts = tomllib.loads((FOLDER / f"{code}.toml").read_text(encoding="utf-8"))
    rules = {text for meta in METAS.values() for text in (meta.title, meta.duty)}
    assert sorted(used() - set(texts)) == []
    assert sorted(set(texts) - used() - rules) == []
    if code == "en":  # whose names of rules stand in the rules
        assert {meta.title: meta.title_en for meta in METAS.values() if meta.title in texts}.items() <= texts.items()
    for text, said in texts.items():
        assert sorted(re.findall(r"%\(\w+\)s", text)) == sorted(re.findall(r"%\(\w+\)s", said)), text


def parts(digest: Digest, say: Language) -> dict[str, str]:
    """All a reader sees of a mail."""
    mail = render.message(digest, sender="a@b.example", recipient="c@d.example", message_id="<x@b.example>", say=say)
    plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert page is not None
    found = {"subject": str(mail["Subject"]), "plain": plain.get_content(), "html": page.get_content()}
    for attached in mail.iter_attachments():
        book = load_workbook(io.BytesIO(attached.get_content()))
        cells = [str(cell.value) for row in book.active.iter_rows() for cell in row]
        found["workbook"] = "\n".join([attached.get_filename() or "", book.active.title, *cells])
        book.close()
    return found | {"short": render.short(digest, say)}


@pytest.mark.parametrize("code", FILES)
@pytest.mark.parametrize(
    "digest",
    [
        whole(),
        Digest(round_id="r1", at=NOW, checked=3, reminders=(entry(verdict=Verdict.WARNING),)),
        Digest(round_id="r1", at=NOW, new=(entry(),), operator=False, notice=Notice("NAME", "账号更新", True)),
    ],
    ids=["whole", "quiet", "notice"],
)
def test_a_mail_in_another_language_has_no_chinese_of_ours(digest: Digest, code: str) -> None:
    for name, part in parts(digest, language(code)).items():
        assert HAN.sub("", part.replace("\u3000", " ")) == part.replace("\u3000", " "), name


def test_an_english_reader_is_told_the_rule_its_duty_and_the_record_as_it_is() -> None:
    made = parts(whole(), language("en"))
    assert made["subject"] == "[Government media patrol] 2025-10-13: new 66, open 68, worst: NAME (Dormant account)"
    for name in ("plain", "html"):
        for said in ("Account updates · Dormant account · New", METAS["dormant"].duty, "Since 2025-09-26 09:00"):
            assert said in made[name]
    page = Selector(made["html"])
    assert page.xpath("/html/@lang").get() == "en"
    for word in ("REASON", "QUOTE", "NAME", "NOTE", "PERSON", "ERROR", "PROBLEM"):
        found = page.xpath(f"//body//*[text()[contains(., '{word}')]]/ancestor-or-self::*[@lang][1]/@lang").getall()
        assert set(found) == {"zh-CN"}, word
    assert "Department\nRule" in made["workbook"]
    assert made["workbook"].startswith("open-findings-20251013.xlsx")


def test_a_chinese_reader_finds_no_english_and_no_marks_of_language() -> None:
    made = parts(whole(), ZH)
    assert METAS["dormant"].duty not in made["plain"] + made["html"]
    assert Selector(made["html"]).xpath("//@lang").getall() == ["zh-CN"]


def test_two_recipients_of_one_digest_read_it_in_their_languages(db: Db, tmp_path: Path) -> None:
    found = Finding(
        rule="dormant", subject="a", department="wjw", verdict=Verdict.VIOLATION, severity=Severity.HIGH, reason="已17天未更新"
    )  # fmt: skip
    registry = Registry((Department(id="wjw", name="卫健委"),))
    policy = policy_of(load_profile(), Calendar())
    round_of(db, "r1", [found], NOW, policy)
    with mail_server() as (box, server):
        file = tmp_path / "recipients.toml"
        file.write_text(
            '[[recipient]]\nname = "甲"\nto = "a@x.example"\ndigest = "round"\nat_once = "high"\n'
            '[[recipient]]\nname = "B"\nto = "b@x.example"\ndigest = "round"\nat_once = "high"\nlanguage = "en"\n',
            encoding="utf-8",
        )
        how = Telling(
            settings=server, rules=METAS, policy=policy, calendar=Calendar(), data_dir=tmp_path,
            recipients=load_recipients(server, registry, {ENV: str(file)}),
        )  # fmt: skip
        done = Round(id="r1", at=NOW, registry=registry, outcomes={}, crawl_complete=True)
        assert tell(db, done, how, digests=True, say=lambda _line: None)
    # The standard library's folding doubles a space before a word that has to be encoded.
    assert sorted((mail["To"], " ".join(mail["Subject"].split())) for mail in box.messages) == [
        ("a@x.example", "【政务新媒体巡查】10月13日：新增 1 项，未整改 1 项，最重：卫健委（僵尸账号）"),
        ("a@x.example", "【政务新媒体巡查】卫健委：账号更新 1 项，最重：僵尸账号"),
        ("b@x.example", "[Government media patrol] 2025-10-13: new 1, open 1, worst: 卫健委 (Dormant account)"),
        ("b@x.example", "[Government media patrol] 卫健委: Account updates 1, worst: Dormant account"),
    ]


def test_an_unknown_language_is_a_mistake_in_the_file_and_the_near_one_is_named(tmp_path: Path) -> None:
    file = tmp_path / "recipients.toml"
    file.write_text('[[recipient]]\nname = "甲"\nto = "a@x.example"\nlanguage = "eng"\n', encoding="utf-8")
    with pytest.raises(MailSettingsError, match="甲 的 language：没有语言 'eng'，是不是 en？可用 zh-CN、en"):
        load_recipients(None, Registry(()), {ENV: str(file)})


@pytest.mark.browser
@pytest.mark.parametrize("say", [ZH, language("en")], ids=["zh-CN", "en"])
def test_a_long_address_in_a_sentence_makes_no_mail_wider_than_a_phone(say: Language, tmp_path: Path) -> None:
    options = launch_options()
    if options is None:
        pytest.skip("no Chromium")
    long = replace(entry(), alert=alert(reason="链接失效：https://www.zhangjiang.example/" + "gone/" * 30))
    file = tmp_path / "mail.html"
    file.write_text(render.html(replace(whole(), new=(long,)), say), encoding="utf-8")
    with sync_playwright() as playwright, playwright.chromium.launch(**options) as browser:
        page = browser.new_page(viewport={"width": 375, "height": 800})
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") == 375
