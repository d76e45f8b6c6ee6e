"""The digest as a mail: HTML that reads on a phone and in Outlook, plain text as good, and a workbook."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from gzcrawl.items import SHANGHAI
from scheduler.notify import layout
from scheduler.notify.channels import Note
from scheduler.notify.digest import Digest
from scheduler.notify.language import ZH, Language, language
from scheduler.notify.pictures import Picture, within
from scheduler.notify.recipients import Recipient
from scheduler.notify.texts import OUTCOMES, SOURCES, heading, one_line, printable, until, when
from scheduler.notify.workbook import workbook

COUNTS = (
    ("新增", "new", "#c0392b"),
    ("仍未整改", "standing", "#d35400"),
    ("提醒", "reminders", "#b7950b"),
    ("已解决", "resolved", "#1e8449"),
    ("未能核实", "blind", "#707b7c"),
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
