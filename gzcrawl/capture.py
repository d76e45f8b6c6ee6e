"""Captures: one answer of the web in a file, with its address, headers and time, without cookies.

The format is WARC 1.1 (ISO 28500) with a single `response` record, which web archive tools read too. The body is
stored decoded (no Content-Encoding), as the parsers see it.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from http.client import responses
from pathlib import Path
from typing import BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from gzcrawl.sources import Page

_PRIVATE = frozenset(("set-cookie", "set-cookie2", "cookie", "authorization", "proxy-authorization"))
_OF_THE_TRANSFER = frozenset(("content-encoding", "transfer-encoding", "content-length", "connection", "keep-alive"))
_MAGIC = b"WARC/"


class CaptureError(Exception):
    """A file that begins like a capture but cannot be read as one."""


def write_capture(path: Path, page: Page, at: datetime) -> None:
    """Write the answer fetched at `at` (aware)."""
    with path.open("wb") as out:
        write_record(out, page, at)


def headers_kept(page: Page) -> list[tuple[str, str]]:
    """The answer's headers without what is private or was the transfer's."""
    return [(k, _one_line(v)) for k, v in page.headers.items() if k not in _PRIVATE | _OF_THE_TRANSFER]


def write_record(out: BinaryIO, page: Page, at: datetime) -> None:
    """Append the answer fetched at `at` (aware) as a `response` record."""
    headers = [*headers_kept(page), ("content-length", str(len(page.body)))]
    status = f"{page.status} {responses.get(page.status, 'Unknown')}"
    writer = WARCWriter(out, gzip=False, warc_version="1.1")
    record = writer.create_warc_record(
        page.url,
        "response",
        payload=io.BytesIO(page.body),
        length=len(page.body),
        warc_headers_dict={"WARC-Date": warc_date(at)},
        http_headers=StatusAndHeaders(status, headers, protocol="HTTP/1.1"),
    )
    writer.write_record(record)


def warc_date(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read_capture(file: BinaryIO, largest: int) -> tuple[Page, datetime] | None:
    """(page, time of fetch) of the first response in a capture; None, at the same place, if the file is no capture.

    At most `largest` + 1 bytes of a body are read, so that a parser sees that it is too large.
    """
    if file.read(len(_MAGIC)) != _MAGIC:
        file.seek(0)
        return None
    file.seek(0)
    try:
        for record in ArchiveIterator(file):
            if record.rec_type == "response" and record.http_headers:
                url = record.rec_headers.get_header("WARC-Target-URI") or ""
                at = datetime.fromisoformat(record.rec_headers.get_header("WARC-Date")).astimezone(UTC)
                headers = {name.lower(): value for name, value in record.http_headers.headers}
                body = record.content_stream().read(largest + 1)
                return Page(url=url, body=body, status=int(record.http_headers.get_statuscode()), headers=headers), at
    except (ArchiveLoadFailed, ValueError, TypeError, EOFError, UnicodeError) as error:
        raise CaptureError(str(error)) from error
    raise CaptureError("no response record")


def _one_line(value: str) -> str:
    return " ".join(value.split())
