"""The registry as YAML: top-level departments, accounts, sites; keys are the field names, `watch` is nested."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from gzcrawl.registry.fields import SHEETS, Sheet
from gzcrawl.registry.model import Registry
from gzcrawl.registry.rows import Problem, RegistryError, Row, build, values_of

MAX_BYTES = 20 * 1024 * 1024


def load_yaml(path: Path) -> Registry:
    """`RegistryError` with all problems; `OSError` when the file cannot be read."""
    if path.stat().st_size > MAX_BYTES:
        raise RegistryError([Problem(path.name, "", "", "", f"文件超过 {MAX_BYTES // 1024 // 1024} MB")])
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise RegistryError([Problem(path.name, "", "", "", f"不是有效的 UTF-8 YAML 文件：{error}")]) from error
    return build(list(_rows(content)))


def dump_yaml(registry: Registry) -> str:
    """Exactly what `load_yaml` reads back into an equal registry; unset fields are left out."""
    content = {sheet.key: [_mapping(sheet, record) for record in getattr(registry, sheet.key)] for sheet in SHEETS}
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120)


def _mapping(sheet: Sheet, record: Any) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for column in sheet.fields:
        values = values_of(record, column)
        if not values:
            continue
        *parents, name = column.name.split(".")
        inner = mapping
        for parent in parents:
            inner = inner.setdefault(parent, {})
        inner[name] = values if column.many else values[0]
    return mapping


def _rows(content: Any) -> Iterator[Row]:
    if not isinstance(content, dict):
        raise RegistryError([Problem("YAML", "", "", "", "顶层应有 departments、accounts、sites 三项")])
    problems = [
        Problem("YAML", str(key), "", "", "不认识的项目，可用：" + "、".join(s.key for s in SHEETS))
        for key in content
        if key not in {sheet.key for sheet in SHEETS}
    ]
    for sheet in SHEETS:
        records = content.get(sheet.key) or []
        if not isinstance(records, list):
            problems.append(Problem("YAML", sheet.key, "", "", "应为列表"))
            continue
        for number, record in enumerate(records):
            place = f"{sheet.key}[{number}]"
            if not isinstance(record, dict):
                problems.append(Problem(sheet.label, place, "", str(record), "应为“字段: 值”"))
                continue
            values = dict(_flat(record))
            known = {column.name for column in sheet.fields}
            problems += [
                Problem(sheet.label, place, name, "", "没有这个字段，可用：" + "、".join(sorted(known)))
                for name in values
                if name not in known
            ]
            yield Row(sheet, place, values)
    if problems:
        raise RegistryError(problems)


def _flat(record: dict[Any, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in record.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        elif isinstance(value, list):
            yield f"{prefix}{key}", [_scalar(item) for item in value]
        else:
            yield f"{prefix}{key}", None if value is None else _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else str(value)
