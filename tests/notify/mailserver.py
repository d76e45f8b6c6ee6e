"""A real SMTP server on loopback that keeps what arrives, and can be told to misbehave."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from scheduler.notify.settings import MailSettings
from scheduler.sandbox import free_port


class Box:
    """What arrived; `answer` is what the server says to each message."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.answer = "250 OK"
        self.refused = ""

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address == self.refused:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            message = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            self.messages.append(message)
        return self.answer


@contextlib.contextmanager
def mail_server(**options: Any) -> Iterator[tuple[Box, MailSettings]]:
    box = Box()
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield box, settings(controller.port)
    finally:
        controller.stop()


def settings(port: int, **changes: Any) -> MailSettings:
    values: dict[str, Any] = {
        "host": "127.0.0.1", "port": port, "security": "none", "user": None, "password": None,
        "sender": "gzcrawl@zhangjiang.example", "recipients": ("clerk@zhangjiang.example",), "admin": None,
    }  # fmt: skip
    return MailSettings(**(values | changes))


def only(user: str, password: str) -> dict[str, Any]:
    """Controller options for a server that lets in just this user."""

    def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        right = (data.login, data.password) == (user.encode(), password.encode())
        return AuthResult(success=right, handled=right)  # unhandled: the server answers 535

    return {"authenticator": authenticate, "auth_require_tls": False, "auth_required": True}
