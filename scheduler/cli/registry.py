"""`gzcrawl registry`: the registry in and out."""

from __future__ import annotations

import argparse
from pathlib import Path

from gzcrawl.items import SHANGHAI
from gzcrawl.registry import Registry
from gzcrawl.registry.check import check
from gzcrawl.registry.rows import RegistryError
from gzcrawl.registry.workbook import load_workbook_file, save_template, save_workbook
from gzcrawl.registry.yamlfile import dump_yaml, load_yaml
from gzcrawl.store.registry import history, load_registry, save_registry
from scheduler.cli import candidates
from scheduler.cli.database import open_database
from scheduler.cli.errors import CliError

YAML = (".yaml", ".yml")


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    registry = subparsers.add_parser("registry", help="台账：导入、导出、检查、空白模板")
    actions = registry.add_subparsers(metavar="动作", required=True)
    importing = actions.add_parser("import", help="导入 .xlsx 或 .yaml，替换现有台账；有错则一条也不导入")
    importing.add_argument("file", type=Path)
    importing.set_defaults(run=run_import)
    exporting = actions.add_parser("export", help="导出为 .xlsx 或 .yaml")
    exporting.add_argument("file", type=Path)
    exporting.set_defaults(run=run_export)
    checking = actions.add_parser("check", help="找出台账里的矛盾")
    checking.add_argument("file", type=Path, nargs="?", help="不填则检查已导入的台账")
    checking.set_defaults(run=run_check)
    template = actions.add_parser("template", help="写一份空白台账")
    template.add_argument("file", type=Path)
    template.set_defaults(run=run_template)
    past = actions.add_parser("history", help="台账的每次变更；gzcrawl evaluate --at 按当时的台账研判")
    past.set_defaults(run=run_history)
    candidates.register(actions)


def read(path: Path) -> Registry:
    try:
        if path.suffix.lower() in YAML:
            return load_yaml(path)
        if path.suffix.lower() == ".xlsx":
            return load_workbook_file(path)
    except RegistryError as error:
        raise CliError(str(error)) from error
    except OSError as error:
        raise CliError(f"读不了 {path}：{error.strerror}") from error
    raise CliError(f"{path}：只能导入 .xlsx 或 .yaml 文件")


def run_import(args: argparse.Namespace) -> int:
    registry = read(args.file)
    with open_database(args) as db:
        counts = save_registry(db, registry)
    size = f"{len(registry.departments)} 个单位，{len(registry.accounts)} 个账号，{len(registry.sites)} 个网站"
    print(f"已导入：{size}（新增 {counts['added']}，修改 {counts['changed']}，删除 {counts['removed']}）")
    for sentence in check(registry):
        print(f"请核对：{sentence}")
    return 0


def run_export(args: argparse.Namespace) -> int:
    with open_database(args) as db:
        registry = load_registry(db)
    try:
        if args.file.suffix.lower() in YAML:
            args.file.write_text(dump_yaml(registry), encoding="utf-8")
        elif args.file.suffix.lower() == ".xlsx":
            save_workbook(registry, args.file)
        else:
            raise CliError(f"{args.file}：只能导出为 .xlsx 或 .yaml 文件")
    except OSError as error:
        raise CliError(f"写不了 {args.file}：{error.strerror}") from error
    print(f"已导出到 {args.file}")
    return 0


def run_check(args: argparse.Namespace) -> int:
    if args.file:
        registry = read(args.file)
    else:
        with open_database(args) as db:
            registry = load_registry(db)
    found = check(registry)
    for sentence in found:
        print(sentence)
    print(f"共 {len(found)} 处需要核对" if found else "没有发现矛盾")
    return 1 if found else 0


def run_template(args: argparse.Namespace) -> int:
    if args.file.suffix.lower() != ".xlsx":
        raise CliError(f"{args.file}：模板是 .xlsx 文件")
    try:
        save_template(args.file)
    except OSError as error:
        raise CliError(f"写不了 {args.file}：{error.strerror}") from error
    print(f"空白台账已写到 {args.file}，示例行不会被导入")
    return 0


def run_history(args: argparse.Namespace) -> int:
    with open_database(args) as db:
        changes = history(db)
    for change in changes:
        at = change["at"].astimezone(SHANGHAI)
        print(f"{at:%Y-%m-%d %H:%M:%S}  写入 {change['set']} 条，删除 {change['removed']} 条")
    print(f"共 {len(changes)} 次变更" if changes else "还没有导入过台账")
    return 0
