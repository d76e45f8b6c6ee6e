"""企业微信群机器人, `wecombot://KEY`.

Format: developer.work.weixin.qq.com/document/path/91770.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from scheduler.notify.channels.base import Note, Request, token


def request(address: str, note: Note, _now: datetime) -> Request:
    key = quote(token(address), safe="")
    return Request(
        f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={key}",
        {"msgtype": "text", "text": {"content": note.short}},
    )
