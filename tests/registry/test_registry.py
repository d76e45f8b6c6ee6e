"""The registry in and out of YAML, xlsx and MongoDB."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from pymongo.database import Database

from gzcrawl.items import Platform
from gzcrawl.registry import Account, Department, Registry, Site, State, Watch
from gzcrawl.registry.check import check
from gzcrawl.registry.rows import RegistryError
from gzcrawl.registry.workbook import load_workbook_file, save_template, save_workbook
from gzcrawl.registry.yamlfile import dump_yaml, load_yaml
from gzcrawl.store.registry import load_registry, save_registry

WJW = Department(id="wjw", name="章江市卫生健康委员会", aliases=("市卫健委",), email="wjw@zhangjiang.example")
WEIBO = Account(id="wjw-weibo", department="wjw", platform=Platform.WEIBO, name="健康章江", uid="2539961154")
WECHAT = Account(
    id="wjw-wechat", department="wjw", platform=Platform.WECHAT, name="健康章江", biz="MzA5MDI0NDgxMQ==",
    opened_on=date(2019, 6, 1), qr_payloads=("http://weixin.qq.com/r/a;b",), watch=Watch(albums=("1234567890123",)),
)  # fmt: skip
SITE = Site(
    id="wjw-site", department="wjw", name="卫健委", home="https://wjw.zhangjiang.example/", expects_qr=("wjw-weibo",)
)
CITY = Registry((WJW,), (WEIBO,), (SITE,))

names = st.text("卫健委教育局abc （）·-=+@", min_size=1, max_size=12).map(str.strip).filter(bool)
days = st.none() | st.dates(date(2010, 1, 1), date(2030, 1, 1))


@st.composite
def registries(draw: st.DrawFn) -> Registry:
    ids = draw(st.lists(st.from_regex(r"[a-z][a-z0-9]{1,6}", fullmatch=True), min_size=1, max_size=4, unique=True))
    departments = tuple(
        Department(
            id=f"d-{i}",
            name=draw(names),
            aliases=tuple(draw(st.lists(names, max_size=2, unique=True))),
            closed_on=draw(days),
        )
        for i in ids
    )
    accounts = tuple(
        Account(
            id=f"a-{i}", department=f"d-{i}", platform=Platform.WEIBO, name=draw(names), uid=str(1000000 + n), opened_on=draw(days),
            state=draw(st.sampled_from([State.ACTIVE, State.PAUSED, State.CLOSED])),
            watch=Watch(sogou=draw(st.booleans())), interval_minutes=draw(st.none() | st.integers(5, 43200)),
        )
        for n, i in enumerate(ids)
    )  # fmt: skip
    sites = tuple(
        Site(
            id=f"s-{i}",
            department=f"d-{i}",
            name=draw(names),
            home="http://a.example/",
            lists=("http://a.example/1", "http://a.example/2"),
        )
        for i in ids
    )
    return Registry(departments, accounts, sites)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(registry=registries())
def test_what_is_exported_is_imported_as_it_was(tmp_path: Path, registry: Registry) -> None:
    save_workbook(registry, tmp_path / "r.xlsx")
    assert load_workbook_file(tmp_path / "r.xlsx") == registry
    (tmp_path / "r.yaml").write_text(dump_yaml(registry), encoding="utf-8")
    assert load_yaml(tmp_path / "r.yaml") == registry


def test_it_is_stored_and_loaded_whole_and_only_changes_are_counted(db: Database[dict[str, Any]]) -> None:
    full = Registry((WJW,), (WECHAT, WEIBO), (SITE,))
    assert save_registry(db, full) == {"added": 4, "changed": 0, "removed": 0}
    assert load_registry(db) == full
    assert save_registry(db, CITY) == {"added": 0, "changed": 0, "removed": 1}


def broken(tmp_path: Path, **cells: tuple[str, str, Any]) -> RegistryError:
    """Export CITY, set cells (sheet, "B2", value), import it."""
    save_workbook(CITY, tmp_path / "r.xlsx")
    book = load_workbook(tmp_path / "r.xlsx")
    for sheet, cell, value in cells.values():
        book[sheet][cell] = value
    book.save(tmp_path / "r.xlsx")
    book.close()
    with pytest.raises(RegistryError) as caught:
        load_workbook_file(tmp_path / "r.xlsx")
    return caught.value


def test_all_problems_are_named_at_once_with_sheet_row_column_value_and_what_is_allowed(tmp_path: Path) -> None:
    error = broken(
        tmp_path, a=("账号", "C2", "抖音"), b=("账号", "E2", "abc"), c=("网站", "D2", "ftp://x"), d=("单位", "B2", None)
    )
    assert [str(problem) for problem in error.problems] == [
        "单位 第 2 行，单位名称 —— 不能为空",
        "账号 第 2 行，平台：“抖音” —— 可填：微博、微信",
        "账号 第 2 行，微博UID：“abc” —— 应为微博数字 UID，如 2539961154",
        "网站 第 2 行，首页网址：“ftp://x” —— 应为以 http:// 或 https:// 开头的网址",
    ]


def test_references_that_lead_nowhere_and_ids_used_twice_are_named(tmp_path: Path) -> None:
    error = broken(tmp_path, a=("账号", "B2", "jyj"), b=("网站", "A2", "wjw"))
    assert {(p.sheet, p.column, p.value) for p in error.problems} == {
        ("账号", "单位编号", "jyj"), ("单位", "单位编号", "wjw"), ("网站", "网站编号", "wjw"),
    }  # fmt: skip


def test_a_misspelt_column_and_a_missing_sheet_come_with_a_suggestion(tmp_path: Path) -> None:
    assert "是不是“账号名称”？" in str(broken(tmp_path, a=("账号", "D1", "帐号名称")))
    book = Workbook()
    book.active.title = "单位表"
    book.save(tmp_path / "x.xlsx")
    with pytest.raises(RegistryError, match="缺少这张工作表，“单位表”是否应改名"):
        load_workbook_file(tmp_path / "x.xlsx")


def test_cells_as_people_type_them_are_understood(tmp_path: Path) -> None:
    save_workbook(CITY, tmp_path / "r.xlsx")
    book = load_workbook(tmp_path / "r.xlsx")
    accounts = book["账号"]
    accounts["E2"] = 2539961154.0  # Excel made a number of it
    accounts["A2"] = " ｗｊｗ-weibo "
    accounts["I2"] = "2019年6月1日"
    accounts["D2"] = "健康章江\u200b"
    book["网站"]["I2"] = "wjw-weibo；wjw-weibo"
    book.save(tmp_path / "r.xlsx")
    account = load_workbook_file(tmp_path / "r.xlsx").accounts[0]
    assert (account.id, account.uid, account.opened_on, account.name) == (
        "wjw-weibo",
        "2539961154",
        date(2019, 6, 1),
        "健康章江",
    )


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04garbage", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "zip"]
)
def test_a_file_that_is_no_workbook_is_one_clear_error(tmp_path: Path, content: bytes | str) -> None:
    file = tmp_path / "r.xlsx"
    if content == "zip":
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("xl/workbook.xml", "<no")
    else:
        file.write_bytes(content)
    with pytest.raises(RegistryError, match=r"r\.xlsx"):
        load_workbook_file(file)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "r.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (401 * 1024 * 1024))
    with pytest.raises(RegistryError, match="解开后超过"):
        load_workbook_file(tmp_path / "r.xlsx")


@pytest.mark.parametrize(
    "content", ["", "[]", "departments: 3", "x: [", "departments: [1]", "departments: [{id: a, nme: b}]", "\udcff"]
)
def test_a_file_that_is_no_registry_is_one_clear_error(tmp_path: Path, content: str) -> None:
    file = tmp_path / "r.yaml"
    file.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(RegistryError):
        load_yaml(file)


def test_a_formula_in_a_name_stays_text(tmp_path: Path) -> None:
    evil = Registry((Department(id="x", name='=HYPERLINK("http://evil.example")'),))
    save_workbook(evil, tmp_path / "r.xlsx")
    book = load_workbook(tmp_path / "r.xlsx")
    assert book["单位"]["B2"].data_type == "s"
    book.close()


def test_the_template_has_headers_notes_and_drop_downs_and_imports_as_empty(tmp_path: Path) -> None:
    save_template(tmp_path / "t.xlsx")
    book = load_workbook(tmp_path / "t.xlsx")
    assert book.sheetnames == ["单位", "账号", "网站"]
    assert "必填" in book["账号"]["A1"].comment.text
    assert '"微博,微信"' in [v.formula1 for v in book["账号"].data_validations.dataValidation]
    book.close()
    assert load_workbook_file(tmp_path / "t.xlsx") == Registry()


def test_contradictions_are_pointed_out_but_do_not_stop_an_import() -> None:
    second = Account(id="wjw-2", department="wjw", platform=Platform.WEIBO, name="健康章江发布", uid="2539961155")
    unseen = Account(id="w", department="wjw", platform=Platform.WECHAT, name="x", watch=Watch(sogou=False))
    found = "\n".join(check(Registry((WJW,), (WEIBO, second, unseen), (SITE,))))
    assert "2 个在用账号：wjw-weibo、wjw-2" in found
    assert "账号 w 没有任何可查看的途径" in found
    assert check(CITY) == ["网站 wjw-site 没有登记栏目，不能记录更新"]
