"""The digest as a mail: HTML that reads on a phone and in Outlook, plain text as good, and a workbook."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from openpyxl import Workbook

from gzcrawl.items import SHANGHAI
from scheduler.notify import layout
from scheduler.notify.channels import Note
from scheduler.notify.digest import Digest, Entry
from scheduler.notify.pictures import Picture, chart, within
from scheduler.notify.recipients import Recipient
from scheduler.notify.sheets import fill

SOURCES = {
    "weibo": "微博",
    "sogou": "搜狗（微信索引）",
    "wechat": "微信文章与合集",
    "govsite": "政府网站",
    "website": "网站技术检测",
    "qr": "二维码",
    "feed": "订阅源",
    "official": "官方接口",
}
OUTCOMES = {
    "ok": "正常",
    "empty": "无内容",
    "gone": "已不存在",
    "blocked": "被拦截",
    "layout_changed": "读不出",
    "unreachable": "无法访问",
    "disallowed": "robots 不允许",
    "too_large": "过大",
}
CHANGES = {
    "opened": "新增",
    "reopened": "再次出现",
    "raised": "升级",
    "worsened": "加重",
    "repeated": "仍未处理",
    "escalated": "逾期未确认",
}
COLUMNS = (
    ("单位", 26),
    ("问题", 14),
    ("说明", 60),
    ("状态", 10),
    ("开始", 18),
    ("期限", 18),
    ("责任人", 12),
    ("依据", 60),
)


def html(digest: Digest) -> str:
    """A page that stands alone: its pictures are in it."""
    return _html(digest, _pictures(digest), lambda picture: picture.data_uri)


def text(digest: Digest) -> str:
    return _environment().get_template("digest.txt.j2").render(_context(digest))


def message(digest: Digest, *, sender: str, recipient: str, message_id: str) -> EmailMessage:
    """One mail for one recipient. Header values are folded and encoded by the policy, which refuses line breaks."""
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = one_line(digest.subject)
    mail["From"] = sender
    mail["To"] = recipient
    mail["Date"] = digest.at.astimezone(SHANGHAI)
    mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text(digest), cte="base64")
    pictures = _pictures(digest)
    mail.add_alternative(_html(digest, pictures, lambda p: f"cid:{p.cid}"), subtype="html", cte="base64")
    page = mail.get_body(("html",))
    assert isinstance(page, EmailMessage)
    for cid, picture in pictures.items():
        page.add_related(picture.data, "image", picture.kind, cid=f"<{cid}>", disposition="inline")
    if digest.new or digest.standing or digest.reminders:
        mail.add_attachment(
            workbook(digest),
            maintype="application",
            subtype="vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            filename=f"未整改问题-{digest.at.astimezone(SHANGHAI):%Y%m%d}.xlsx",
        )
    return mail


def for_recipient(digest: Digest, recipient: Recipient, *, sender: str, key: str) -> EmailMessage | Note:
    """The digest as this recipient gets it: a mail, or a short text for a channel."""
    identity = message_id(f"{key}|{recipient.name}", sender)
    if recipient.mail is None:
        return Note(id=identity, title=one_line(digest.subject), text=short(digest))
    return message(digest, sender=sender, recipient=recipient.mail, message_id=identity)


def short(digest: Digest, most: int = 10) -> str:
    """A line for each alert, for channels that show little."""
    entries = (*digest.new, *digest.standing, *digest.reminders)
    lines = [
        f"{number}. {e.name}｜{e.title}｜{state_word(e)}：" + one_line(e.alert.reason)
        for number, e in enumerate(entries[:most], start=1)
    ]
    if len(entries) > most:
        lines.append(f"另有 {len(entries) - most} 项，详见邮件或 gzcrawl alerts list")
    return "\n".join(lines)


def message_id(key: str, sender: str) -> str:
    """The same for every attempt at the same message."""
    domain = parseaddr(sender)[1].rpartition("@")[2] or "gzcrawl.invalid"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"


def _html(digest: Digest, pictures: dict[str, Picture], address: Callable[[Picture], str]) -> str:
    def shown(picture: Picture) -> str:
        return address(picture) if picture.cid in pictures else ""

    return _environment().get_template("digest.html.j2").render(_context(digest) | {"address": shown})


def _pictures(digest: Digest) -> dict[str, Picture]:
    entries = layout.shown(digest)
    charts = [chart(digest.chart)] if digest.chart else []
    return within([*charts, *digest.pictures, *(picture for entry in entries for picture in entry.pictures)])


def one_line(value: str) -> str:
    return " ".join(printable(value).split())


def printable(value: Any) -> Any:
    """A text of others without what a terminal or a reader would obey: control characters, a turned direction."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return "".join(c if c.isprintable() or c.isspace() else " " for c in value)


def workbook(digest: Digest) -> bytes:
    """All open violations and reminders, one row each."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "未整改问题"
    fill(sheet, COLUMNS, (_row(entry) for entry in (*digest.new, *digest.standing, *digest.reminders)))
    buffer = io.BytesIO()
    book.save(buffer)
    book.close()
    return buffer.getvalue()


def _row(entry: Entry) -> tuple[str, ...]:
    alert, department = entry.alert, entry.department
    return (
        entry.name,
        entry.title,
        alert.reason,
        state_word(entry),
        when(alert.since or alert.opened_at),
        until(alert.deadline),
        (department.responsible if department else None) or "",
        "\n".join(f"{e.quote} {e.url or ''}".strip() for e in alert.evidence),
    )


def state_word(entry: Entry) -> str:
    if entry.alert.unobserved_since:
        return "暂时看不到"
    if entry.change:
        return CHANGES[entry.change]
    return {"open": "未处理", "acknowledged": "处理中", "waived": "已豁免", "resolved": "已解决"}[entry.alert.state]


def when(at: datetime | None, precision: str = "minute") -> str:
    """In Asia/Shanghai, no finer than the time is known."""
    if at is None:
        return ""
    return at.astimezone(SHANGHAI).strftime({"day": "%Y-%m-%d", "month": "%Y-%m"}.get(precision, "%Y-%m-%d %H:%M"))


def until(at: datetime | None) -> str:
    """A deadline: midnight is the end of the day before."""
    local = at.astimezone(SHANGHAI) if at else None
    if local and (local.hour, local.minute) == (0, 0):
        return f"{local - timedelta(days=1):%Y-%m-%d} 24:00"
    return when(at)


def _context(digest: Digest) -> dict[str, Any]:
    observed = ("ok", "empty", "gone")
    listed, rest = layout.blind(digest)
    sources = [
        {
            "name": SOURCES.get(source, source),
            "total": sum(counts.values()),
            "seen": sum(counts.get(outcome, 0) for outcome in observed),
            "last": when(digest.last_seen.get(source)),
            "failed": "，".join(
                f"{OUTCOMES.get(outcome, outcome)} {count}"
                for outcome, count in counts.items()
                if outcome not in observed
            ),
        }
        for source, counts in digest.outcomes.items()
    ]
    return {
        "digest": digest,
        "day": f"{digest.at.astimezone(SHANGHAI):%Y年%-m月%-d日 %H:%M}",
        "sources": sources,
        "problems": [(SOURCES.get(name, name), problem) for name, problem in digest.problems],
        "chart": chart(digest.chart) if digest.chart else None,
        "sections": layout.sections(digest),
        "blind": listed,
        "blind_rest": rest,
        "lines": layout.MOST_LINES,
    }


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("scheduler.notify"),
        autoescape=select_autoescape(("html.j2",), default=False),
        undefined=StrictUndefined,
        finalize=printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"when": when, "until": until, "one_line": one_line, "web": web_link}
    environment.globals["state_word"] = state_word
    return environment


def web_link(url: str | None) -> str:
    """The address if a click on it is harmless, else nothing."""
    return url if url and url.startswith(("http://", "https://")) else ""
