"""Mail settings, from environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Literal

Security = Literal["none", "starttls", "tls"]
PORTS: dict[Security, int] = {"none": 25, "starttls": 587, "tls": 465}


class MailSettingsError(ValueError):
    """A mail setting is missing or wrong; the message names the variable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    host: str
    port: int
    security: Security
    user: str | None
    password: str | None
    sender: str
    recipients: tuple[str, ...]
    admin: str | None


def mail_settings(environ: Mapping[str, str] = os.environ) -> MailSettings | None:
    """The settings, or None when no mail server is configured at all (the digest is then only written to disk)."""
    host = environ.get("GZCRAWL_SMTP_HOST", "").strip()
    if not host:
        return None
    security = environ.get("GZCRAWL_SMTP_SECURITY", "starttls")
    if security not in PORTS:
        raise MailSettingsError(f"GZCRAWL_SMTP_SECURITY={security!r} 不对，可用 none、starttls、tls")
    port = environ.get("GZCRAWL_SMTP_PORT") or str(PORTS[security])
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise MailSettingsError(f"GZCRAWL_SMTP_PORT={port!r} 不是端口号")
    recipients = tuple(filter(None, (part.strip() for part in environ.get("GZCRAWL_MAIL_TO", "").split(","))))
    if not recipients and not environ.get("GZCRAWL_RECIPIENTS"):
        raise MailSettingsError("没有收件人，请设置 GZCRAWL_MAIL_TO（多个用逗号隔开）")
    admin = environ.get("GZCRAWL_MAIL_ADMIN") or None
    sender = environ.get("GZCRAWL_MAIL_FROM") or environ.get("GZCRAWL_SMTP_USER") or ""
    for name, address in (
        ("GZCRAWL_MAIL_FROM", sender),
        *(("GZCRAWL_MAIL_TO", to) for to in recipients),
        *([("GZCRAWL_MAIL_ADMIN", admin)] if admin else []),
    ):
        if "@" not in parseaddr(address)[1] or "\n" in address or "\r" in address:
            raise MailSettingsError(f"{name}={address!r} 不是邮箱地址")
    return MailSettings(
        host=host,
        port=int(port),
        security=security,
        user=environ.get("GZCRAWL_SMTP_USER") or None,
        password=_password(environ),
        sender=sender,
        recipients=recipients,
        admin=admin,
    )


def _password(environ: Mapping[str, str]) -> str | None:
    file = environ.get("GZCRAWL_SMTP_PASSWORD_FILE")
    if not file:
        return environ.get("GZCRAWL_SMTP_PASSWORD") or None
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise MailSettingsError(f"读不了 GZCRAWL_SMTP_PASSWORD_FILE 指定的 {file}：{error.strerror}") from error
