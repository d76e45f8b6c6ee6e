"""Other channels than mail, by the addresses Apprise uses; a file for each, a line in `CHANNELS`.

These are sent here, not by Apprise, which takes HTTP 200 for success: a group robot answers 200 to a wrong key and says
so in the body. Any other Apprise address goes through Apprise.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from scheduler.notify.channels import dingtalk, feishu, other, webhook, wecom
from scheduler.notify.channels.base import LONGEST, Note, Request
from scheduler.notify.smtp import DeliveryError

__all__ = ["CHANNELS", "LONGEST", "Note", "Request", "send_note"]

TIMEOUT = 20.0
TEMPORARY = (408, 425, 429)

CHANNELS: dict[str, Callable[[str, Note, datetime], Request]] = {
    "wecombot": wecom.request,
    "dingtalk": dingtalk.request,
    "feishu": feishu.request,
    "json": webhook.request,
    "jsons": webhook.request,
}


def send_note(address: str, note: Note, now: datetime) -> None:
    """Return once the receiver has said that it took it; `DeliveryError` otherwise (it never names the address)."""
    scheme = urlsplit(address).scheme
    if scheme not in CHANNELS:
        other.send(address, note)
        return
    wanted = CHANNELS[scheme](address, note, now)
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": note.id}
    data = json.dumps(wanted.body, ensure_ascii=False).encode()
    request = urllib.request.Request(wanted.url, data, headers, method="POST")  # noqa: S310 -- by CHANNELS only http(s)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
            said = answer.read(65536)
    except urllib.error.HTTPError as error:
        with error:
            permanent = 400 <= error.code < 500 and error.code not in TEMPORARY
            raise DeliveryError(f"{scheme} 通道回答 HTTP {error.code}，请检查通道地址", permanent=permanent) from None
    except OSError as error:
        reason = getattr(error, "reason", error)
        raise DeliveryError(f"连接不上 {scheme} 通道（{reason}）", away=True) from None
    _accepted(scheme, said)


def _accepted(scheme: str, said: bytes) -> None:
    """A robot says in the body whether it took the message: `errcode`, or Feishu's `code` and `StatusCode`, is 0."""
    try:
        answer = json.loads(said)
    except ValueError:
        answer = None
    codes = (
        [answer[name] for name in ("errcode", "code", "StatusCode") if name in answer]
        if isinstance(answer, dict)
        else []
    )
    if any(code not in (0, "0") for code in codes):
        words = str(answer.get("errmsg") or answer.get("msg") or "")[:200] if isinstance(answer, dict) else ""
        raise DeliveryError(f"{scheme} 通道没有接收（{codes[0]} {words}），请检查通道地址、密钥和关键词设置")
    if not codes and not scheme.startswith("json"):
        raise DeliveryError(f"{scheme} 通道的回答无法识别：{said[:100].decode(errors='replace')}")
