"""Credentials that departments grant for their accounts' official interfaces. Never in the registry, a log or a mail.

A TOML file named by `GZCRAWL_SECRETS`, readable by its owner only, with one table per account id:

    [wjw-wechat]
    appid = "wx…"
    secret = "…"

    [wjw-weibo]
    access_token = "…"

or, for a container, the variable `GZCRAWL_SECRET_WJW_WECHAT` with the same keys as `appid=…;secret=…`.
"""

from __future__ import annotations

import logging
import os
import re
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

ENV_FILE = "GZCRAWL_SECRETS"
ENV_PREFIX = "GZCRAWL_SECRET_"


class CredentialsError(RuntimeError):
    """The credentials cannot be read; the message says why and what to do, and holds none of them."""


def load() -> dict[str, dict[str, str]]:
    """Credentials by account id as the file has them; {} without a file. `CredentialsError` if others may read it."""
    named = os.environ.get(ENV_FILE)
    if not named:
        return {}
    path = Path(named)
    try:
        mode = path.stat().st_mode
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise CredentialsError(f"读不了密钥文件 {path}（{ENV_FILE}）：{error}") from error
    except tomllib.TOMLDecodeError as error:
        # Its message quotes nothing but a place.
        raise CredentialsError(f"密钥文件 {path} 不是有效的 TOML：{error}") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise CredentialsError(f"密钥文件 {path} 可被其他用户读取，请先执行 chmod 600 {path}")
    return {
        account: {name: str(value) for name, value in table.items()}
        for account, table in content.items()
        if isinstance(table, dict)
    }


def of(account_id: str, known: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    """The credentials of one account: from its environment variable, else from `known`; {} if there are none."""
    told = os.environ.get(ENV_PREFIX + re.sub(r"\W", "_", account_id).upper())
    if told:
        return dict(part.split("=", 1) for part in told.split(";") if "=" in part)
    return known.get(account_id, {})


class Redact:
    """Keeps secrets out of the log: Scrapy writes whole addresses, and WeChat wants its token in the address."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._make = logging.getLogRecordFactory()

    def install(self) -> None:
        """For the whole process, whichever handlers there are or come."""
        logging.setLogRecordFactory(self._record)

    def hide(self, secret: str) -> None:
        self._secrets |= {text for text in (secret, quote(secret, safe="")) if len(text) > 3}

    def clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text

    def _record(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record = self._make(*args, **kwargs)
        message = record.getMessage()
        if any(secret in message for secret in self._secrets):
            record.msg, record.args = self.clean(message), ()
        if record.exc_info and any(secret in str(record.exc_info[1]) for secret in self._secrets):
            record.exc_info = None
        return record
