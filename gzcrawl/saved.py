"""Pages a person saved: a capture, a browser's MHTML (单个文件), an answer with its headers (`curl -i`), any of them
gzipped, or just the page.
"""

from __future__ import annotations

import email
import email.policy
import io
import re
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from typing import BinaryIO

from gzcrawl.capture import read_capture
from gzcrawl.sources import Page

_STATUS_LINE = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})[^\r\n]{0,200}\r?\n")
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_MHTML = re.compile(
    rb"\A(?:[A-Za-z-]{1,40}:[^\n]{0,998}\n(?:[ \t][^\n]{0,998}\n){0,20}){0,30}?Content-Type:\s*multipart/related", re.I
)
_GZIP = b"\x1f\x8b"
_HEADERS = 100  # blocks of headers in front of a body: redirects that were followed


def read_saved(file: BinaryIO, largest: int) -> tuple[Page, datetime | None]:
    """The page, and when it was fetched if the file tells. `CaptureError` for a broken capture.

    At most `largest` + 1 bytes of a body are read, so that a parser sees that it is too large.
    """
    captured = read_capture(file, largest) if file.seekable() else None
    if captured:
        return captured
    data = _unzipped(file.read(largest + 1), largest)
    captured = read_capture(io.BytesIO(data), largest)
    return captured or _with_headers(data, largest) or _of_browser(data) or (Page(url="", body=data), None)


def _with_headers(data: bytes, largest: int) -> tuple[Page, datetime | None] | None:
    """Status line, headers, blank line, body; of several such blocks the last counts."""
    status, headers = 0, EmailMessage()
    for _block in range(_HEADERS):
        line = _STATUS_LINE.match(data)
        end = _BLANK_LINE.search(data, line.end() - 1) if line else None
        if not line or not end:
            break
        status = int(line[1])
        headers = email.message_from_bytes(data[line.end() : end.end()], _class=EmailMessage)
        data = data[end.end() :]
    if not status:
        return None
    told = {name.lower(): str(value) for name, value in headers.items()}
    return Page(url="", body=_unzipped(data, largest), status=status, headers=told), _date(told)


def _of_browser(data: bytes) -> tuple[Page, datetime | None] | None:
    """The first page in an MHTML file."""
    if not _MHTML.match(data):
        return None
    message = email.message_from_bytes(data, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() in ("text/html", "application/json", "text/plain"):
            body = part.get_payload(decode=True)
            url = str(part.get("content-location") or message.get("snapshot-content-location") or "")
            headers = {"content-type": str(part.get("content-type", ""))}
            date = _date({name.lower(): str(value) for name, value in message.items()})
            return Page(url=url, body=body if isinstance(body, bytes) else b"", headers=headers), date
    return None


def _unzipped(data: bytes, largest: int) -> bytes:
    """The content of gzip, up to the limit; what is no whole gzip stays as it is."""
    if not data.startswith(_GZIP):
        return data
    try:
        return zlib.decompressobj(wbits=31).decompress(data, largest + 1) or data
    except zlib.error:
        return data


def _date(headers: Mapping[str, str]) -> datetime | None:
    try:
        at = parsedate_to_datetime(headers.get("date", ""))
    except (TypeError, ValueError):
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
