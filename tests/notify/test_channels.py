"""Group robots and webhooks, against a local server that keeps what arrives."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pymongo.database import Database

from scheduler.notify import channels
from scheduler.notify.channels import LONGEST, Note, Request, send_note
from scheduler.notify.outbox import deliver, enqueue
from scheduler.notify.smtp import DeliveryError
from tests.notify.httpserver import Receiver, receiver

Db = Database[dict[str, Any]]

NOW = datetime(2025, 10, 13, 1, 0, tzinfo=UTC)
NOTE = Note(id="<1@x>", title="【巡查】卫健委 1 项", text="1. 卫健委｜僵尸账号：已17天未更新")


@pytest.fixture
def robots(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """The robots' servers, here: the paths and bodies stay what they are."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with receiver() as (state, host):

        def here(made: Request) -> Request:
            parts = urlsplit(made.url)
            return Request(parts._replace(scheme="http", netloc=host).geturl(), made.body)

        for scheme, build in channels.CHANNELS.items():
            monkeypatch.setitem(channels.CHANNELS, scheme, lambda *args, build=build: here(build(*args)))
        yield state


def test_wecom_gets_a_text_at_its_key(robots: Receiver) -> None:
    send_note("wecombot://abc-123", NOTE, NOW)
    ((path, headers, body),) = robots.got
    assert path == "/cgi-bin/webhook/send?key=abc-123"
    assert body == {"msgtype": "text", "text": {"content": f"{NOTE.title}\n{NOTE.text}"}}
    assert headers["Idempotency-Key"] == NOTE.id


def test_dingtalk_gets_a_signed_text(robots: Receiver) -> None:
    send_note("dingtalk://SECxyz@token", NOTE, NOW)
    ((path, _headers, body),) = robots.got
    query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
    stamp = str(int(NOW.timestamp() * 1000))
    mac = hmac.new(b"SECxyz", f"{stamp}\nSECxyz".encode(), hashlib.sha256).digest()
    assert query == {"access_token": "token", "timestamp": stamp, "sign": base64.b64encode(mac).decode()}
    assert body["text"]["content"].startswith(NOTE.title)


def test_feishu_gets_a_text_in_which_nothing_rings_everybody(robots: Receiver) -> None:
    robots.answer = b'{"code":0,"msg":"success"}'
    send_note("feishu://secret@hook-token", Note(id="1", title="t", text='<at user_id="all"></at>'), NOW)
    ((path, _headers, body),) = robots.got
    assert path == "/open-apis/bot/v2/hook/hook-token"
    assert "<at" not in body["content"]["text"]
    stamp = str(int(NOW.timestamp()))
    mac = hmac.new(f"{stamp}\nsecret".encode(), b"", hashlib.sha256).digest()
    assert (body["timestamp"], body["sign"]) == (stamp, base64.b64encode(mac).decode())


def test_a_webhook_gets_title_text_and_the_id_it_can_deduplicate_by(robots: Receiver) -> None:
    robots.status, robots.answer = 204, b""
    send_note("json://host/alerts?token=1", NOTE, NOW)
    ((path, _headers, body),) = robots.got
    assert (path, body) == ("/alerts?token=1", {"id": NOTE.id, "title": NOTE.title, "text": NOTE.text})


@pytest.mark.parametrize(
    ("address", "answer", "said"),
    [
        ("wecombot://k", {"errcode": 93000, "errmsg": "invalid webhook url"}, "93000 invalid webhook url"),
        ("dingtalk://t", {"errcode": 310000, "errmsg": "keywords not in content"}, "310000"),
        ("feishu://t", {"code": 19001, "msg": "param invalid"}, "19001 param invalid"),
        ("feishu://t", "<html>login</html>", "无法识别"),
        ("json://h/x", {"code": 5, "msg": "full"}, "5 full"),
    ],
)
def test_a_refusal_in_the_body_of_a_200_is_no_delivery(robots: Receiver, address: str, answer: Any, said: str) -> None:
    robots.answer = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
    with pytest.raises(DeliveryError, match=said):
        send_note(address, NOTE, NOW)


@pytest.mark.parametrize(("status", "permanent"), [(404, True), (403, True), (429, False), (500, False), (502, False)])
def test_what_may_pass_is_tried_again_and_what_cannot_is_not(robots: Receiver, status: int, permanent: bool) -> None:
    robots.status = status
    with pytest.raises(DeliveryError, match=str(status)) as caught:
        send_note("wecombot://k", NOTE, NOW)
    assert caught.value.permanent == permanent


def test_a_long_text_is_cut_between_characters_to_what_wecom_takes() -> None:
    long = Note(id="1", title="标题", text="字" * 3000)
    assert len(long.short.encode()) <= LONGEST + 3
    assert long.short.endswith("字…")


@pytest.mark.parametrize("address", ["wecombot://topsecret", "dingtalk://topsecret@topsecret", "json://host/topsecret"])
def test_an_error_never_tells_the_secret_address(robots: Receiver, address: str) -> None:
    robots.status = 500
    with pytest.raises(DeliveryError) as caught:
        send_note(address, NOTE, NOW)
    assert "topsecret" not in str(caught.value)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Apprise's own imports
def test_any_other_address_is_apprises_and_what_it_does_not_know_is_said(robots: Receiver) -> None:
    pytest.importorskip("apprise")
    with receiver() as (state, host):
        send_note(f"apprise://{host}/0123456789abcdef", NOTE, NOW)
        ((path, _headers, body),) = state.got
        assert (path, body["body"]) == ("/notify", NOTE.text)
        state.status = 500
        with pytest.raises(DeliveryError, match="Apprise 没有送达"):
            send_note(f"apprise://{host}/0123456789abcdef", NOTE, NOW)
    with pytest.raises(DeliveryError, match="不认识") as caught:
        send_note("nosuch://topsecret", NOTE, NOW)
    assert "topsecret" not in str(caught.value)


def test_the_outbox_keeps_a_note_until_the_robot_has_taken_it_and_never_its_address(db: Db, robots: Receiver) -> None:
    assert enqueue(db, "notice|1", "企业微信群", NOTE, NOW)
    robots.answer = b'{"errcode":45009,"errmsg":"api freq out of limit"}'
    addresses = {"企业微信群": "wecombot://topsecret"}
    assert deliver(db, None, NOW, addresses).waiting == 1
    assert "topsecret" not in str(db.outbox.find_one())
    robots.answer = b'{"errcode":0}'
    assert deliver(db, None, NOW.replace(hour=2), addresses).sent == 1
    assert len({headers["Idempotency-Key"] for _path, headers, _body in robots.got}) == 1
    assert enqueue(db, "notice|2", "已删除", NOTE, NOW)
    assert deliver(db, None, NOW, addresses).dead == 1
