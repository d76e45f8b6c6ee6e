"""One description of every column of the registry: its Chinese name, its kind, and what is allowed in it.

YAML and xlsx are two views of it; the dataclasses in `model` are the third.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from gzcrawl.items import Platform
from gzcrawl.registry.model import Account, Department, Site, State

LEVELS = {"city": "市直", "county": "县区", "town": "乡镇", "public_institution": "事业单位"}
PLATFORMS = {str(Platform.WEIBO): "微博", str(Platform.WECHAT): "微信"}
STATES = {"active": "在用", "paused": "暂停", "closed": "关闭", "merged": "合并"}
YES_NO = {"true": "是", "false": "否"}


class Invalid(ValueError):
    """What is allowed instead, in Chinese."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    name: str  # of the dataclass; "watch.sogou" for a nested one
    label: str  # Chinese column header
    parse: Callable[[str], Any]
    note: str = ""  # shown as a comment on the header
    required: bool = False
    many: bool = False  # several values, separated by ";", "；" or a new line
    choices: dict[str, str] | None = None  # value -> Chinese label
    width: int = 16


def text(value: str) -> str:
    return value


def one_of(choices: dict[str, str]) -> Callable[[str], str]:
    by_label = {label: value for value, label in choices.items()}

    def parse(value: str) -> str:
        found = by_label.get(value, value)
        if found not in choices:
            raise Invalid("可填：" + "、".join(choices.values()))
        return found

    return parse


def matching(pattern: str, allowed: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def parse(value: str) -> str:
        if not compiled.fullmatch(value):
            raise Invalid(allowed)
        return value

    return parse


def day(value: str) -> date:
    cleaned = re.sub(r"[年月/.]", "-", value).rstrip("日").strip("-")
    try:
        return datetime.strptime(cleaned, "%Y-%m-%d").date()
    except ValueError:
        raise Invalid("应为日期，如 2025-06-01") from None


def web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or re.search(r"\s", value):
        raise Invalid("应为以 http:// 或 https:// 开头的网址")
    return value


def regular_expression(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise Invalid(f"应为正则表达式（{error}）") from None
    return value


def minutes(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 5 <= int(value) <= 60 * 24 * 30:
        raise Invalid("应为 5 到 43200 之间的整数（分钟）")
    return int(value)


def group(value: str) -> str:
    """Departments addressed: "all" (全部), a level, or the name of a group; a level may be written in Chinese."""
    return {"全部": "all", **{label: level for level, label in LEVELS.items()}}.get(value, value)


def yes_no(value: str) -> bool:
    return one_of(YES_NO)(value.casefold()) == "true"


def state(value: str) -> State:
    return State(one_of(STATES)(value))


def platform(value: str) -> Platform:
    return Platform(one_of(PLATFORMS)(value))


identifier = matching(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", "应为字母、数字、-、_、. 组成的编号，最长 64 个字符")
email = matching(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+", "应为邮箱地址")
uid = matching(r"[1-9][0-9]{4,11}", "应为微博数字 UID，如 2539961154")
biz = matching(r"[A-Za-z0-9+/]{8,30}={0,2}", "应为公众号的 __biz，如 MzA5MDI0NDgxMQ==")
gh = matching(r"(gh_[0-9a-f]{12}|wxid_[A-Za-z0-9]{6,30})", "应为 gh_ 加 12 位十六进制，或 wxid_ 开头的原始 ID")
wechat_id = matching(r"[A-Za-z][A-Za-z0-9_-]{4,29}", "应为微信号：字母开头，6 到 30 个字母、数字、_ 或 -")
album = matching(r"[0-9]{10,25}", "应为合集的数字编号")
site_code = matching(r"([0-9]{10}|bm[0-9]{8})", "应为 10 位数字，或 bm 加 8 位数字")


DEPARTMENT: tuple[Field, ...] = (
    Field(name="id", label="单位编号", parse=identifier, required=True, note="自定，不重复，填好后不再改动，如 wjw"),
    Field(name="name", label="单位名称", parse=text, required=True, note="规范全称", width=28),
    Field(name="level", label="级别", parse=one_of(LEVELS), choices=LEVELS),
    Field(name="parent", label="上级单位编号", parse=identifier),
    Field(name="aliases", label="简称", parse=text, many=True, note="多个用分号隔开，如 市卫健委", width=24),
    Field(name="responsible", label="责任人", parse=text),
    Field(name="contact", label="联系电话", parse=text),
    Field(name="email", label="邮箱", parse=email, width=26),
    Field(name="groups", label="分组", parse=text, many=True, note="公告可以只要求某个分组转发"),
    Field(name="state", label="状态", parse=state, choices={s: STATES[s] for s in ("active", "closed", "merged")}),
    Field(name="closed_on", label="撤销日期", parse=day),
    Field(name="merged_into", label="并入单位编号", parse=identifier),
    Field(name="passwords_on", label="口令更换日期", parse=day, note="单位最近一次申报更换账号口令的日期"),
    Field(name="roster_on", label="值班安排日期", parse=day, note="单位最近一次申报值班安排的日期"),
    Field(name="plan_on", label="应急预案日期", parse=day, note="单位最近一次申报应急预案的日期"),
    Field(name="training_on", label="联系人培训日期", parse=day),
)

ACCOUNT: tuple[Field, ...] = (
    Field(name="id", label="账号编号", parse=identifier, required=True, note="自定，不重复，如 wjw-weibo", width=20),
    Field(name="department", label="单位编号", parse=identifier, required=True),
    Field(name="platform", label="平台", parse=platform, required=True, choices=PLATFORMS),
    Field(name="name", label="账号名称", parse=text, required=True, width=24),
    Field(name="uid", label="微博UID", parse=uid, note="微博必填：主页网址中的数字"),
    Field(name="biz", label="公众号biz", parse=biz, note="文章网址中 __biz= 后面的内容；有合集时必填", width=22),
    Field(name="gh", label="原始ID", parse=gh, width=20),
    Field(name="wechat_id", label="微信号", parse=wechat_id),
    Field(name="opened_on", label="开通日期", parse=day),
    Field(name="filed_on", label="备案日期", parse=day),
    Field(name="changed_on", label="变更日期", parse=day, note="最近一次更名、变更主体或责任人"),
    Field(name="change_filed_on", label="变更备案日期", parse=day),
    Field(name="state", label="状态", parse=state, choices={s: STATES[s] for s in ("active", "paused", "closed")}),
    Field(name="closed_on", label="关闭日期", parse=day),
    Field(name="paused_from", label="暂停起", parse=day, note="事先报备的暂停更新，含当日"),
    Field(name="paused_until", label="暂停止", parse=day),
    Field(name="pause_reason", label="暂停原因", parse=text),
    Field(name="qr_payloads", label="二维码内容", parse=text, many=True, note="经核实属于本账号的二维码内容", width=30),
    Field(
        name="announcement_group",
        label="公告转发范围",
        parse=group,
        note="填写后，其发布的内容须由这个范围的单位转发：all、级别或分组名",
    ),
    Field(
        name="announcement_words",
        label="公告标志词",
        parse=text,
        many=True,
        note="只有含其中一个词的才算公告；不填为全部",
        width=24,
    ),
    Field(name="watch.sogou", label="搜狗可见", parse=yes_no, choices=YES_NO),
    Field(name="watch.albums", label="合集编号", parse=album, many=True, width=22),
    Field(name="watch.feeds", label="订阅源", parse=web_address, many=True, width=26),
    Field(name="watch.official", label="官方接口授权", parse=yes_no, choices=YES_NO),
    Field(name="interval_minutes", label="巡查间隔（分钟）", parse=minutes),
)

SITE: tuple[Field, ...] = (
    Field(name="id", label="网站编号", parse=identifier, required=True, note="自定，不重复，如 wjw-site"),
    Field(name="department", label="单位编号", parse=identifier, required=True),
    Field(name="name", label="网站名称", parse=text, required=True, width=24),
    Field(name="home", label="首页网址", parse=web_address, required=True, width=34),
    Field(name="lists", label="栏目网址", parse=web_address, many=True, note="要记录更新的栏目", width=40),
    Field(
        name="announcement_lists", label="公告栏目网址", parse=web_address, many=True, width=40,
        note="其中的文章须由其他单位转发",
    ),
    Field(name="announcement_group", label="转发范围", parse=group, note="all、级别或分组名；不填为 all"),
    Field(name="article_pattern", label="文章网址规则", parse=regular_expression),
    Field(
        name="expects_qr", label="应展示的账号编号", parse=identifier, many=True, width=22, note="不填为本单位全部账号",
    ),
    Field(name="site_id_code", label="网站标识码", parse=site_code),
    Field(name="state", label="状态", parse=state, choices={s: STATES[s] for s in ("active", "closed")}),
    Field(name="interval_minutes", label="巡查间隔（分钟）", parse=minutes),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheet:
    key: str  # in YAML
    label: str  # of the worksheet
    kind: type[Department] | type[Account] | type[Site]
    fields: tuple[Field, ...]


SHEETS = (
    Sheet("departments", "单位", Department, DEPARTMENT),
    Sheet("accounts", "账号", Account, ACCOUNT),
    Sheet("sites", "网站", Site, SITE),
)
