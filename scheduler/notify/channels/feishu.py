"""飞书群机器人, `feishu://TOKEN` or, signed, `feishu://SECRET@TOKEN`.

Format: open.feishu.cn/document/client-docs/bot-v3/add-custom-bot.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from scheduler.notify.channels.base import Note, Request, sign, token


def request(address: str, note: Note, now: datetime) -> Request:
    # Feishu reads <at user_id="all"> in a text: what departments wrote must not ring everybody's telephone.
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": note.short.replace("<", "＜")}}
    secret = urlsplit(address).username
    if secret:
        stamp = str(int(now.timestamp()))
        body |= {"timestamp": stamp, "sign": sign(f"{stamp}\n{secret}", "")}
    return Request(f"https://open.feishu.cn/open-apis/bot/v2/hook/{quote(token(address), safe='')}", body)
