"""The digest as a mail: HTML that reads on a phone and in Outlook, plain text as good, and a workbook."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping
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
from scheduler.notify.language import ZH, Language, language
from scheduler.notify.pictures import Picture, within
from scheduler.notify.recipients import Recipient
from scheduler.notify.sheets import fill

SOURCES = {
    "weibo": "微博",
    "sogou": "搜狗（微信索引）",
    "wechat": "微信文章与合集",
    "govsite": "政府网站",
    "website": "网站技术检测",
    "qr": "二维码",
    "links": "链接检测",
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
STATES = {"open": "未处理", "acknowledged": "处理中", "waived": "已豁免", "resolved": "已解决"}
COUNTS = (
    ("新增", "new", "#c0392b"),
    ("仍未整改", "standing", "#d35400"),
    ("提醒", "reminders", "#b7950b"),
    ("已解决", "resolved", "#1e8449"),
    ("未能核实", "blind", "#707b7c"),
)
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


def subject(digest: Digest, say: Language = ZH) -> str:
    """The number and the worst, so that the list of mails already tells."""
    return one_line(say("【政务新媒体巡查】%(text)s", text=_subject(digest, say)))


def _subject(digest: Digest, say: Language) -> str:
    if notice := digest.notice:
        text = "%(name)s：%(family)s %(count)s 项，最重：%(rule)s"
        facts = {"name": notice.department, "family": say(notice.family), "rule": say.rule(digest.new[0].rule)}
        return (say("逾期未确认，") if notice.late else "") + say(text, count=len(digest.new), **facts)
    day = digest.at.astimezone(SHANGHAI).strftime(say("%-m月%-d日"))
    open_now = len(digest.new) + len(digest.standing)
    if not open_now:
        extra = say("，%(count)s 条提醒", count=len(digest.reminders)) if digest.reminders else ""
        return say("%(day)s：没有未整改的问题", day=day) + extra
    worst = (digest.new or digest.standing)[0]
    new = say("新增 %(count)s 项，", count=len(digest.new)) if digest.new else ""
    text = "%(day)s：%(new)s未整改 %(count)s 项，最重：%(name)s（%(rule)s）"
    return say(text, day=day, new=new, count=open_now, name=worst.name, rule=say.rule(worst.rule))


def html(digest: Digest, say: Language = ZH) -> str:
    """A page that stands alone: its pictures are in it."""
    return _html(digest, say, _pictures(digest, say), lambda picture: picture.data_uri)


def text(digest: Digest, say: Language = ZH) -> str:
    return _environment(say.code).get_template("digest.txt.j2").render(_context(digest, say))


def message(digest: Digest, *, sender: str, recipient: str, message_id: str, say: Language = ZH) -> EmailMessage:
    """One mail for one recipient. Header values are folded and encoded by the policy, which refuses line breaks."""
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = subject(digest, say)
    mail["From"] = sender
    mail["To"] = recipient
    mail["Date"] = digest.at.astimezone(SHANGHAI)
    mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = say.code
    mail.set_content(text(digest, say), cte="base64")
    pictures = _pictures(digest, say)
    mail.add_alternative(_html(digest, say, pictures, lambda p: f"cid:{p.cid}"), subtype="html", cte="base64")
    page = mail.get_body(("html",))
    assert isinstance(page, EmailMessage)
    for cid, picture in pictures.items():
        page.add_related(picture.data, "image", picture.kind, cid=f"<{cid}>", disposition="inline")
    if digest.new or digest.standing or digest.reminders:
        day = f"{digest.at.astimezone(SHANGHAI):%Y%m%d}"
        mail.add_attachment(
            workbook(digest, say),
            maintype="application",
            subtype="vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            filename=say("未整改问题-%(day)s.xlsx", day=day),
        )
    return mail


def for_recipient(digest: Digest, recipient: Recipient, *, sender: str, key: str) -> EmailMessage | Note:
    """The digest as this recipient gets it: in their language, a mail, or a short text for a channel."""
    say = language(recipient.language)
    identity = message_id(f"{key}|{recipient.name}", sender)
    if recipient.mail is None:
        return Note(id=identity, title=subject(digest, say), text=short(digest, say))
    return message(digest, sender=sender, recipient=recipient.mail, message_id=identity, say=say)


def short(digest: Digest, say: Language = ZH, most: int = 10) -> str:
    """A line for each alert, for channels that show little."""
    entries = (*digest.new, *digest.standing, *digest.reminders)
    lines = [
        f"{number}. {e.name}{say('｜')}"
        + say("%(heading)s：%(text)s", heading=heading(e, "", say), text=one_line(e.alert.reason))
        for number, e in enumerate(entries[:most], start=1)
    ]
    if len(entries) > most:
        lines.append(say("另有 %(count)s 项，详见邮件或 gzcrawl alerts list", count=len(entries) - most))
    return "\n".join(lines)


def message_id(key: str, sender: str) -> str:
    """The same for every attempt at the same message."""
    domain = parseaddr(sender)[1].rpartition("@")[2] or "gzcrawl.invalid"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"


def _html(digest: Digest, say: Language, pictures: dict[str, Picture], address: Callable[[Picture], str]) -> str:
    def shown(picture: Picture) -> str:
        return address(picture) if picture.cid in pictures else ""

    template = _environment(say.code).get_template("digest.html.j2")
    return template.render(_context(digest, say) | {"chart": _chart(digest, say), "address": shown})


def _chart(digest: Digest, say: Language) -> Picture | None:
    from scheduler.notify.charts import bars  # takes a while to import: only who makes a mail pays for it

    return bars(digest.chart, say) if digest.chart else None


def _pictures(digest: Digest, say: Language) -> dict[str, Picture]:
    chart = _chart(digest, say)
    beside = (picture for entry in layout.shown(digest) for picture in entry.pictures)
    return within([*([chart] if chart else []), *digest.pictures, *beside])


def one_line(value: str) -> str:
    return " ".join(printable(value).split())


def printable(value: Any) -> Any:
    """A text of others without what a terminal or a reader would obey: control characters, a turned direction."""
    if not isinstance(value, str):
        return value
    kept = "".join(c if c.isprintable() or c.isspace() else " " for c in value)
    return Markup(kept) if isinstance(value, Markup) else kept  # noqa: S704 -- as safe as it was


def workbook(digest: Digest, say: Language = ZH) -> bytes:
    """All open violations and reminders, one row each."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = say("未整改问题")
    columns = [(say(name), width) for name, width in COLUMNS]
    fill(sheet, columns, (_row(entry, say) for entry in (*digest.new, *digest.standing, *digest.reminders)))
    buffer = io.BytesIO()
    book.save(buffer)
    book.close()
    return buffer.getvalue()


def _row(entry: Entry, say: Language) -> tuple[str, ...]:
    alert, department = entry.alert, entry.department
    return (
        entry.name,
        say.rule(entry.rule),
        alert.reason,
        state_word(entry, say),
        when(alert.since or alert.opened_at),
        until(alert.deadline),
        (department.responsible if department else None) or "",
        "\n".join(f"{e.quote} {e.url or ''}".strip() for e in alert.evidence),
    )


def state_word(entry: Entry, say: Language = ZH) -> str:
    if entry.alert.unobserved_since:
        return say("暂时看不到")
    return say(CHANGES[entry.change] if entry.change else STATES[entry.alert.state])


def heading(entry: Entry, family: str, say: Language) -> str:
    """Family, rule and state in one line; the family only where it is not called as the rule."""
    named = [say(family)] if family and family != entry.rule.title else []
    return say("｜").join((*named, say.rule(entry.rule), state_word(entry, say)))


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


def _context(digest: Digest, say: Language) -> dict[str, Any]:
    listed, rest = layout.blind(digest)
    return {
        "digest": digest,
        "subject": subject(digest, say),
        "title": say("即时通知") if digest.notice else say("政务新媒体巡查摘要"),
        "day": digest.at.astimezone(SHANGHAI).strftime(say("%Y年%-m月%-d日 %H:%M")),
        "counts": [
            (label, len(getattr(digest, name)), colour)
            for label, name, colour in COUNTS
            if digest.operator or name != "blind"
        ],
        "sources": [_source(name, counts, digest, say) for name, counts in digest.outcomes.items()],
        "problems": [(say(SOURCES.get(name, name)), problem) for name, problem in digest.problems],
        "sections": layout.sections(digest),
        "blind": listed,
        "blind_rest": rest,
        "lines": layout.MOST_LINES,
    }


def _source(source: str, counts: Mapping[str, int], digest: Digest, say: Language) -> dict[str, Any]:
    observed = ("ok", "empty", "gone")
    failed = (f"{say(OUTCOMES.get(name, name))} {count}" for name, count in counts.items() if name not in observed)
    return {
        "name": say(SOURCES.get(source, source)),
        "total": sum(counts.values()),
        "seen": sum(counts.get(outcome, 0) for outcome in observed),
        "last": when(digest.last_seen.get(source)),
        "failed": say("，").join(failed),
    }


@cache
def _environment(code: str) -> Environment:
    say = language(code)
    environment = Environment(
        loader=PackageLoader("scheduler.notify"),
        extensions=["jinja2.ext.i18n"],
        autoescape=select_autoescape(("html.j2",), default=False),
        undefined=StrictUndefined,
        finalize=printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def marked(value: str) -> str:
        """In a page: a piece of the record, in Chinese whatever the mail's language."""
        return value if say.is_chinese else Markup('<span lang="zh-CN">{}</span>').format(value)

    environment.install_gettext_callables(say, lambda one, _many, _n: say(one), newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= {"when": when, "until": until, "one_line": one_line, "web": web_link, "zh_text": marked}
    environment.globals |= {
        "lang": say.code,
        "zh": "" if say.is_chinese else Markup(' lang="zh-CN"'),
        "name": say.rule,
        "duty": say.duty,
        "heading": lambda entry, family: heading(entry, family, say),
    }
    return environment


def web_link(url: str | None) -> str:
    """The address if a click on it is harmless, else nothing."""
    return url if url and url.startswith(("http://", "https://")) else ""
