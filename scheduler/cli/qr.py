"""`gzcrawl qr`: what a picture's or a page's codes say, and which codes are an account's."""

from __future__ import annotations

import argparse
import asyncio
import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from gzcrawl.audit import AuditError, audit
from gzcrawl.items import Platform
from gzcrawl.qr.decode import ImageError, read_file
from gzcrawl.qr.payload import Meaning, classify
from gzcrawl.qr.verdict import Expectation
from gzcrawl.registry import Account, Registry
from gzcrawl.store.registry import load_registry, save_registry
from scheduler.cli.database import open_database
from scheduler.cli.errors import CliError


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    qr = subparsers.add_parser("qr", help="二维码：识别图片、登记账号的二维码")
    actions = qr.add_subparsers(metavar="动作", required=True)
    decoding = actions.add_parser("decode", help="识别图片中的二维码，输出 JSON")
    decoding.add_argument("images", type=Path, nargs="+")
    decoding.set_defaults(run=run_decode)
    auditing = actions.add_parser("audit", help="用浏览器查看一个网页的二维码是否在位、正确、显眼，输出 JSON")
    auditing.add_argument("page", metavar="网址或HTML文件")
    auditing.add_argument(
        "--expect",
        action="append",
        default=[],
        metavar="weibo=UID|wechat=内容[,内容]",
        help="应有的二维码，可重复；公众号有几个二维码的，用逗号隔开",
    )
    auditing.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="图片",
        help="标出二维码的网页图片写到这里（.png 或 .webp）；默认为当前目录下的 qr-网站或文件名.webp",
    )
    auditing.set_defaults(run=run_audit)
    learn = actions.add_parser("learn", help="登记一个经核实属于某账号的二维码")
    learn.add_argument("account", help="账号编号")
    learn.add_argument("code", help="二维码内容，或其图片文件")
    learn.set_defaults(run=run_learn)


def run_decode(args: argparse.Namespace) -> int:
    failed = False
    answers: list[dict[str, object]] = []
    for path in args.images:
        try:
            codes = read_file(path)
        except ImageError as error:
            failed = True
            answers.append({"file": str(path), "error": str(error), "codes": []})
            continue
        found = [{"payload": c.payload, "meaning": str(classify(c.payload)), "box": list(c.box)} for c in codes]
        answers.append({"file": str(path), "codes": found})
    print(json.dumps(answers, ensure_ascii=False, indent=2))
    return 1 if failed else 0


def run_audit(args: argparse.Namespace) -> int:
    expectations = [_expectation(text) for text in args.expect]
    try:
        done = asyncio.run(audit(args.page, expectations))
    except AuditError as error:
        raise CliError(str(error)) from error
    path = args.output or Path(f"qr-{_name(args.page)}.webp")
    picture = done.picture()
    if picture is not None:
        try:
            picture.save(path, quality=60)
        except (OSError, ValueError) as error:
            raise CliError(f"图片写不到 {path}：{error}。请用 -o 指定别处") from error
    report = done.report() | {"picture": str(path) if picture else None}
    print(json.dumps(report, ensure_ascii=False, indent=2))
    return 0 if all(answer["verdict"] == "present" for answer in report["expectations"]) else 1


def _name(page: str) -> str:
    """Of a page, for a file: the host, or the file's name without its ending."""
    return urlsplit(page).hostname or Path(page).stem


def _expectation(text: str) -> Expectation:
    platform, _equals, value = text.partition("=")
    if platform not in (Platform.WEIBO, Platform.WECHAT) or (
        value and platform == Platform.WEIBO and not value.isdigit()
    ):
        raise CliError(f"--expect {text!r} 应为 weibo=数字UID 或 wechat=二维码内容")
    return Expectation(platform=Platform(platform), value=value)


def run_learn(args: argparse.Namespace) -> int:
    payload = _payload(args.code)
    with open_database(args) as db:
        registry = load_registry(db)
        account = registry.by_id.get(args.account)
        if not isinstance(account, Account):
            raise CliError(f"台账里没有账号 {args.account!r}")
        if payload in account.qr_payloads:
            print(f"{payload} 已登记给 {account.name}")
            return 0
        learned = replace(account, qr_payloads=(*account.qr_payloads, payload))
        accounts = tuple(learned if a.id == account.id else a for a in registry.accounts)
        save_registry(db, Registry(registry.departments, accounts, registry.sites))
    print(f"已把 {payload} 登记给 {account.name}")
    return 0


def _payload(code: str) -> str:
    if classify(code) is not Meaning.TEXT:
        return code
    try:
        found = read_file(Path(code))
    except ImageError as error:
        raise CliError(f"{code} 既不是二维码内容，也不是可识别的图片（{error}）") from error
    if len(found) != 1:
        raise CliError(f"{code} 中有 {len(found)} 个二维码，须恰好一个")
    return found[0].payload
