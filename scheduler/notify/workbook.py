"""The workbook attached to a digest."""

from __future__ import annotations

import io

from openpyxl import Workbook

from scheduler.notify.digest import Digest, Entry
from scheduler.notify.language import ZH, Language
from scheduler.notify.sheets import fill
from scheduler.notify.texts import state_word, until, when

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
