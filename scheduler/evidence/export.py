"""One zip that explains an alert to somebody without our software: a page, the answers as files, and a WARC."""

from __future__ import annotations

import contextlib
import hashlib
import io
import mimetypes
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from http.client import responses
from pathlib import Path
from typing import Any

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from gzcrawl.capture import CaptureError, headers_kept, warc_date
from gzcrawl.evidence import EvidenceStore
from gzcrawl.items import SHANGHAI
from gzcrawl.sources import Page
from scheduler.evidence import pages
from scheduler.evidence.bundle import Answer, Bundle
from scheduler.evidence.personal import masked, masked_text
from scheduler.evidence.shown import Shown, there

CHANGES = {
    "opened": "发现", "reopened": "再次出现", "raised": "由提醒升级为违规", "worsened": "持续时间长，等级提高",
    "repeated": "再次通知", "escalated": "逾期未确认，上报", "settling": "看到已恢复，观察中", "returned": "观察中再次出现",
    "resolved": "已解决", "unobserved": "看不到最新情况", "observed": "重新看到", "acknowledged": "已确认处理",
    "waived": "豁免", "waiver_ended": "豁免到期", "muted": "静默", "unmuted": "静默结束", "notified": "已发出通知",
}  # fmt: skip
"""Chinese words for `Change`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The names a person reads."""

    department: str
    rule: str
    duty: str


@dataclass(frozen=True, slots=True)
class File:
    """One answer as it goes into the zip."""

    answer: Answer
    body: bytes | None  # None: no longer kept
    first: tuple[Page, datetime] | None  # the first answer with these bytes
    masked: bool
    name: str

    @property
    def is_picture(self) -> bool:
        return self.answer.media.startswith("image/") and self.body is not None


def export(bundle: Bundle, files: EvidenceStore, told: Told, now: datetime, *, whole: bool = False) -> bytes:
    """The zip. Personal data is masked, and said to be; `whole` leaves everything as it came."""
    members = [_file(answer, files, whole) for answer in bundle.answers]
    listing = {f"原文/{one.name}": one.body for one in members if one.body is not None}
    shots = {f"截图/{Path(name).name}": body for name in bundle.pictures if (body := files.picture(name))}
    shown = {f"所见/{Path(one.name).name}": one for one in there(files, bundle)}
    listing |= shots | {name: files.picture(one.name) or b"" for name, one in shown.items()}
    listing["证据.warc.gz"] = warc(members)
    listing["说明.html"] = page(bundle, members, list(shots), shown, told, now, whole=whole).encode()
    sums = "".join(f"{hashlib.sha256(data or b'').hexdigest()}  {name}\n" for name, data in sorted(listing.items()))
    listing["SHA256SUMS.txt"] = sums.encode()
    buffer = io.BytesIO()
    moment = now.astimezone(SHANGHAI).timetuple()[:6]
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in listing.items():
            info = zipfile.ZipInfo(name, moment)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data or b"")
    return buffer.getvalue()


def warc(members: list[File]) -> bytes:
    """ISO 28500: `response` for what is exact, `revisit` for the same bytes again, `conversion` for what is masked."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="1.1")
    info = {"software": "gzcrawl", "format": "WARC File Format 1.1", "description": "evidence of one alert"}
    writer.write_record(writer.create_warcinfo_record("证据.warc.gz", info))
    written: dict[str, str] = {}
    for one in members:
        if one.first is None or one.body is None:
            continue
        answer = one.answer
        headers = {"WARC-Date": warc_date(answer.at)}
        if one.masked:
            headers |= {"X-Original-SHA256": answer.sha256}
            record = writer.create_warc_record(
                answer.url, "conversion", payload=io.BytesIO(one.body), length=len(one.body),
                warc_content_type=answer.media or "application/octet-stream", warc_headers_dict=headers,
            )  # fmt: skip
        elif answer.sha256 not in written:
            before, at = one.first
            # What the server only confirmed (304) was sent earlier: that answer is the one with the bytes.
            url, date, http = (
                (before.url, warc_date(at), _http(before.status, headers_kept(before), answer.size))
                if answer.status == HTTPStatus.NOT_MODIFIED
                else (answer.url, headers["WARC-Date"], _http(answer.status, answer.headers, answer.size))
            )
            written[answer.sha256] = date
            record = writer.create_warc_record(
                url, "response", payload=io.BytesIO(one.body), length=len(one.body), http_headers=http,
                warc_headers_dict={"WARC-Date": date, "WARC-Payload-Digest": f"sha256:{answer.sha256}"},
            )  # fmt: skip
        else:
            record = writer.create_revisit_record(
                answer.url, f"sha256:{answer.sha256}", answer.url, written[answer.sha256],
                http_headers=_http(answer.status, answer.headers, answer.size), warc_headers_dict=headers,
            )  # fmt: skip
        writer.write_record(record)
    return out.getvalue()


def page(
    bundle: Bundle,
    members: list[File],
    shots: Sequence[str],
    shown: Mapping[str, Shown],
    told: Told,
    now: datetime,
    *,
    whole: bool,
) -> str:
    """The page a person reads first. It loads nothing but the pictures beside it."""
    context: dict[str, Any] = {
        "bundle": bundle,
        "told": told,
        "files": {one.answer.id: one for one in members},
        "shots": shots,
        "shown": shown,
        "pictures": [one for one in members if one.is_picture],
        "now": now,
        "whole": whole,
        "changes": CHANGES,
    }
    return pages.page("alert.html.j2", context, (lambda text: text) if whole else masked_text)


def _file(answer: Answer, files: EvidenceStore, whole: bool) -> File:
    first = None
    with contextlib.suppress(FileNotFoundError, CaptureError):
        first = files.first(answer.sha256)
    body = first[0].body if first else None
    hidden = body
    if body is not None and not whole and not answer.media.startswith(("image/", "video/", "audio/")):
        hidden = masked(body)
    return File(answer, hidden, first, hidden != body, _name(answer))


def _name(answer: Answer) -> str:
    """A harmless name: what is text opens as text, so that no page of theirs runs on the reader's machine."""
    channel = re.sub(r"[^A-Za-z0-9]+", "-", answer.channel)[:40].strip("-")
    picture = answer.media.startswith("image/") and answer.media != "image/svg+xml"
    extension = (mimetypes.guess_extension(answer.media) or ".bin") if picture else ".txt"
    return f"{answer.number:02}-{channel}{extension}"


def _http(status: int, headers: Sequence[tuple[str, str]], size: int) -> StatusAndHeaders:
    listed = [*headers, ("content-length", str(size))]
    return StatusAndHeaders(f"{status} {responses.get(status, 'Unknown')}", listed, protocol="HTTP/1.1")
