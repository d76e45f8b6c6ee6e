"""钉钉群机器人, `dingtalk://TOKEN` or, signed, `dingtalk://SECRET@TOKEN`.

Format: open.dingtalk.com/document/robots/custom-robot-access.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode, urlsplit

from scheduler.notify.channels.base import Note, Request, sign, token


def request(address: str, note: Note, now: datetime) -> Request:
    query = {"access_token": token(address)}
    secret = urlsplit(address).username
    if secret:
        stamp = str(int(now.timestamp() * 1000))
        query |= {"timestamp": stamp, "sign": sign(secret, f"{stamp}\n{secret}")}
    url = f"https://oapi.dingtalk.com/robot/send?{urlencode(query)}"
    return Request(url, {"msgtype": "text", "text": {"content": note.short}})
