"""The registry as a workbook: sheets 单位, 账号, 网站, one column per field, several values separated by `;` or new lines."""

from __future__ import annotations

import difflib
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from gzcrawl.registry.fields import SHEETS, Field, Sheet
from gzcrawl.registry.model import Registry
from gzcrawl.registry.rows import Problem, RegistryError, Row, Value, build, clean, values_of

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 400 * 1024 * 1024
MAX_ROWS = 200_000

EXAMPLE = "示例"
"""A row whose first cell begins with this word is an explanation and not imported."""

HEAD = PatternFill("solid", fgColor="1F4E79")
REQUIRED = PatternFill("solid", fgColor="B03A2E")


def load_workbook_file(path: Path) -> Registry:
    """`RegistryError` with all problems of all sheets; `OSError` when the file cannot be read."""
    _check_size(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of extensions we have no use for
            book = load_workbook(path, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, SyntaxError) as error:
        raise _broken(path, "不是完好的 .xlsx 文件；旧的 .xls 或加密文件请在 Excel 中另存为不加密的 .xlsx") from error
    problems: list[Problem] = []
    rows: list[Row] = []
    for sheet in SHEETS:
        if sheet.label in book.sheetnames:
            rows += _rows(sheet, book[sheet.label], problems)
        else:
            near = difflib.get_close_matches(sheet.label, book.sheetnames, n=1, cutoff=0.3)
            hint = f"，“{near[0]}”是否应改名？" if near else ""
            problems.append(Problem(sheet.label, "", "", "", f"缺少这张工作表{hint}"))
    book.close()
    try:
        registry = build(rows)
    except RegistryError as error:
        raise RegistryError((*problems, *error.problems)) from None
    if problems:
        raise RegistryError(problems)
    return registry


def save_workbook(registry: Registry, path: Path) -> None:
    """Exactly what `load_workbook_file` reads back into an equal registry."""
    book = _empty()
    for sheet in SHEETS:
        worksheet = book[sheet.label]
        for number, record in enumerate(getattr(registry, sheet.key), start=2):
            for column, field in enumerate(sheet.fields, start=1):
                values = [(field.choices or {}).get(value, value) for value in values_of(record, field)]
                if values:
                    cell = worksheet.cell(number, column, "\n".join(values))
                    cell.data_type = "s"  # a text that begins with = stays a text
    book.save(path)
    book.close()


def save_template(path: Path) -> None:
    """An empty workbook with headers, notes, drop-downs and one example row per sheet."""
    book = _empty()
    for sheet in SHEETS:
        worksheet = book[sheet.label]
        for column, field in enumerate(sheet.fields, start=1):
            cell = worksheet.cell(2, column, EXAMPLES[sheet.key].get(field.name, ""))
            cell.font = Font(italic=True, color="888888")
    book.save(path)
    book.close()


EXAMPLES = {
    "departments": {
        "id": "示例-wjw（本行不导入）", "name": "某市卫生健康委员会", "level": "市直", "aliases": "市卫健委;某市卫健委",
        "responsible": "张三", "contact": "0797-1234567", "email": "wjw@example.com", "state": "在用",
    },
    "accounts": {
        "id": "示例-wjw-weibo", "department": "wjw", "platform": "微博", "name": "健康某市", "uid": "2539961154",
        "opened_on": "2019-06-01", "filed_on": "2019-06-03", "state": "在用",
    },
    "sites": {
        "id": "示例-wjw-site", "department": "wjw", "name": "某市卫生健康委员会", "home": "https://wjw.example.com/",
        "lists": "https://wjw.example.com/c1/list.shtml", "site_id_code": "3607000000", "state": "在用",
    },
}  # fmt: skip


def _check_size(path: Path) -> None:
    if path.stat().st_size > MAX_BYTES:
        raise _broken(path, f"文件超过 {MAX_BYTES // 1024 // 1024} MB")
    if not zipfile.is_zipfile(path):
        raise _broken(path, "不是 .xlsx 文件；旧的 .xls 或加密文件请在 Excel 中另存为不加密的 .xlsx")
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise _broken(path, "文件已损坏") from error
    if unpacked > MAX_UNPACKED:
        raise _broken(path, f"解开后超过 {MAX_UNPACKED // 1024 // 1024} MB")


def _broken(path: Path, allowed: str) -> RegistryError:
    return RegistryError([Problem(path.name, "", "", "", allowed)])


def _rows(sheet: Sheet, worksheet: Worksheet, problems: list[Problem]) -> Iterator[Row]:
    lines = worksheet.iter_rows(values_only=True)
    columns = _columns(sheet, next(lines, ()), problems)
    for number, line in enumerate(lines, start=2):
        if number > MAX_ROWS:
            problems.append(Problem(sheet.label, f"第 {number} 行", "", "", f"最多 {MAX_ROWS} 行"))
            return
        texts = {field.name: _split(field, _text(value)) for value, field in zip(line, columns, strict=False) if field}
        first = texts.get(sheet.fields[0].name)
        if not any(texts.values()) or (isinstance(first, str) and clean(first).startswith(EXAMPLE)):
            continue
        yield Row(sheet, f"第 {number} 行", texts)


def _columns(sheet: Sheet, header: tuple[Any, ...], problems: list[Problem]) -> list[Field | None]:
    by_label = {field.label: field for field in sheet.fields}
    columns: list[Field | None] = []
    for value in header:
        label = re.sub(r"[\s*＊]", "", _text(value))
        field = by_label.get(label)
        if label and field is None:
            near = difflib.get_close_matches(label, by_label, n=1)
            hint = f"，是不是“{near[0]}”？" if near else "；可用：" + "、".join(by_label)
            problems.append(Problem(sheet.label, "第 1 行", label, "", f"不认识的列{hint}"))
        if field and field in columns:
            problems.append(Problem(sheet.label, "第 1 行", label, "", "这一列出现了两次"))
        columns.append(field)
    for field in sheet.fields:
        if field.required and field not in columns:
            problems.append(Problem(sheet.label, "第 1 行", field.label, "", "缺少这一列"))
    return columns


def _text(value: Any) -> str:
    """What a person sees in the cell: whole numbers without ".0", days without a time."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _split(field: Field, text: str) -> Value:
    return [part for part in re.split(r"[;；\n]", text) if part.strip()] if field.many else text


def _empty() -> Workbook:
    book = Workbook()
    if book.active is not None:
        book.remove(book.active)
    for sheet in SHEETS:
        worksheet = book.create_sheet(sheet.label)
        worksheet.freeze_panes = "B2"
        worksheet.row_dimensions[1].height = 22
        for number, field in enumerate(sheet.fields, start=1):
            _header(worksheet, number, field)
    return book


def _header(worksheet: Worksheet, number: int, field: Field) -> None:
    cell = worksheet.cell(1, number, field.label)
    cell.font = Font(bold=True, color="FFFFFF")
    cell.fill = REQUIRED if field.required else HEAD
    cell.alignment = Alignment(horizontal="center", vertical="center")
    notes = [field.note, "必填" if field.required else "", "多个值用分号隔开" if field.many else ""]
    if any(notes):
        cell.comment = Comment("；".join(filter(None, notes)), "gzcrawl")
    letter = get_column_letter(number)
    worksheet.column_dimensions[letter].width = field.width
    if field.choices:
        choices = ",".join(field.choices.values())
        validation = DataValidation(type="list", formula1=f'"{choices}"', allow_blank=True, showErrorMessage=True)
        validation.error = "请从下拉列表中选择"
        worksheet.add_data_validation(validation)
        validation.add(f"{letter}2:{letter}5000")
