"""`gzcrawl registry candidates`: accounts that sites show and the registry does not know. A person says what they are."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

from pymongo.database import Database

from gzcrawl import clock
from gzcrawl.items import SHANGHAI, Platform
from gzcrawl.qr.discover import known
from gzcrawl.qr.payload import wechat_biz, weibo_uid
from gzcrawl.registry import Account, Department, Registry
from gzcrawl.store import qr
from gzcrawl.store.registry import load_registry, save_registry
from scheduler.cli.database import open_database
from scheduler.cli.errors import CliError, no_department, not_found

Db = Database[dict[str, Any]]

PLATFORMS = {"weibo": "微博", "wechat": "微信公众号"}
STATES = {"open": "待处理", "accepted": "已登记", "dismissed": "已忽略"}
HOW = {"link": "链接", "code": "二维码"}


def register(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    candidates = actions.add_parser("candidates", help="官网出现、台账里没有的账号：查看、登记、忽略")
    candidates.set_defaults(run=run_list, all=False)
    what = candidates.add_subparsers(metavar="动作")
    listing = what.add_parser("list", help="列出待处理的账号")
    listing.add_argument("--all", action="store_true", help="连同已登记、已忽略的")
    listing.set_defaults(run=run_list)
    accepting = what.add_parser("accept", help="登记为新账号，或归入已有账号")
    accepting.add_argument("candidate", help="候选编号，见 list")
    accepting.add_argument("--as", dest="account", required=True, metavar="账号编号", help="新的编号，或已有账号的编号")
    accepting.add_argument("--department", help="单位编号（新账号必填）")
    accepting.add_argument("--name", help="账号名称（新账号必填）")
    accepting.set_defaults(run=run_accept)
    dismissing = what.add_parser("dismiss", help="忽略：与本地各单位无关的账号")
    dismissing.add_argument("candidate", help="候选编号，见 list")
    dismissing.set_defaults(run=run_dismiss)


def run_list(args: argparse.Namespace) -> int:
    with open_database(args) as db:
        registry = load_registry(db)
        found = qr.candidates(db, None if args.all else "open")
    if not args.all:  # some were registered by other means since
        found = [candidate for candidate in found if not known(candidate["address"], registry)]
    for candidate in found:
        site = registry.by_id.get(candidate["site_id"])
        seen = candidate["first_seen_at"].astimezone(SHANGHAI)
        print(
            f"{candidate['_id']}  {STATES[candidate['state']]}  {PLATFORMS[candidate['platform']]} {candidate['address']}\n"
            f"    {HOW[candidate['how']]}，{site.name if site else candidate['site_id']}（{candidate['page_url']}），"
            f"{seen:%Y-%m-%d} 首次看到；旁边文字：{candidate['context'] or '无'}"
        )
    print(f"共 {len(found)} 个" if found else "没有待处理的账号")
    return 0


def run_accept(args: argparse.Namespace) -> int:
    with open_database(args) as db:
        candidate = _open(db, args.candidate)
        registry = load_registry(db)
        existing = registry.by_id.get(args.account)
        if existing is None:
            account = _new(candidate, args, registry)
        elif isinstance(existing, Account) and existing.platform == candidate["platform"]:
            account = _with(existing, candidate["address"])
        else:
            raise CliError(f"{args.account!r} 不是{PLATFORMS[candidate['platform']]}账号的编号")
        others = tuple(a for a in registry.accounts if a.id != account.id)
        save_registry(db, Registry(registry.departments, (*others, account), registry.sites))
        qr.settle(db, args.candidate, "accepted", account_id=account.id, settled_at=clock.now())
    print(f"{args.candidate} 已{'登记为新账号' if existing is None else '归入账号'} {account.id}（{account.name}）")
    return 0


def run_dismiss(args: argparse.Namespace) -> int:
    with open_database(args) as db:
        _open(db, args.candidate)
        qr.settle(db, args.candidate, "dismissed", settled_at=clock.now())
    print(f"已忽略 {args.candidate}，以后不再列出")
    return 0


def _open(db: Db, id: str) -> dict[str, Any]:
    candidate = qr.candidate(db, id)
    if candidate is None:
        raise not_found("候选账号", id, "registry candidates")
    return candidate


def _new(candidate: dict[str, Any], args: argparse.Namespace, registry: Registry) -> Account:
    if not args.department or not args.name:
        raise CliError(f"台账里没有账号 {args.account!r}；登记新账号须用 --department 和 --name 说明单位和名称")
    if not isinstance(registry.by_id.get(args.department), Department):
        raise no_department(args.department)
    platform = Platform(candidate["platform"])
    if platform is Platform.WEIBO and weibo_uid(candidate["address"]) is None:
        raise CliError(f"{candidate['address']} 没有微博的数字 UID，不能登记为新账号；请先登记账号，再用 --as 归入")
    account = Account(id=args.account, department=args.department, platform=platform, name=args.name)
    return _with(account, candidate["address"])


def _with(account: Account, address: str) -> Account:
    """The account, known by that address too."""
    uid, biz = weibo_uid(address), wechat_biz(address)
    if uid and account.uid not in (None, uid):
        raise CliError(f"{account.id} 登记的微博 UID 是 {account.uid}，不是 {uid}；如已更换，请先修改台账")
    if uid:
        return replace(account, uid=uid)
    if biz and account.biz is None:
        return replace(account, biz=biz)
    return account if address in account.qr_payloads else replace(account, qr_payloads=(*account.qr_payloads, address))
