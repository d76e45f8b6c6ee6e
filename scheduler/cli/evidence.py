"""`gzcrawl evidence`: what an alert rests on, handed out, checked, and cleared when its time is over."""

from __future__ import annotations

import argparse
import re
import sys
from datetime import timedelta
from pathlib import Path

from gzcrawl import clock
from gzcrawl.evidence import EvidenceStore
from gzcrawl.store.connect import data_dir
from gzcrawl.store.registry import load_registry
from scheduler.cli.database import open_database
from scheduler.cli.errors import not_found
from scheduler.cli.patrol import default_profile
from scheduler.evidence.bundle import Bundle, gather
from scheduler.evidence.camera import CameraError
from scheduler.evidence.export import CHANGES, Told, export
from scheduler.evidence.seal import prune, verify
from scheduler.evidence.shown import make, there
from scheduler.notify.texts import when
from scheduler.profile import load_profile
from scheduler.rules import TITLES


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    evidence = subparsers.add_parser("evidence", help="证据：查看、导出、核验、按期清理")
    actions = evidence.add_subparsers(metavar="动作", required=True)
    show = actions.add_parser("show", help="一条预警每次变化时看到了什么、原件在哪里")
    show.add_argument("id", metavar="预警编号")
    show.set_defaults(run=run_show)
    out = actions.add_parser("export", help="导出一个压缩包：说明、原件、图片和网页存档")
    out.add_argument("id", metavar="预警编号")
    out.add_argument("-o", "--output", metavar="文件", help="默认：证据-编号.zip")
    out.add_argument("--whole", action="store_true", help="不遮盖个人信息（仅供内部）")
    out.add_argument("--profile", default=default_profile(), help="方案名或 TOML 文件：其中写着依据的规定")
    out.set_defaults(run=run_export)
    check = actions.add_parser("verify", help="核验审计链和全部原件是否被改动")
    check.add_argument("--head", metavar="哈希", help="以前记下的审计链哈希（摘要末尾有），应仍在链中")
    check.set_defaults(run=run_verify)
    clear = actions.add_parser("prune", help="清理超过保存期限的原件（期限见方案）")
    clear.add_argument("--profile", default=default_profile(), help="方案名或 TOML 文件")
    clear.set_defaults(run=run_prune)


def run_show(args: argparse.Namespace) -> int:
    found = _gather(args)
    files = EvidenceStore(data_dir())
    pictures = {one.answer.sha256: one.name for one in there(files, found)}
    print(found.alert.reason)
    for step in found.steps:
        print(f"\n{when(step.at)}  {CHANGES[step.change]}  {step.reason}")
        for sight in step.sights:
            print(f"  · {sight.quote}  {sight.url or ''}")
            for answer in sight.answers:
                path = files.path(answer.sha256)
                print(f"      原件 {answer.number}：{path if path.exists() else '已超过保存期限'}")
                if answer.sha256 in pictures:
                    print(f"        图片：{data_dir() / pictures[answer.sha256]}")
    return 0


def run_export(args: argparse.Namespace) -> int:
    found = _gather(args)
    files = EvidenceStore(data_dir())
    with open_database(args) as db:
        names = load_registry(db).department_names
        try:
            make(db, files, [found], clock.now())
        except CameraError as error:
            print(f"{error}；其余证据照常导出", file=sys.stderr)
    rule = found.alert.rule
    rules = load_profile(args.profile).values["rules"]
    told = Told(
        department=names.get(found.alert.department, found.alert.department),
        rule=TITLES.get(rule, rule),
        duty=rules.get(rule, {}).get("basis", TITLES.get(rule, rule)),
    )
    target = Path(args.output or f"证据-{re.sub(r'[^0-9A-Za-z_.@-]+', '_', args.id)[:80]}.zip")
    data = export(found, files, told, clock.now(), whole=args.whole)
    target.write_bytes(data)
    print(f"已导出 {target}（{len(data) // 1024 + 1} KB，原件 {len(found.answers)} 件）")
    return 0


def run_verify(args: argparse.Namespace) -> int:
    with open_database(args) as db:
        checked = verify(db, EvidenceStore(data_dir()), args.head)
    for problem in checked.problems:
        print(f"✗ {problem}")
    print(
        f"审计链 {checked.entries} 条，封存 {checked.rounds} 轮，原件 {checked.files} 件："
        + (f"发现 {len(checked.problems)} 处问题" if checked.problems else "没有发现改动")
    )
    print(f"审计链末尾 {checked.head}")
    return 1 if checked.problems else 0


def run_prune(args: argparse.Namespace) -> int:
    settings = load_profile(args.profile).values["evidence"]
    with open_database(args) as db:
        rounds, files = prune(
            db,
            EvidenceStore(data_dir()),
            clock.now(),
            unreferenced=timedelta(days=settings["unreferenced_days"]),
            longest=timedelta(days=settings["keep_days"]),
        )
    print(f"已清理 {rounds} 轮的记录，{files} 件原件")
    return 0


def _gather(args: argparse.Namespace) -> Bundle:
    with open_database(args) as db:
        found = gather(db, args.id)
    if found is None:
        raise not_found("预警", args.id, "alerts list --all")
    return found
