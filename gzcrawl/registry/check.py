"""Contradictions that are worth a look but do not stop an import."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from gzcrawl.items import Platform
from gzcrawl.registry.model import Account, Registry, State

PLATFORMS = {Platform.WEIBO: "微博", Platform.WECHAT: "微信"}


def check(registry: Registry) -> list[str]:
    """One Chinese sentence for each contradiction."""
    return [*_departments(registry), *_accounts(registry), *_sites(registry)]


def _departments(registry: Registry) -> Iterator[str]:
    owners: dict[str, list[str]] = defaultdict(list)
    for department in registry.departments:
        for name in department.names:
            owners[name].append(department.id)
        if department.state is State.MERGED and not department.merged_into:
            yield f"单位 {department.id} 已合并，但没有填并入的单位"
        if department.state is State.ACTIVE and not department.email:
            yield f"单位 {department.id} 没有邮箱，不能直接提醒"
        if department.state is State.ACTIVE and not registry.accounts_of(department.id):
            yield f"单位 {department.id} 没有任何账号"
    for name, ids in owners.items():
        if len(ids) > 1:
            yield f"名称“{name}”同时属于单位 {'、'.join(ids)}"


def _accounts(registry: Registry) -> Iterator[str]:
    active: dict[tuple[str, Platform], list[str]] = defaultdict(list)
    payloads: dict[str, list[str]] = defaultdict(list)
    for account in registry.accounts:
        if account.state is not State.CLOSED:
            active[account.department, account.platform].append(account.id)
        for payload in account.qr_payloads:
            payloads[payload].append(account.id)
        yield from _account(account)
    for (department, platform), ids in active.items():
        if len(ids) > 1:
            yield f"单位 {department} 在{PLATFORMS[platform]}有 {len(ids)} 个在用账号：{'、'.join(ids)}"
    for payload, ids in payloads.items():
        if len(ids) > 1:
            yield f"二维码 {payload} 登记给了多个账号：{'、'.join(ids)}"


def _account(account: Account) -> Iterator[str]:
    watch = account.watch
    if account.platform is Platform.WECHAT and not (watch.sogou or watch.albums or watch.feeds or watch.official):
        yield f"账号 {account.id} 没有任何可查看的途径"
    if account.opened_on and account.filed_on and account.filed_on < account.opened_on:
        yield f"账号 {account.id} 的备案日期早于开通日期"
    if account.paused_from and account.paused_until and account.paused_until < account.paused_from:
        yield f"账号 {account.id} 的暂停结束早于开始"


def _sites(registry: Registry) -> Iterator[str]:
    for site in registry.sites:
        if site.state is State.ACTIVE and not site.lists and not site.announcement_lists:
            yield f"网站 {site.id} 没有登记栏目，不能记录更新"
        for id in site.expects_qr:
            account = registry.by_id.get(id)
            if isinstance(account, Account) and account.department != site.department:
                yield f"网站 {site.id} 应展示的账号 {id} 属于另一个单位"
