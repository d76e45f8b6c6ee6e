"""Other channels than mail, by the addresses Apprise uses: `wecombot://KEY`, `dingtalk://SECRET@TOKEN`, `feishu://TOKEN`,
`json://HOST/PATH` (a webhook; `jsons://` over TLS).

These are sent here, not by Apprise, which takes HTTP 200 for success: a group robot answers 200 to a wrong key and says
so in the body. Any other Apprise address goes through Apprise (extra `channels`), with what it takes for success.
Formats: developer.work.weixin.qq.com/document/path/91770, open.dingtalk.com/document/robots/custom-robot-access,
open.feishu.cn/document/client-docs/bot-v3/add-custom-bot.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from scheduler.notify.smtp import DeliveryError

TIMEOUT = 20.0
LONGEST = 1900
"""Bytes of a text; WeCom takes 2048."""
TEMPORARY = (408, 425, 429)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A message as a channel gets it. `id` is the same for every attempt."""

    id: str
    title: str
    text: str

    @property
    def short(self) -> str:
        whole = f"{self.title}\n{self.text}".encode()
        return whole.decode() if len(whole) <= LONGEST else whole[:LONGEST].decode(errors="ignore") + "…"


@dataclass(frozen=True, slots=True)
class Request:
    url: str
    body: dict[str, Any]


def wecom(address: str, note: Note, _now: datetime) -> Request:
    key = quote(_token(address), safe="")
    return Request(
        f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={key}",
        {"msgtype": "text", "text": {"content": note.short}},
    )


def dingtalk(address: str, note: Note, now: datetime) -> Request:
    query = {"access_token": _token(address)}
    secret = urlsplit(address).username
    if secret:
        stamp = str(int(now.timestamp() * 1000))
        query |= {"timestamp": stamp, "sign": _sign(secret, f"{stamp}\n{secret}")}
    url = f"https://oapi.dingtalk.com/robot/send?{urlencode(query)}"
    return Request(url, {"msgtype": "text", "text": {"content": note.short}})


def feishu(address: str, note: Note, now: datetime) -> Request:
    # Feishu reads <at user_id="all"> in a text: what departments wrote must not ring everybody's telephone.
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": note.short.replace("<", "＜")}}
    secret = urlsplit(address).username
    if secret:
        stamp = str(int(now.timestamp()))
        body |= {"timestamp": stamp, "sign": _sign(f"{stamp}\n{secret}", "")}
    return Request(f"https://open.feishu.cn/open-apis/bot/v2/hook/{quote(_token(address), safe='')}", body)


def webhook(address: str, note: Note, _now: datetime) -> Request:
    scheme = "https" if address.startswith("jsons:") else "http"
    url = f"{scheme}://{address.partition('://')[2]}"
    return Request(url, {"id": note.id, "title": note.title, "text": note.text})


CHANNELS: dict[str, Callable[[str, Note, datetime], Request]] = {
    "wecombot": wecom,
    "dingtalk": dingtalk,
    "feishu": feishu,
    "json": webhook,
    "jsons": webhook,
}


def send_note(address: str, note: Note, now: datetime) -> None:
    """Return once the receiver has said that it took it; `DeliveryError` otherwise (it never names the address)."""
    scheme = urlsplit(address).scheme
    if scheme not in CHANNELS:
        _through_apprise(address, note)
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


def _through_apprise(address: str, note: Note) -> None:
    try:
        import apprise
    except ImportError:
        raise DeliveryError("这种通道需要安装 apprise（pip install 'gzcrawl[channels]')", permanent=True) from None
    channel = apprise.Apprise()
    if not channel.add(address):
        raise DeliveryError("Apprise 不认识这个通道地址，请检查收件人的 to", permanent=True)
    if not channel.notify(title=note.title, body=note.text):
        raise DeliveryError("Apprise 没有送达，请检查通道地址和网络")


def _token(address: str) -> str:
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    return (host + parts.path).strip("/")


def _sign(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()
