"""From rows of text to a Registry: every problem is collected, nothing is half built."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from gzcrawl.registry.fields import SHEETS, Field, Invalid, Sheet, text
from gzcrawl.registry.model import Account, Department, Registry, Site, Watch

Value = str | list[str] | None
MAX_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the registry and where: `place` is a row number in a sheet, or a path in YAML."""

    sheet: str
    place: str
    column: str
    value: str
    allowed: str

    def __str__(self) -> str:
        column = f"，{self.column}" if self.column else ""
        value = f"：“{self.value[:80]}”" if self.value else ""
        return f"{self.sheet} {self.place}{column}{value} —— {self.allowed}"


class RegistryError(ValueError):
    """The registry cannot be used. `problems` names them all; nothing was imported."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"台账有 {len(self.problems)} 处问题，未导入任何内容：\n" + "\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Row:
    """One record as read: `values` by field name (nested ones as "watch.sogou")."""

    sheet: Sheet
    place: str
    values: Mapping[str, Value] = field(default_factory=dict)


def build(rows: Iterable[Row]) -> Registry:
    """The registry the rows describe; `RegistryError` with every problem of every row."""
    problems: list[Problem] = []
    built: dict[str, list[Any]] = {sheet.key: [] for sheet in SHEETS}
    places: dict[str, list[tuple[Row, Any]]] = {sheet.key: [] for sheet in SHEETS}
    for row in rows:
        record = _record(row, problems)
        if record is not None:
            built[row.sheet.key].append(record)
            places[row.sheet.key].append((row, record))
    if not problems:
        problems += _across(places)
    if problems:
        raise RegistryError(problems)
    return Registry(**{key: tuple(records) for key, records in built.items()})


def _record(row: Row, problems: list[Problem]) -> Department | Account | Site | None:
    before = len(problems)
    values: dict[str, Any] = {}
    for column in row.sheet.fields:
        raw = row.values.get(column.name)
        cleaned = [clean(v) for v in (raw if isinstance(raw, list) else [raw or ""])]
        cleaned = [value for value in cleaned if value]
        if not cleaned:
            if column.required:
                problems.append(Problem(row.sheet.label, row.place, column.label, "", "不能为空"))
            continue
        parsed = [_value(row, column, value, problems) for value in cleaned]
        values[column.name] = tuple(dict.fromkeys(parsed)) if column.many else parsed[0]
    if len(problems) > before:
        return None
    watch = {name.removeprefix("watch."): values.pop(name) for name in list(values) if name.startswith("watch.")}
    if watch:
        values["watch"] = Watch(**watch)
    return row.sheet.kind(**values)


def _value(row: Row, column: Field, value: str, problems: list[Problem]) -> Any:
    try:
        if len(value) > MAX_TEXT:
            raise Invalid(f"太长，最多 {MAX_TEXT} 个字符")
        # Full-width digits and letters typed into a code or an address; names keep their own.
        return column.parse(value if column.parse is text else unicodedata.normalize("NFKC", value))
    except Invalid as error:
        problems.append(Problem(row.sheet.label, row.place, column.label, value, str(error)))
        return None


def clean(value: str) -> str:
    """Outer space and characters that nobody sees off."""
    return "".join(c for c in value if c.isprintable() or c == "\n").strip()


def _across(records: Mapping[str, list[tuple[Row, Any]]]) -> Iterable[Problem]:
    """Problems between rows: ids that occur twice, references that lead nowhere, stable ids that are missing."""
    every = [pair for pairs in records.values() for pair in pairs]
    count = Counter(record.id for _row, record in every)
    for row, record in every:
        if count[record.id] > 1:
            yield Problem(row.sheet.label, row.place, row.sheet.fields[0].label, record.id, "编号重复，须唯一")
    departments = {record.id for _row, record in records["departments"]}
    accounts = {record.id for _row, record in records["accounts"]}
    known = {"parent": departments, "merged_into": departments, "department": departments, "expects_qr": accounts}
    for row, record in every:
        for column in row.sheet.fields:
            if column.name in known:
                value = getattr(record, column.name) or ()
                for reference in value if isinstance(value, tuple) else (value,):
                    if reference not in known[column.name]:
                        yield Problem(row.sheet.label, row.place, column.label, reference, "台账里没有这个编号")
    yield from _stable_ids(records["accounts"])


def _stable_ids(accounts: list[tuple[Row, Account]]) -> Iterable[Problem]:
    seen: dict[tuple[str, str], str] = {}
    for row, account in accounts:
        for name, label in (("uid", "微博UID"), ("biz", "公众号biz"), ("gh", "原始ID")):
            value = getattr(account, name)
            first = seen.setdefault((name, value), account.id) if value else account.id
            if first != account.id:
                yield Problem(row.sheet.label, row.place, label, value, f"与账号 {first} 重复")
        if account.platform == "weibo" and not account.uid:
            yield Problem(row.sheet.label, row.place, "微博UID", "", "微博账号必须填写数字 UID")
        if account.watch.albums and not account.biz:
            yield Problem(row.sheet.label, row.place, "公众号biz", "", "填写了合集编号时必须填写公众号biz")


def values_of(record: Department | Account | Site, column: Field) -> list[str]:
    """The texts of one field, as a person would write them; empty when unset."""
    value: Any = record
    for part in column.name.split("."):
        value = getattr(value, part)
    many = value if isinstance(value, tuple) else (value,)
    return [_text(item) for item in many if item is not None]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
